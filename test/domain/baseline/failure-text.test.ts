import { describe, expect, it } from 'vitest';
import { unreachedIn } from '../../../src/domain/baseline/failure-text.ts';

describe('unreachedIn', () => {
  it.each([
    {
      name: 'takes the address that was dialled',
      line: 'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.7:8080: connect: connection refused"',
      place: { host: '10.0.0.7', port: 8080, manner: 'refused' },
    },
    {
      name: 'takes nobody who asks for a place',
      line: 'upstream refused https://0123456789abcdef0123456789abcdef@stock/7: connection refused',
      place: { host: 'stock', port: null, manner: 'refused' },
    },
    {
      name: 'takes the name looked up and not the name server',
      line: 'dial tcp: lookup stock on 10.0.0.2:53: no such host',
      place: { host: 'stock', port: null, manner: 'unresolved' },
    },
    {
      name: 'takes the innermost place',
      line: 'GET http://edge:80/a failed: connect to cellar:6379 timed out',
      place: { host: 'cellar', port: 6379, manner: 'timeout' },
    },
    {
      name: 'takes the host of a URL',
      line: 'I/O error on GET request for "http://stock-api:8080/level": Read timed out',
      place: { host: 'stock-api', port: 8080, manner: 'timeout' },
    },
    {
      name: 'takes a place with a slash after the port',
      line: 'UnableToConnect on cellar:6379/Interactive, last: NONE',
      place: { host: 'cellar', port: 6379, manner: 'refused' },
    },
    {
      name: 'takes host and port as urllib3 writes them',
      line: "HTTPConnectionPool(host='cellar', port=8081): Max retries exceeded: [Errno 111] Connection refused",
      place: { host: 'cellar', port: 8081, manner: 'refused' },
    },
    {
      name: 'takes a name that urllib3 could not resolve',
      line: "HTTPConnectionPool(host='cellarx', port=8081): Max retries exceeded: [Errno -2] Name or service not known",
      place: { host: 'cellarx', port: 8081, manner: 'unresolved' },
    },
    {
      name: 'takes an address as Java prints it',
      line: 'java.net.ConnectException: Connection refused: /10.1.2.3:9161',
      place: { host: '10.1.2.3', port: 9161, manner: 'refused' },
    },
    {
      name: 'takes the name before an address as Java prints it',
      line: 'java.net.ConnectException: Connection refused: cellar-db/10.1.2.3:3306',
      place: { host: 'cellar-db', port: 3306, manner: 'refused' },
    },
    {
      name: 'takes the server libpq could not reach',
      line: 'connection to server at "cellar-db" (10.1.2.3), port 5432 failed: Connection refused',
      place: { host: 'cellar-db', port: 5432, manner: 'refused' },
    },
    { name: 'names nobody where the line does not', line: 'request timed out', place: { host: '', port: null, manner: 'timeout' } },
    {
      name: 'takes no documentation link and no time of day for a place',
      line: '12:30:45 connection refused, see https://docs.example.com/errors',
      place: { host: '', port: null, manner: 'refused' },
    },
  ])('$name', ({ line, place }) => expect(unreachedIn(line)).toMatchObject(place));

  it('says nothing of lines that tell of no failure to reach', () => expect(unreachedIn('order 10.0.0.7:8080 stored')).toBeNull());
  it('marks what is only quoted', () =>
    expect(unreachedIn('rpc error: code = Internal desc = cellar:6379 connection refused')?.relayed).toBe(true));
});
