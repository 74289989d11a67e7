/** How programs of five families talk: what each says of starting, serving, failing to reach somebody, and of things that matter to nobody. */
import type { Random } from '../random.ts';

export type Reason = 'refused' | 'timeout' | 'noHost' | 'noRoute' | 'reset' | 'denied';
export interface Line {
  readonly text: string;
  readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL' | null;
}
export interface Tongue {
  starting(name: string, port: number): Line[];
  served(path: string, ms: number, ok: boolean): Line;
  unreachable(peer: string, address: string, reason: Reason): Line[];
  joined(peer: string): Line;
  chatter(random: Random): Line;
  noFile(file: string): Line[];
  noVariable(key: string): Line[];
  stopping(): Line[];
}

const line = (level: Line['level'], text: string): Line => ({ level, text });
const wording: Readonly<Record<'go' | 'java' | 'node' | 'python' | 'dotnet', Readonly<Record<Reason, string>>>> = {
  go: {
    refused: 'connect: connection refused',
    timeout: 'i/o timeout',
    noHost: 'no such host',
    noRoute: 'connect: no route to host',
    reset: 'read: connection reset by peer',
    denied: 'authentication failed',
  },
  java: {
    refused: 'java.net.ConnectException: Connection refused',
    timeout: 'java.net.SocketTimeoutException: connect timed out',
    noHost: 'java.net.UnknownHostException',
    noRoute: 'java.net.NoRouteToHostException: No route to host',
    reset: 'java.net.SocketException: Connection reset',
    denied: 'FATAL: password authentication failed',
  },
  node: {
    refused: 'ECONNREFUSED',
    timeout: 'ETIMEDOUT',
    noHost: 'getaddrinfo ENOTFOUND',
    noRoute: 'EHOSTUNREACH',
    reset: 'ECONNRESET',
    denied: 'authentication failed',
  },
  python: {
    refused: '[Errno 111] Connection refused',
    timeout: 'Connection timed out',
    noHost: '[Errno -2] Name or service not known',
    noRoute: '[Errno 113] No route to host',
    reset: '[Errno 104] Connection reset by peer',
    denied: 'password authentication failed',
  },
  dotnet: {
    refused: 'Connection refused',
    timeout: 'A connection attempt failed because the connected party did not properly respond after a period of time',
    noHost: 'Name or service not known',
    noRoute: 'No route to host',
    reset: 'Connection reset by peer',
    denied: 'Login failed',
  },
};

