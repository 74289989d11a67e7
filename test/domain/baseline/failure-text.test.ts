import { describe, expect, it } from 'vitest';
import { cutShort, isHungUp, unreachedIn } from '../../../src/domain/baseline/failure-text.ts';

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
      name: 'takes a place that did not answer as .NET says it on Windows',
      line: 'System.Net.Http.HttpRequestException: A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond. (10.1.2.3:5030)\n   at System.Net.Http.HttpConnectionPool.ConnectToTcpHostAsync(String host, Int32 port)',
      place: { host: '10.1.2.3', port: 5030, manner: 'timeout' },
    },
    {
      name: 'takes a place that refused as .NET says it on Windows',
      line: 'System.Net.Sockets.SocketException (10061): No connection could be made because the target machine actively refused it. (stock:5030)',
      place: { host: 'stock', port: 5030, manner: 'refused' },
    },
    {
      name: 'takes the host of a URL and not the line of a program further down',
      line: 'ResourceAccessException: I/O error on GET request for "http://10.1.2.3:9081": java.net.ConnectException: Connection refused\n\tat org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:915)\nCaused by: java.net.ConnectException: Connection refused',
      place: { host: '10.1.2.3', port: 9081, manner: 'refused' },
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
    {
      name: 'takes the server libpq could not reach where it tells no address, or one of IPv6',
      line: 'connection to server at "cellar-db" (fd00::7), port 5432 failed: Connection refused',
      place: { host: 'cellar-db', port: 5432, manner: 'refused' },
    },
    {
      name: 'takes a place that ends a sentence',
      line: 'Error 111 connecting to cellar:6379. Connection refused.',
      place: { host: 'cellar', port: 6379, manner: 'refused' },
    },
    {
      name: 'takes an end point as .NET prints it',
      line: 'A timeout occurred selecting a server. EndPoint: "Unspecified/cellar:27017", State: "Disconnected"',
      place: { host: 'cellar', port: 27017, manner: 'timeout' },
    },
    {
      name: 'takes an address that Netty has not resolved',
      line: 'RedisConnectionException: Unable to connect to cellar/<unresolved>:6379',
      place: { host: 'cellar', port: 6379, manner: 'refused' },
    },
    {
      name: 'takes host and port as curl writes them',
      line: "cURL error 7: Failed to connect to cellar port 8080 after 2 ms: Couldn't connect to server (see https://curl.haxx.se/c.html)",
      place: { host: 'cellar', port: 8080, manner: 'unavailable' },
    },
    {
      name: 'takes a name that curl could not resolve',
      line: 'cURL error 6: Could not resolve host: cellarx for http://cellarx:8080/level',
      place: { host: 'cellarx', port: null, manner: 'unresolved' },
    },
    {
      name: 'takes whom the proxy of a mesh sent a request to',
      line: '"GET /level HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure,delayed_connect_error:_111} "10.1.2.3:8080" outbound|8080||cellar.shop.svc.cluster.local -',
      place: { host: 'cellar.shop.svc.cluster.local', port: 8080, manner: 'unavailable' },
    },
    {
      name: 'reads a certificate that is not trusted',
      line: 'Get "https://cellar:8443/level": tls: failed to verify certificate: x509: certificate has expired',
      place: { host: 'cellar', port: 8443, manner: 'untrusted' },
    },
    {
      name: 'reads an account that is not let in',
      line: 'failed to connect to `host=cellar-db user=shop database=orders`: FATAL: password authentication failed for user "shop"',
      place: { host: 'cellar-db', port: null, manner: 'denied' },
    },
    {
      name: 'takes whom a logger says that its client asked',
      line: 'ERROR gateway::proxy: upstream request failed upstream=cellar path=/7 error=Error(Connect, Os { code: 111, kind: ConnectionRefused })',
      place: { host: 'cellar', port: null, manner: 'refused', isLabel: true },
    },
    {
      name: 'takes a place rather than such a name',
      line: 'request failed target=cellar: dial tcp 10.0.0.7:80: connection refused',
      place: { host: '10.0.0.7', port: 80, manner: 'refused' },
    },
    {
      name: 'reads a variable that Ruby was not given',
      line: 'ERROR -- : KeyError: key not found: "SMTP_HOST" (/app/lib/post.rb:17:in `fetch\')',
      place: { host: '', port: null, manner: 'unset' },
    },
    {
      name: 'reads a variable that PHP was not given',
      line: 'Uncaught Exception EnvNotFoundException: "Environment variable not found: "PAY_KEY"."',
      place: { host: '', port: null, manner: 'unset' },
    },
    {
      name: 'reads a placeholder that Spring cannot fill',
      line: "IllegalArgumentException: Could not resolve placeholder 'pay.url'",
      place: { host: '', port: null, manner: 'unset' },
    },
    {
      name: 'reads a file of settings that is not there',
      line: 'open /etc/cellar/rules.yaml: no such file or directory',
      place: { host: '', port: null, manner: 'unset' },
    },
    {
      name: 'reads a secret that is not there',
      line: 'Error: secret "pay-key" not found',
      place: { host: '', port: null, manner: 'unset' },
    },
    {
      name: 'takes the place that Erlang and Elixir write as a tuple',
      line: '** (RuntimeError) producer down: {:connect_error, {:econnrefused, "cellar-mq", 9092}}',
      place: { host: 'cellar-mq', port: 9092, manner: 'refused' },
    },
    {
      name: 'takes the place that Python writes as a tuple',
      line: "ConnectionRefusedError: [Errno 111] Connect call failed ('10.0.0.9', 5432)",
      place: { host: '10.0.0.9', port: 5432, manner: 'refused' },
    },
    {
      name: 'takes no parameters of a statement and no arguments of an error for a place',
      line: "canceling statement due to statement timeout [parameters: ('pending', 100)]: ApiError('Timeout', 504)",
      place: { host: '', port: null, manner: 'timeout' },
    },
    {
      name: 'takes no list of words and numbers for a place',
      line: 'batch ["red", 12, "white", 40] timed out',
      place: { host: '', port: null, manner: 'timeout' },
    },
    { name: 'names nobody where the line does not', line: 'request timed out', place: { host: '', port: null, manner: 'timeout' } },
    {
      name: 'takes no documentation link and no time of day for a place',
      line: '12:30:45 connection refused, see https://docs.example.com/errors',
      place: { host: '', port: null, manner: 'refused' },
    },
  ])('$name', ({ line, place }) => expect(unreachedIn(line)).toMatchObject(place));

  it('says nothing of lines that tell of no failure to reach', () => expect(unreachedIn('order 10.0.0.7:8080 stored')).toBeNull());
  it.each([
    'Failed to export spans. The request could not be executed. Full error message: otel-collector: Name or service not known',
    'Transient error StatusCode.UNAVAILABLE encountered while exporting traces to otel-collector:4317, retrying in 1s.',
    'OTLPExporterError: connect ECONNREFUSED 10.0.9.9:4318',
    'Post "http://collector.monitoring/v1/traces": dial tcp: lookup collector.monitoring: no such host',
    'failed to flush spans to zipkin-sender exporter: connection refused',
    'traces export: context deadline exceeded: rpc error: code = Unavailable desc = connection error: dial tcp 10.0.9.9:4317: connect: connection refused',
  ])('says nothing of telemetry that could not be sent: %s', (line) => expect(unreachedIn(line)).toBeNull());
  it.each([
    'failed to export invoice 7: dial tcp cellar:5432: connection refused',
    'report exporter: cellar:5432 connection refused',
    'POST http://cellar:5432/v1/logs: connection refused',
  ])('still reads of an application that exports: %s', (line) => expect(unreachedIn(line)).toMatchObject({ host: 'cellar', port: 5432 }));
  it.each([
    'user not found',
    'property 7 sold',
    "KeyError: 'name'",
    "KeyError: 'user_id'",
    'validation failed: property "quantity" is required',
    'missing settings for user 12',
    'connect ECONNREFUSED cart:8080 (undefined configuration, using the default)',
    'card refused: missing funds',
    'property listing not found',
    'open /data/7.jpg: no such file or directory',
    'the relation of price and weight does not exist in this plan',
  ])('takes no other lack for a setting: %s', (line) => expect(['unset', 'unmigrated']).not.toContain(unreachedIn(line)?.manner));
  it.each([
    'PG::UndefinedTable: ERROR:  relation "shelf" does not exist',
    'sqlite3.OperationalError: no such column: weight',
    "(1146, \"Table 'cellar.shelf' doesn't exist\")",
    "Unknown column 'o.weight' in 'field list'",
    "SqlException: Invalid object name 'dbo.Shelf'.",
    'ORA-00942: table or view does not exist',
  ])('reads that a database has no such table or column: %s', (line) =>
    expect(unreachedIn(line)).toMatchObject({ host: '', manner: 'unmigrated' }),
  );
  it('says nothing of what a database tells of a query itself', () =>
    expect(unreachedIn('2026-01-01 UTC [7] ERROR:  relation "shelf" does not exist at character 15')).toBeNull());
  it('marks what is only quoted', () =>
    expect(unreachedIn('rpc error: code = Internal desc = cellar:6379 connection refused')?.relayed).toBe(true));
});

