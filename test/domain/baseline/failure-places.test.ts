/** Places in the words of clients that write them in ways of their own. */
import { describe, expect, it } from 'vitest';
import { unreachedIn } from '../../../src/domain/baseline/failure-text.ts';

describe('a line on a failed call', () => {
  it.each([
    {
      name: "takes the address as gRPC's C core writes it, and not the field behind it",
      line: 'debug_error_string = "UNKNOWN:failed to connect to all addresses; last error: UNKNOWN: ipv4:10.1.2.3:5030: Failed to connect to remote host: connect: Connection refused (111) {grpc_status:14, created_time:"2026-01-09T13:02:43+00:00"}"',
      place: { host: '10.1.2.3', port: 5030, manner: 'refused' },
    },
    {
      name: "takes the name that gRPC's C core could not resolve",
      line: 'DNS resolution failed for cellarx:5030: C-ares status is not ARES_SUCCESS qtype=A name=cellarx is_balancer=0: Domain name not found',
      place: { host: 'cellarx', port: null, manner: 'unresolved' },
    },
    {
      name: 'takes the name that a look-up was for',
      line: 'Error trying to connect to route (attempt 2): lookup for host "cellar-1.cellar": lookup cellar-1.cellar on 10.0.0.2:53: no such host',
      place: { host: 'cellar-1.cellar', port: null, manner: 'unresolved' },
    },
    {
      name: 'takes the name that a client of gRPC in Java could not resolve',
      line: 'io.grpc.StatusRuntimeException: UNAVAILABLE: Unable to resolve host cellarx',
      place: { host: 'cellarx', port: null, manner: 'unresolved' },
    },
    {
      name: 'takes the name that a client of gRPC in Node could not resolve',
      line: '14 UNAVAILABLE: Name resolution failed for target dns:cellarx:7070',
      place: { host: 'cellarx', port: null, manner: 'unresolved' },
    },
    {
      name: 'takes the name that nginx could not find',
      line: 'nginx: [emerg] host not found in upstream "cellarx" in /etc/nginx/conf.d/default.conf:12',
      place: { host: 'cellarx', port: null, manner: 'unresolved' },
    },
    {
      name: 'takes the service that a balancer has no servers for',
      line: 'java.lang.IllegalStateException: No servers available for service: cellar',
      place: { host: 'cellar', port: null, manner: 'unavailable' },
    },
    {
      name: 'takes the broker that a producer could not connect to',
      line: '[Producer clientId=p-1] Connection to node -1 (cellar/10.1.2.3:9092) could not be established. Broker may not be available.',
      place: { host: 'cellar', port: 9092, manner: 'unavailable' },
    },
    {
      name: 'takes host and port as libpq wrote them',
      line: 'could not connect to server: Connection refused Is the server running on host "cellar" (10.1.2.3) and accepting TCP/IP connections on port 5432?',
      place: { host: 'cellar', port: 5432, manner: 'refused' },
    },
    {
      name: 'takes the host of a URL where Rust only says that a look-up failed',
      line: 'error sending request for url (http://cellarx:8080/x): error trying to connect: dns error: failed to lookup address information: Name or service not known',
      place: { host: 'cellarx', port: 8080, manner: 'unresolved' },
    },
    {
      name: 'takes the name that .NET could not resolve',
      line: `Status(StatusCode="Unavailable", Detail="Error getting DNS hosts for address 'cellarx'.", DebugException="Name or service not known")`,
      place: { host: 'cellarx', port: null, manner: 'unresolved' },
    },
    {
      name: "takes the server that a client of MySQL can't connect to",
      line: "Mysql2::Error::ConnectionError - Can't connect to server on 'cellar' (110):",
      place: { host: 'cellar', port: null, manner: 'unavailable' },
    },
    {
      name: 'takes its port where it is told',
      line: "(2003, \"Can't connect to MySQL server on 'cellar:3307' (timed out)\")",
      place: { host: 'cellar', port: 3307, manner: 'timeout' },
    },
    {
      name: 'takes the name at the front of what is unreachable',
      line: 'connect: cart unreachable',
      place: { host: 'cart', port: null, isLabel: true },
    },
    {
      name: 'takes a service by the name of a field on a port of services',
      line: 'dial tcp status:8080: connect: connection refused',
      place: { host: 'status', port: 8080, manner: 'refused' },
    },
  ])('$name', ({ line, place }) => expect(unreachedIn(line)).toMatchObject(place));

  it.each([
    ['a field and its number', 'upstream refused the connection {grpc_status:14, errno:111}'],
    ['what is called a host', 'Unable to resolve host name for metrics push: timed out'],
    ['the last word of what is unreachable', 'Message broker unreachable: timed out'],
    ['what somebody looks up', 'user lookup failed: request timed out'],
    ['another that something went wrong with', 'smtp connection to mx1.example.com failed: greylisted'],
  ])('names nobody by %s', (_, line) => expect(unreachedIn(line)?.host ?? '').toBe(''));
});