const go: Tongue = {
  starting: (name, port) => [
    line('INFO', `{"level":"info","caller":"main.go:41","msg":"config loaded","app":"${name}"}`),
    line('INFO', `{"level":"info","caller":"main.go:88","msg":"serving","addr":":${port}"}`),
  ],
  served: (path, ms, ok) =>
    line(
      ok ? 'INFO' : 'ERROR',
      `{"level":"${ok ? 'info' : 'error'}","msg":"request","path":"${path}","status":${ok ? 200 : 500},"took_ms":${ms}}`,
    ),
  unreachable: (peer, address, reason) => [
    line(
      'ERROR',
      `{"level":"error","caller":"client.go:132","msg":"call failed","target":"${peer}","error":"${reason === 'noHost' ? `dial tcp: lookup ${address.split(':')[0]}: no such host` : `dial tcp ${address}: ${wording.go[reason]}`}"}`,
    ),
  ],
  joined: (peer) => line('INFO', `{"level":"info","msg":"connected","target":"${peer}"}`),
  chatter: (random) =>
    random.pick([
      line('WARN', '{"level":"warn","msg":"GOMAXPROCS not set, using 8"}'),
      line('DEBUG', `{"level":"debug","msg":"refresh tick","n":${random.whole(1, 99)}}`),
      line(
        'ERROR',
        '{"level":"error","msg":"traces export: exporter export timeout: rpc error: code = Unavailable desc = name resolver error: produced zero addresses"}',
      ),
    ]),
  noFile: (file) => [line('FATAL', `{"level":"fatal","msg":"cannot read settings","error":"open ${file}: no such file or directory"}`)],
  noVariable: (key) => [
    line('FATAL', `panic: environment variable "${key}" not set`),
    line(null, 'goroutine 1 [running]:'),
    line(null, 'main.mustMapEnv(0xc0000b4d80)'),
  ],
  stopping: () => [line('INFO', '{"level":"info","msg":"received signal terminated, draining"}')],
};
const java: Tongue = {
  starting: (name, port) => [
    line('INFO', `Starting ${name} using Java 21.0.4 with PID 1`),
    line('INFO', `Tomcat initialized with port ${port} (http)`),
    line('INFO', `Started ${name} in 7.${port % 97} seconds`),
  ],
  served: (path, ms, ok) => line(ok ? 'INFO' : 'ERROR', ok ? `AccessLog - GET ${path} 200 ${ms}ms` : `AccessLog - GET ${path} 500 ${ms}ms`),
  unreachable: (peer, address, reason) => [
    line(
      'ERROR',
      `Request to http://${peer} failed\norg.springframework.web.client.ResourceAccessException: I/O error on GET request for "http://${address}": ${wording.java[reason]}\n\tat org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:915)\nCaused by: ${wording.java[reason]}${reason === 'noHost' ? `: ${address.split(':')[0]}` : ''}`,
    ),
  ],
  joined: (peer) => line('INFO', `Pool to ${peer} - Start completed.`),
  chatter: (random) =>
    random.pick([
      line('WARN', 'spring.jpa.open-in-view is enabled by default'),
      line('WARN', `HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta=${random.whole(45, 60)}s)`),
      line(
        'ERROR',
        'Failed to export spans. The request could not be executed. Full error message: Failed to connect to localhost/[0:0:0:0:0:0:0:1]:4317',
      ),
    ]),
  noFile: (file) => [
    line(
      'ERROR',
      `Application run failed\njava.io.FileNotFoundException: ${file} (No such file or directory)\n\tat java.base/java.io.FileInputStream.open0(Native Method)`,
    ),
  ],
  noVariable: (key) => [
    line('ERROR', `APPLICATION FAILED TO START`),
    line('ERROR', `java.lang.IllegalArgumentException: Could not resolve placeholder '${key}' in value "\${${key}}"`),
  ],
  stopping: () => [line('INFO', 'Commencing graceful shutdown. Waiting for active requests to complete')],
};
const node: Tongue = {
  starting: (name, port) => [line('INFO', `${name} booting, node v22.9.0`), line('INFO', `listening on 0.0.0.0:${port}`)],
  served: (path, ms, ok) => line(ok ? 'INFO' : 'ERROR', `GET ${path} ${ok ? 200 : 500} ${ms} ms - ${ms * 7}`),
  unreachable: (peer, address, reason) => [
    line(
      'ERROR',
      `upstream ${peer}: Error: ${reason === 'noHost' ? `getaddrinfo ENOTFOUND ${address.split(':')[0]}` : `connect ${wording.node[reason]} ${address}`}`,
    ),
    line(null, '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)'),
  ],
  joined: (peer) => line('INFO', `${peer} ready`),
  chatter: (random) =>
    random.pick([
      line('WARN', '(node:1) [DEP0040] DeprecationWarning: The `punycode` module is deprecated.'),
      line('ERROR', `metrics push failed: status ${random.pick([404, 502])}`),
      line('DEBUG', `heap ${random.whole(40, 90)}MB`),
    ]),
  noFile: (file) => [
    line('ERROR', `Error: ENOENT: no such file or directory, open '${file}'`),
    line(null, '    at Object.openSync (node:fs:573:18)'),
  ],
  noVariable: (key) => [
    line('ERROR', `Error: missing required configuration ${key}`),
    line(null, '    at loadConfig (/app/src/config.js:18:11)'),
  ],
  stopping: () => [line('INFO', 'SIGTERM received, closing server')],
};
const python: Tongue = {
  starting: (name, port) => [
    line('INFO', `[INFO] Starting gunicorn 22.0.0 for ${name}`),
    line('INFO', `[INFO] Listening at: http://0.0.0.0:${port} (1)`),
  ],
  served: (path, ms, ok) => line(null, `10.1.4.9 - - "GET ${path} HTTP/1.1" ${ok ? 200 : 500} ${ms}`),
  unreachable: (peer, address, reason) => [
    line(
      'ERROR',
      `Traceback (most recent call last):\n  File "/srv/app/clients.py", line 77, in fetch\nrequests.exceptions.ConnectionError: HTTPConnectionPool(host='${address.split(':')[0]}', port=${address.split(':')[1]}): Max retries exceeded with url: /${peer} (Caused by NewConnectionError('${wording.python[reason]}'))`,
    ),
  ],
  joined: (peer) => line('INFO', `INFO clients: ${peer} is up`),
  chatter: (random) =>
    random.pick([
      line('WARN', 'WARNING: pydantic V1 style validators are deprecated'),
      line('ERROR', `ERROR sentry: envelope dropped, ${random.whole(1, 9)} pending`),
      line('INFO', 'INFO scheduler: nothing due'),
    ]),
  noFile: (file) => [line('ERROR', `FileNotFoundError: [Errno 2] No such file or directory: '${file}'`)],
  noVariable: (key) => [
    line('ERROR', `  File "/srv/app/settings.py", line 12, in <module>\nKeyError: '${key}'`),
    line('ERROR', '[ERROR] Worker failed to boot.'),
  ],
  stopping: () => [line('INFO', '[INFO] Handling signal: term')],
};
const dotnet: Tongue = {
  starting: (name, port) => [
    line('INFO', `info: Microsoft.Hosting.Lifetime[14] Now listening on: http://[::]:${port}`),
    line('INFO', `info: ${name}.Program[0] Application started.`),
  ],
  served: (path, ms, ok) =>
    line(
      ok ? 'INFO' : 'ERROR',
      `${ok ? 'info' : 'fail'}: Microsoft.AspNetCore.Hosting.Diagnostics[2] Request finished HTTP/1.1 GET ${path} - ${ok ? 200 : 500} ${ms}ms`,
    ),
  unreachable: (peer, address, reason) => [
    line(
      'ERROR',
      `fail: Clients.${peer}[0] System.Net.Http.HttpRequestException: ${wording.dotnet[reason]} (${address})\n   at System.Net.Http.HttpConnectionPool.ConnectToTcpHostAsync(String host, Int32 port)`,
    ),
  ],
  joined: (peer) => line('INFO', `info: Clients.${peer}[1] Connection established`),
  chatter: (random) =>
    random.pick([
      line(
        'WARN',
        'warn: Microsoft.AspNetCore.DataProtection.Repositories.FileSystemXmlRepository[60] Storing keys in a directory that may not be persisted',
      ),
      line('WARN', `warn: Microsoft.AspNetCore.Server.Kestrel[22] heartbeat has been running for "00:00:0${random.whole(1, 3)}"`),
    ]),
  noFile: (file) => [line('ERROR', `Unhandled exception. System.IO.FileNotFoundException: Could not find file '${file}'.`)],
  noVariable: (key) => [line('ERROR', `Unhandled exception. System.InvalidOperationException: Configuration value '${key}' is missing.`)],
  stopping: () => [line('INFO', 'info: Microsoft.Hosting.Lifetime[0] Application is shutting down...')],
};
export const tongues = { go, java, node, python, dotnet };