describe('isHungUp', () => {
  it.each([
    'read tcp 10.0.0.7:41022->10.0.0.9:3306: read: connection reset by peer',
    'CommunicationsException: Communications link failure',
    'RST_STREAM: reset by peer',
    'read ECONNRESET',
    'java.io.IOException: Broken pipe',
    'write EPIPE',
    'MySQL server has gone away',
    'Error: socket hang up',
    'server closed the connection unexpectedly',
    'unexpected EOF',
    'The connection was lost',
    'connect timeout to cellar:11211',
    'connection attempt timed out',
    'could not connect to server',
    'Unable to connect to cellar:6379',
    'connection failed',
  ])('is true of a connection that was lost or never came about: %s', (line) => expect(isHungUp(line)).toBe(true));

  it.each([
    'HikariPool-1 - Connection is not available, request timed out after 30000ms',
    'ConnectionPoolTimeoutException: Timeout waiting for connection from pool',
    'connection pool: connection timed out',
    'could not acquire a connection: connection timeout',
    'failed to check out a connection: connection timed out',
    'syntax error at or near "FORM"',
    'deadlock detected',
    'Read timed out',
    'connection opened',
    '',
  ])('is false of what was asked, and of who waited for his own: %s', (line) => expect(isHungUp(line)).toBe(false));
});

