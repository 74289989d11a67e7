/** How a call that failed reads in the libraries of each language: written from knowledge of the libraries, without a look at the rules. */
import type { Random } from '../random.ts';

export type Via = 'http' | 'grpc' | 'sql' | 'redis' | 'mongo' | 'amqp' | 'kafka';
export type Failing = 'refused' | 'timeout' | 'dns' | 'tls' | 'reset' | 'login' | 'answered';
export type Language = 'go' | 'java' | 'python' | 'dotnet' | 'node' | 'rust' | 'php' | 'ruby';

/** What a caller knows of the place it calls. */
export interface Place {
  /** As its settings spell it. */
  readonly host: string;
  readonly ip: string;
  readonly port: number;
  readonly path: string;
  /** The account it uses there. */
  readonly user: string;
  /** What a database of it is called. */
  readonly database: string;
}

type Words = (place: Place, via: Via, random: Random) => string;

const url = ({ host, port, path }: Place) => `http://${host}:${port}${path}`;
const dnsServer = '10.96.0.10:53';

const go: Record<Failing, Words> = {
  refused: (p, via) => {
    const dial = `dial tcp ${p.ip}:${p.port}: connect: connection refused`;
    if (via === 'grpc') return `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ${dial}"`;
    if (via === 'http') return `Get "${url(p)}": ${dial}`;
    if (via === 'sql') return `failed to connect to \`host=${p.host} user=${p.user} database=${p.database}\`: dial error (${dial})`;
    if (via === 'amqp' || via === 'redis') return dial;
    if (via === 'kafka') return `kafka: client has run out of available brokers to talk to: ${dial}`;
    return `server selection error: server selection timeout, current topology: { Type: Unknown, Servers: [{ Addr: ${p.host}:${p.port}, Type: Unknown, Last error: ${dial} }, ] }`;
  },
  timeout: (p, via) => {
    if (via === 'grpc')
      return 'rpc error: code = DeadlineExceeded desc = context deadline exceeded while waiting for connections to become ready';
    if (via === 'http') return `Get "${url(p)}": dial tcp ${p.ip}:${p.port}: i/o timeout`;
    return `dial tcp ${p.ip}:${p.port}: i/o timeout`;
  },
  dns: (p, via) => {
    const lookup = `lookup ${p.host} on ${dnsServer}: no such host`;
    if (via === 'grpc') return `rpc error: code = Unavailable desc = name resolver error: produced zero addresses`;
    if (via === 'http') return `Get "${url(p)}": dial tcp: ${lookup}`;
    return `dial tcp: ${lookup}`;
  },
  tls: (p, via) =>
    via === 'grpc'
      ? `rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate has expired or is not yet valid"`
      : `Get "https://${p.host}:${p.port}${p.path}": tls: failed to verify certificate: x509: certificate is valid for localhost, not ${p.host}`,
  reset: (p) => `read tcp 10.42.1.17:48122->${p.ip}:${p.port}: read: connection reset by peer`,
  login: (p) =>
    `failed to connect to \`host=${p.host} user=${p.user} database=${p.database}\`: server error (FATAL: password authentication failed for user "${p.user}" (SQLSTATE 28P01))`,
  answered: (p, via) => (via === 'grpc' ? 'rpc error: code = Internal desc = upstream failure' : `unexpected status 500 from ${url(p)}`),
};

const java: Record<Failing, Words> = {
  refused: (p, via) => {
    if (via === 'grpc')
      return `io.grpc.StatusRuntimeException: UNAVAILABLE: io exception; Caused by: io.grpc.netty.shaded.io.netty.channel.AbstractChannel$AnnotatedConnectException: finishConnect(..) failed: Connection refused: ${p.host}/${p.ip}:${p.port}`;
    if (via === 'http')
      return `org.springframework.web.client.ResourceAccessException: I/O error on GET request for "${url(p)}": Connection refused`;
    if (via === 'sql')
      return `org.postgresql.util.PSQLException: Connection to ${p.host}:${p.port} refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.`;
    if (via === 'redis') return `io.lettuce.core.RedisConnectionException: Unable to connect to ${p.host}/<unresolved>:${p.port}`;
    if (via === 'kafka')
      return `[Producer clientId=producer-1] Connection to node -1 (${p.host}/${p.ip}:${p.port}) could not be established. Node may not be available.`;
    if (via === 'amqp') return 'org.springframework.amqp.AmqpConnectException: java.net.ConnectException: Connection refused';
    return `com.mongodb.MongoSocketOpenException: Exception opening socket {address=${p.host}:${p.port}}, caused by {java.net.ConnectException: Connection refused}`;
  },
  timeout: (p, via) => {
    if (via === 'grpc')
      return 'io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: deadline exceeded after 2.999s. [closed=[], open=[[buffered_nanos=3002187450, waiting_for_connection]]]';
    if (via === 'http') return `feign.RetryableException: connect timed out executing GET ${url(p)}`;
    return `java.net.SocketTimeoutException: connect timed out to ${p.host}:${p.port}`;
  },
  dns: (p, via) =>
    via === 'http'
      ? `I/O error on GET request for "${url(p)}": ${p.host}; nested exception is java.net.UnknownHostException: ${p.host}`
      : `java.net.UnknownHostException: ${p.host}: Name or service not known`,
  tls: (p) =>
    `org.springframework.web.client.ResourceAccessException: I/O error on GET request for "https://${p.host}:${p.port}${p.path}": PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed`,
  reset: (p) => `java.net.SocketException: Connection reset while calling ${url(p)}`,
  login: (p) => `org.postgresql.util.PSQLException: FATAL: password authentication failed for user "${p.user}"`,
  answered: (p, via) =>
    via === 'grpc'
      ? 'io.grpc.StatusRuntimeException: INTERNAL'
      : `feign.FeignException$InternalServerError: [500 Internal Server Error] during [GET] to [${url(p)}]`,
};

const python: Record<Failing, Words> = {
  refused: (p, via, random) => {
    if (via === 'grpc')
      return `grpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated with: status = StatusCode.UNAVAILABLE details = "failed to connect to all addresses; last error: UNKNOWN: ipv4:${p.ip}:${p.port}: Failed to connect to remote host: connect: Connection refused (111)">`;
    if (via === 'http')
      return random.chance(0.6)
        ? `HTTPConnectionPool(host='${p.host}', port=${p.port}): Max retries exceeded with url: ${p.path} (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f${random.hex(10)}>: Failed to establish a new connection: [Errno 111] Connection refused'))`
        : `Cannot connect to host ${p.host}:${p.port} ssl:default [Connect call failed ('${p.ip}', ${p.port})]`;
    if (via === 'sql')
      return `connection to server at "${p.host}" (${p.ip}), port ${p.port} failed: Connection refused Is the server running on that host and accepting TCP/IP connections?`;
    if (via === 'redis') return `Error 111 connecting to ${p.host}:${p.port}. Connection refused.`;
    if (via === 'amqp') return `consumer: Cannot connect to amqp://${p.user}:**@${p.host}:${p.port}//: [Errno 111] Connection refused.`;
    if (via === 'kafka')
      return `%3|1700000000.1|FAIL|rdkafka#producer-1| [thrd:${p.host}:${p.port}/bootstrap]: ${p.host}:${p.port}/bootstrap: Connect to ipv4#${p.ip}:${p.port} failed: Connection refused (after 0ms in state CONNECT)`;
    return `${p.host}:${p.port}: [Errno 111] Connection refused (configured timeouts: socketTimeoutMS: 20000.0ms, connectTimeoutMS: 20000.0ms)`;
  },
  timeout: (p, via) => {
    if (via === 'grpc')
      return '<AioRpcError of RPC that terminated with: status = StatusCode.DEADLINE_EXCEEDED details = "Deadline Exceeded">';
    if (via === 'http')
      return `HTTPConnectionPool(host='${p.host}', port=${p.port}): Max retries exceeded with url: ${p.path} (Caused by ConnectTimeoutError(<urllib3.connection.HTTPConnection object at 0x7f12aa>, 'Connection to ${p.host} timed out. (connect timeout=3)'))`;
    if (via === 'sql') return `connection to server at "${p.host}" (${p.ip}), port ${p.port} failed: Connection timed out`;
    return `Timeout connecting to server ${p.host}:${p.port}`;
  },
  dns: (p, via) => {
    if (via === 'sql') return `could not translate host name "${p.host}" to address: Name or service not known`;
    if (via === 'http')
      return `HTTPConnectionPool(host='${p.host}', port=${p.port}): Max retries exceeded with url: ${p.path} (Caused by NameResolutionError("<urllib3.connection.HTTPConnection object at 0x7f12aa>: Failed to resolve '${p.host}' ([Errno -2] Name or service not known)"))`;
    if (via === 'grpc')
      return `status = StatusCode.UNAVAILABLE details = "DNS resolution failed for ${p.host}:${p.port}: C-ares status is not ARES_SUCCESS qtype=A name=${p.host} is_balancer=0: Domain name not found"`;
    return `Error -2 connecting to ${p.host}:${p.port}. Name or service not known.`;
  },
  tls: (p) =>
    `HTTPSConnectionPool(host='${p.host}', port=${p.port}): Max retries exceeded with url: ${p.path} (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1007)')))`,
  reset: (p) => `('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer')) for ${url(p)}`,
  login: (p) =>
    `connection to server at "${p.host}" (${p.ip}), port ${p.port} failed: FATAL:  password authentication failed for user "${p.user}"`,
  answered: (p) => `500 Server Error: Internal Server Error for url: ${url(p)}`,
};