describe('cutShort', () => {
  it.each([
    'SyntaxError: Unexpected end of JSON input',
    'json: unexpected EOF',
    'com.fasterxml.jackson.core.io.JsonEOFException: Unexpected end-of-input: expected close marker',
    'json.decoder.JSONDecodeError: Unterminated string starting at: line 1 column 90',
    'http.client.IncompleteRead: IncompleteRead(512 bytes read, 300 more expected)',
    'org.apache.http.ConnectionClosedException: Premature end of Content-Length delimited message body',
    'The response ended prematurely.',
    'EOF while parsing a value at line 1 column 0',
  ])('is true of what ends before it should: %s', (line) => expect(cutShort.test(line)).toBe(true));

  it.each([
    "SyntaxError: Unexpected token '<' in JSON at position 0",
    'Unrecognized field "price" (class Offer)',
    'Cannot deserialize value of type `int` from String "many"',
    'unexpected end of file in /var/lib/rates.gz',
    'end of file reached, 300 rows imported',
    'the response was truncated to 20 items',
    'gzip: unexpected EOF reading /var/cache/tariff.gz',
    'pq: unexpected EOF',
    'SyntaxError: unterminated string literal (detected at line 3)',
  ])('is false of what is written otherwise: %s', (line) => expect(cutShort.test(line)).toBe(false));
});