const dotnet: Record<Failing, Words> = {
  refused: (p, via) => {
    if (via === 'grpc')
      return `Grpc.Core.RpcException: Status(StatusCode="Unavailable", Detail="Error connecting to subchannel.", DebugException="System.Net.Sockets.SocketException: Connection refused ${p.host}:${p.port}")`;
    if (via === 'http') return `System.Net.Http.HttpRequestException: Connection refused (${p.host}:${p.port})`;
    if (via === 'sql') return `Npgsql.NpgsqlException (0x80004005): Failed to connect to ${p.ip}:${p.port}`;
    if (via === 'redis')
      return `StackExchange.Redis.RedisConnectionException: It was not possible to connect to the redis server(s). UnableToConnect on ${p.host}:${p.port}/Interactive, Initializing/NotStarted`;
    if (via === 'amqp') return 'RabbitMQ.Client.Exceptions.BrokerUnreachableException: None of the specified endpoints were reachable';
    if (via === 'kafka')
      return `${p.host}:${p.port}/bootstrap: Connect to ipv4#${p.ip}:${p.port} failed: Connection refused (after 1ms in state CONNECT)`;
    return `System.TimeoutException: A timeout occurred after 30000ms selecting a server. EndPoint: "Unspecified/${p.host}:${p.port}", State: "Disconnected"`;
  },
  timeout: (p, via) =>
    via === 'http'
      ? `System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 5 seconds elapsing. GET ${url(p)}`
      : via === 'grpc'
        ? 'Status(StatusCode="DeadlineExceeded", Detail="")'
        : `System.TimeoutException: Timeout during connection attempt to ${p.host}:${p.port}`,
  dns: (p) => `System.Net.Http.HttpRequestException: Name or service not known (${p.host}:${p.port})`,
  tls: (p) =>
    `System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception. (${p.host}:${p.port}) System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: NotTimeValid`,
  reset: (p) => `System.IO.IOException: Unable to read data from the transport connection: Connection reset by peer. ${url(p)}`,
  login: (p) => `Npgsql.PostgresException (0x80004005): 28P01: password authentication failed for user "${p.user}"`,
  answered: (p) =>
    `System.Net.Http.HttpRequestException: Response status code does not indicate success: 500 (Internal Server Error). ${url(p)}`,
};

const node: Record<Failing, Words> = {
  refused: (p, via) => {
    if (via === 'grpc')
      return `14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED ${p.ip}:${p.port}. Resolution note: `;
    if (via === 'mongo') return `MongoServerSelectionError: connect ECONNREFUSED ${p.ip}:${p.port}`;
    return `connect ECONNREFUSED ${p.ip}:${p.port}`;
  },
  timeout: (p, via) =>
    via === 'grpc'
      ? '4 DEADLINE_EXCEEDED: Deadline exceeded after 3.001s,waiting for LB pick'
      : via === 'http'
        ? `AxiosError: timeout of 3000ms exceeded ${url(p)}`
        : `connect ETIMEDOUT ${p.ip}:${p.port}`,
  dns: (p) => `getaddrinfo ENOTFOUND ${p.host}`,
  tls: (p) => `request to https://${p.host}:${p.port}${p.path} failed, reason: certificate has expired`,
  reset: (p) => `socket hang up ECONNRESET ${url(p)}`,
  login: (p) => `password authentication failed for user "${p.user}"`,
  answered: (p, via) => (via === 'grpc' ? '13 INTERNAL: upstream failure' : `Request failed with status code 500 ${url(p)}`),
};

const rust: Record<Failing, Words> = {
  refused: (p, via) =>
    via === 'http'
      ? `error sending request for url (${url(p)}): error trying to connect: tcp connect error: Connection refused (os error 111)`
      : via === 'grpc'
        ? `status: Unavailable, message: "error trying to connect: tcp connect error: Connection refused (os error 111)", uri: http://${p.host}:${p.port}`
        : via === 'redis'
          ? `Connection refused (os error 111) ${p.host}:${p.port}`
          : 'error communicating with database: Connection refused (os error 111)',
  timeout: (p) => `error sending request for url (${url(p)}): operation timed out`,
  dns: (p) =>
    `error sending request for url (${url(p)}): error trying to connect: dns error: failed to lookup address information: Name or service not known`,
  tls: (p) =>
    `error sending request for url (https://${p.host}:${p.port}${p.path}): error trying to connect: invalid peer certificate: Expired`,
  reset: (p) => `error sending request for url (${url(p)}): connection closed before message completed`,
  login: (p) => `error returned from database: password authentication failed for user "${p.user}"`,
  answered: (p) => `HTTP status server error (500 Internal Server Error) for url (${url(p)})`,
};

const php: Record<Failing, Words> = {
  refused: (p, via) =>
    via === 'http' || via === 'grpc'
      ? `GuzzleHttp\\Exception\\ConnectException: cURL error 7: Failed to connect to ${p.host} port ${p.port} after 2 ms: Couldn't connect to server (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for ${url(p)}`
      : via === 'redis'
        ? `RedisException: Connection refused [tcp://${p.host}:${p.port}]`
        : via === 'amqp'
          ? `PhpAmqpLib\\Exception\\AMQPIOException: stream_socket_client(): Unable to connect to tcp://${p.host}:${p.port} (Connection refused)`
          : 'SQLSTATE[HY000] [2002] Connection refused',
  timeout: (p, via) =>
    via === 'sql'
      ? 'SQLSTATE[HY000] [2002] Connection timed out'
      : `cURL error 28: Failed to connect to ${p.host} port ${p.port} after 5001 ms: Timeout was reached for ${url(p)}`,
  dns: (p, via) =>
    via === 'sql'
      ? `SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo for ${p.host} failed: Name or service not known`
      : `cURL error 6: Could not resolve host: ${p.host} for ${url(p)}`,
  tls: (p) => `cURL error 60: SSL certificate problem: certificate has expired for https://${p.host}:${p.port}${p.path}`,
  reset: (p) => `cURL error 56: Recv failure: Connection reset by peer for ${url(p)}`,
  login: (p) => `SQLSTATE[HY000] [1045] Access denied for user '${p.user}'@'10.42.1.19' (using password: YES)`,
  answered: (p) => `Server error: \`GET ${url(p)}\` resulted in a \`500 Internal Server Error\` response`,
};

const ruby: Record<Failing, Words> = {
  refused: (p, via) =>
    via === 'redis'
      ? `Redis::CannotConnectError: Error connecting to Redis on ${p.host}:${p.port} (Errno::ECONNREFUSED)`
      : via === 'sql'
        ? `ActiveRecord::ConnectionNotEstablished: connection to server at "${p.ip}", port ${p.port} failed: Connection refused`
        : `Faraday::ConnectionFailed (Failed to open TCP connection to ${p.host}:${p.port} (Connection refused - connect(2) for "${p.host}" port ${p.port}))`,
  timeout: (p) => `Net::OpenTimeout: Failed to open TCP connection to ${p.host}:${p.port} (execution expired)`,
  dns: (p) => `SocketError: Failed to open TCP connection to ${p.host}:${p.port} (getaddrinfo: Name or service not known)`,
  tls: (p) =>
    `OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 peeraddr=${p.ip}:${p.port} state=error: certificate verify failed (certificate has expired)`,
  reset: (p) => `Errno::ECONNRESET: Connection reset by peer - ${url(p)}`,
  login: (p) =>
    `PG::ConnectionBad: connection to server at "${p.ip}", port ${p.port} failed: FATAL:  password authentication failed for user "${p.user}"`,
  answered: (p) => `Faraday::ServerError: the server responded with status 500 for ${url(p)}`,
};

const tongues = { go, java, python, dotnet, node, rust, php, ruby } as const;

export const problem = (language: Language, failing: Failing, place: Place, via: Via, random: Random): string =>
  tongues[language][failing](place, via, random);
