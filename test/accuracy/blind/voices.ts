/** How a process of each stack words its start, its requests, its failures and its end. */
import type { Random } from '../random.ts';
import type { Language } from './problems.ts';

export type Stack =
  | 'zap'
  | 'logrus'
  | 'klog'
  | 'spring'
  | 'quarkus'
  | 'structlog'
  | 'django'
  | 'celery'
  | 'dotnet'
  | 'pino'
  | 'winston'
  | 'rust'
  | 'php'
  | 'rails'
  | 'nginx'
  | 'envoy'
  | 'haproxy'
  | 'postgres'
  | 'mysql'
  | 'mongo'
  | 'redis'
  | 'kafka'
  | 'rabbit'
  | 'coredns'
  | 'events';
export type Level = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
export interface Line {
  readonly text: string;
  readonly level: Level | null;
}
export interface Self {
  readonly name: string;
  readonly port: number;
  readonly at: number;
  readonly random: Random;
}

export const languageOf: Partial<Record<Stack, Language>> = {
  zap: 'go',
  logrus: 'go',
  klog: 'go',
  spring: 'java',
  quarkus: 'java',
  structlog: 'python',
  django: 'python',
  celery: 'python',
  dotnet: 'dotnet',
  pino: 'node',
  winston: 'node',
  rust: 'rust',
  php: 'php',
  rails: 'ruby',
};

const iso = (at: number) => new Date(at).toISOString();
const day = (at: number) => iso(at).slice(0, 10);
const hour = (at: number) => iso(at).slice(11, 23);
const pascal = (name: string) =>
  name
    .split('-')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
const plain = (text: string, level: Level | null = null): Line => ({ text, level });

/** One record as the stack's logging library prints it. */
export function record(stack: Stack, self: Self, level: Level, message: string, error: string | null = null): Line[] {
  const { at, name, random } = self;
  const lower = level.toLowerCase();
  switch (stack) {
    case 'zap':
      return [
        plain(
          JSON.stringify({
            level: lower,
            ts: at / 1000,
            caller: `${name}/server.go:${random.whole(40, 290)}`,
            msg: message,
            ...(error === null ? {} : { error }),
          }),
          level,
        ),
      ];
    case 'logrus':
      return [
        plain(
          `time="${iso(at)}" level=${level === 'WARN' ? 'warning' : lower} msg=${JSON.stringify(message)}${error === null ? '' : ` error=${JSON.stringify(error)}`}`,
          level,
        ),
      ];
    case 'klog':
      return [
        plain(
          `${level[0]}${day(at).slice(5).replace('-', '')} ${hour(at)}000       1 main.go:${random.whole(40, 200)}] ${message}${error === null ? '' : `: ${error}`}`,
          level,
        ),
      ];
    case 'spring':
      return [
        plain(
          `${iso(at)} ${level.padStart(5)} 1 --- [nio-${self.port}-exec-${random.whole(1, 9)}] c.a.${name.slice(0, 8)}.${pascal(name)}Client : ${message}`,
          level,
        ),
        ...(error === null
          ? []
          : [
              plain(error),
              plain('\tat org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:785)'),
              plain(`\tat com.acme.${pascal(name)}Client.fetch(${pascal(name)}Client.java:${random.whole(20, 90)})`),
            ]),
      ];
    case 'quarkus':
      return [
        plain(
          `${day(at)} ${hour(at).replace('.', ',')} ${level.padEnd(5)} [io.acm.${name.slice(0, 8)}] (executor-thread-${random.whole(1, 8)}) ${message}${error === null ? '' : `: ${error}`}`,
          level,
        ),
      ];
    case 'structlog':
      return [
        plain(
          JSON.stringify({
            event: message,
            level: level === 'WARN' ? 'warning' : lower,
            logger: `${name}.api`,
            timestamp: iso(at),
            ...(error === null ? {} : { exc_info: error }),
          }),
          level,
        ),
      ];
    case 'django':
      return [
        plain(
          `[${day(at)} ${hour(at).replace('.', ',')}] ${level} [${name.replaceAll('-', '_')}.views:${random.whole(20, 300)}] ${message}`,
          level,
        ),
        ...(error === null
          ? []
          : [
              plain('Traceback (most recent call last):'),
              plain(`  File "/app/${name.replaceAll('-', '_')}/client.py", line ${random.whole(20, 90)}, in call`),
              plain(error),
            ]),
      ];
    case 'celery':
      return [
        plain(
          `[${day(at)} ${hour(at).replace('.', ',')}: ${level === 'WARN' ? 'WARNING' : level}/MainProcess] ${message}${error === null ? '' : ` raised unexpected: ${error}`}`,
          level,
        ),
      ];
    case 'dotnet': {
      const short = { DEBUG: 'dbug', INFO: 'info', WARN: 'warn', ERROR: 'fail', FATAL: 'crit' }[level];
      return [
        plain(`${short}: Acme.${pascal(name)}.Worker[0]`, level),
        plain(`      ${message}`),
        ...(error === null
          ? []
          : [
              plain(`      ${error}`),
              plain(
                `         at Acme.${pascal(name)}.Clients.Http.SendAsync(CancellationToken token) in /src/Clients/Http.cs:line ${random.whole(20, 80)}`,
              ),
            ]),
      ];
    }
    case 'pino': {
      const number = { DEBUG: 20, INFO: 30, WARN: 40, ERROR: 50, FATAL: 60 }[level];
      return [
        plain(
          JSON.stringify({
            level: number,
            time: at,
            pid: 1,
            hostname: `${name}-6c9d`,
            ...(error === null
              ? {}
              : {
                  err: {
                    type: 'Error',
                    message: error,
                    stack: `Error: ${error}\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)`,
                  },
                }),
            msg: message,
          }),
          level,
        ),
      ];
    }
    case 'winston':
      return [plain(`${iso(at)} ${lower}: ${message}${error === null ? '' : ` Error: ${error}`}`, level)];
    case 'rust':
      return [
        plain(
          `${iso(at).replace('Z', '000Z')} ${level.padStart(5)} ${name.replaceAll('-', '_')}::${random.pick(['http', 'routes', 'client'])}: ${message}${error === null ? '' : ` error=${error}`}`,
          level,
        ),
      ];
    case 'php':
      return [
        plain(
          `[${iso(at)}] production.${level === 'WARN' ? 'WARNING' : level}: ${message}${error === null ? '' : ` {"exception":"[object] (${error} at /var/www/vendor/guzzle/Handler.php:210)"}`} []`,
          level,
        ),
      ];
    case 'rails':
      return [
        plain(
          `${level[0]}, [${iso(at).slice(0, 23)} #1] ${level.padStart(5)} -- : [${random.hex(8)}] ${message}${error === null ? '' : ` ${error}`}`,
          level,
        ),
      ];
    default:
      return [plain(message, null)];
  }
}

/** What a healthy process prints when it comes up. */
export function opening(stack: Stack, self: Self): Line[] {
  const { name, port, at, random } = self;
  const say = (level: Level, message: string) => record(stack, self, level, message);
  switch (stack) {
    case 'zap':
    case 'logrus':
      return [...say('INFO', 'configuration loaded'), ...say('INFO', `listening on :${port}`)];
    case 'klog':
      return [...say('INFO', `Starting ${name} version v1.14.2`), ...say('INFO', `Serving securely on [::]:${port}`)];
    case 'spring':
      return [
        plain("  '  |____| .__|_| |_|_| |_\\__, | / / / /"),
        plain(' :: Spring Boot ::                (v3.2.4)'),
        ...say('INFO', `Starting ${pascal(name)}Application v2.3.0 using Java 21.0.2 with PID 1`),
        ...say('INFO', `Tomcat initialized with port ${port} (http)`),
        ...say('INFO', `Started ${pascal(name)}Application in ${random.between(3, 9).toFixed(3)} seconds (process running for 10.1)`),
      ];
    case 'quarkus':
      return [
        ...say(
          'INFO',
          `${name} 1.0.0 on JVM (powered by Quarkus 3.8.2) started in ${random.between(1, 3).toFixed(3)}s. Listening on: http://0.0.0.0:${port}`,
        ),
        ...say('INFO', 'Installed features: [cdi, grpc-client, rest, smallrye-health]'),
      ];
    case 'structlog':
      return [
        plain('INFO:     Started server process [1]', 'INFO'),
        plain('INFO:     Waiting for application startup.', 'INFO'),
        plain('INFO:     Application startup complete.', 'INFO'),
        plain(`INFO:     Uvicorn running on http://0.0.0.0:${port} (Press CTRL+C to quit)`, 'INFO'),
      ];
    case 'django':
      return [
        plain(`[${day(at)} ${hour(at).slice(0, 8)} +0000] [1] [INFO] Starting gunicorn 21.2.0`, 'INFO'),
        plain(`[${day(at)} ${hour(at).slice(0, 8)} +0000] [1] [INFO] Listening at: http://0.0.0.0:${port} (1)`, 'INFO'),
        plain(`[${day(at)} ${hour(at).slice(0, 8)} +0000] [7] [INFO] Booting worker with pid: 7`, 'INFO'),
      ];
    case 'celery':
      return [
        plain(` -------------- celery@${name}-5f6b v5.3.6 (emerald-rush)`),
        plain('[tasks]'),
        plain(`  . ${name.replaceAll('-', '_')}.tasks.run`),
        ...say('INFO', `celery@${name}-5f6b ready.`),
      ];
    case 'dotnet':
      return [
        plain('info: Microsoft.Hosting.Lifetime[14]', 'INFO'),
        plain(`      Now listening on: http://[::]:${port}`),
        plain('info: Microsoft.Hosting.Lifetime[0]', 'INFO'),
        plain('      Application started. Press Ctrl+C to shut down.'),
      ];
    case 'pino':
      return say('INFO', `Server listening at http://0.0.0.0:${port}`);
    case 'winston':
      return [...say('INFO', `starting ${name} in production mode`), ...say('INFO', `${name} is up on port ${port}`)];
    case 'rust':
      return [...say('INFO', 'starting 4 workers'), ...say('INFO', `listening on 0.0.0.0:${port}`)];
    case 'php':
      return [
        plain(`[${day(at)} ${hour(at).slice(0, 8)}] NOTICE: fpm is running, pid 1`),
        plain(`[${day(at)} ${hour(at).slice(0, 8)}] NOTICE: ready to handle connections`),
      ];
    case 'rails':
      return [
        plain('=> Booting Puma'),
        plain('=> Rails 7.1.3 application starting in production'),
        plain(`* Listening on http://0.0.0.0:${port}`),
        plain('Use Ctrl-C to stop'),
      ];
    case 'nginx':
      return [
        plain('/docker-entrypoint.sh: Configuration complete; ready for start up'),
        plain(`${iso(at).slice(0, 19).replaceAll('-', '/').replace('T', ' ')} [notice] 1#1: nginx/1.25.4`),
        plain(`${iso(at).slice(0, 19).replaceAll('-', '/').replace('T', ' ')} [notice] 1#1: start worker processes`),
      ];
    case 'envoy':
      return [
        plain(
          `[${iso(at).slice(0, 23).replace('T', ' ')}][1][info][main] [source/server/server.cc:977] starting main dispatch loop`,
          'INFO',
        ),
        plain(
          `[${iso(at).slice(0, 23).replace('T', ' ')}][1][info][config] [source/extensions/listener_managers/listener_manager/listener_manager_impl.cc:930] all dependencies initialized. starting workers`,
          'INFO',
        ),
      ];
    case 'haproxy':
      return [
        plain('[NOTICE]   (1) : haproxy version is 2.9.6-9eafce5'),
        plain('[NOTICE]   (1) : New worker (8) forked'),
        plain('[NOTICE]   (1) : Loading success.'),
      ];
    case 'postgres':
      return [
        plain(`${iso(at).slice(0, 23).replace('T', ' ')} UTC [1] LOG:  starting PostgreSQL 16.2 on x86_64-pc-linux-musl`),
        plain(`${iso(at).slice(0, 23).replace('T', ' ')} UTC [1] LOG:  listening on IPv4 address "0.0.0.0", port ${port}`),
        plain(`${iso(at).slice(0, 23).replace('T', ' ')} UTC [1] LOG:  database system is ready to accept connections`),
      ];
    case 'mysql':
      return [
        plain(`${iso(at)} 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.36) starting as process 1`),
        plain(`${iso(at)} 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.`),
        plain(
          `${iso(at)} 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.36'  socket: '/var/run/mysqld/mysqld.sock'  port: ${port}  MySQL Community Server - GPL.`,
        ),
      ];
    case 'mongo':
      return [
        plain(
          JSON.stringify({
            t: { $date: iso(at) },
            s: 'W',
            c: 'CONTROL',
            id: 22120,
            ctx: 'initandlisten',
            msg: 'Access control is not enabled for the database. Read and write access to data and configuration is unrestricted',
          }),
        ),
        plain(
          JSON.stringify({
            t: { $date: iso(at) },
            s: 'I',
            c: 'NETWORK',
            id: 23016,
            ctx: 'listener',
            msg: 'Waiting for connections',
            attr: { port, ssl: 'off' },
          }),
        ),
      ];
    case 'redis':
      return [
        plain(
          `1:C ${day(at)} ${hour(at)} # WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition.`,
        ),
        plain(`1:M ${day(at)} ${hour(at)} * Running mode=standalone, port=${port}.`),
        plain(`1:M ${day(at)} ${hour(at)} * Ready to accept connections tcp`),
      ];
    case 'kafka':
      return [
        plain(
          `[${day(at)} ${hour(at).replace('.', ',')}] INFO Awaiting socket connections on 0.0.0.0:${port}. (kafka.network.DataPlaneAcceptor)`,
          'INFO',
        ),
        plain(
          `[${day(at)} ${hour(at).replace('.', ',')}] INFO [KafkaRaftServer nodeId=1] Kafka Server started (kafka.server.KafkaRaftServer)`,
          'INFO',
        ),
      ];
    case 'rabbit':
      return [
        plain(`${iso(at).replace('T', ' ').replace('Z', '000+00:00')} [info] <0.612.0> started TCP listener on [::]:${port}`, 'INFO'),
        plain(`${iso(at).replace('T', ' ').replace('Z', '000+00:00')} [info] <0.9.0> Server startup complete; 4 plugins started.`, 'INFO'),
      ];
    case 'coredns':
      return [
        plain('.:53'),
        plain('[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5'),
        plain('CoreDNS-1.11.1'),
      ];
    default:
      return [];
  }
}

/** A request as the process's access log has it; null where the stack writes none. */
export function access(
  stack: Stack,
  self: Self,
  path: string,
  status: number,
  ms: number,
  upstream: { name: string; ip: string; port: number; answered: boolean } | null,
): Line[] {
  const { at, random, name } = self;
  const client = `10.42.${random.whole(0, 3)}.${random.whole(2, 250)}`;
  const level: Level = status >= 500 ? 'ERROR' : 'INFO';
  const reached = upstream?.answered ?? true;
  switch (stack) {
    case 'nginx':
      return [
        plain(
          `${client} - - [${iso(at)}] "GET ${path} HTTP/1.1" ${status} ${status >= 500 ? 157 : random.whole(300, 4000)} "-" "k6/0.49.0" rt=${(ms / 1000).toFixed(3)}`,
        ),
      ];
    case 'envoy':
      return [
        plain(
          `[${iso(at)}] "GET ${path} HTTP/1.1" ${status} ${reached ? '-' : 'UF,URX'} ${reached ? 'via_upstream' : 'upstream_reset_before_response_started{connection_failure,delayed_connect_error:_111}'} 0 91 ${ms} ${status >= 500 ? '-' : ms} "-" "k6/0.49.0" "${random.hex(8)}" "shop.example" "${upstream === null ? '-' : `${upstream.ip}:${upstream.port}`}" outbound|${upstream?.port ?? 80}||${upstream?.name ?? '-'} -`,
        ),
      ];
    case 'haproxy':
      return [
        plain(
          `${client}:${random.whole(30000, 60000)} [${iso(at)}] public be_${upstream?.name ?? 'none'}/${reached ? 's1' : '<NOSRV>'} 0/0/${reached ? 0 : -1}/${ms}/${ms} ${status} 217 - - ${reached ? '----' : 'SC--'} 3/3/0/0/3 0/0 "GET ${path} HTTP/1.1"`,
        ),
      ];
    case 'structlog':
      return [
        plain(
          `INFO:     ${client}:${random.whole(30000, 60000)} - "GET ${path} HTTP/1.1" ${status} ${status >= 500 ? 'Internal Server Error' : 'OK'}`,
          'INFO',
        ),
      ];
    case 'php':
      return [plain(`${client} -  ${iso(at)} "GET /index.php" ${status}`)];
    case 'pino':
      return [
        plain(
          JSON.stringify({
            level: status >= 500 ? 50 : 30,
            time: at,
            pid: 1,
            hostname: `${name}-6c9d`,
            reqId: `req-${random.hex(3)}`,
            req: { method: 'GET', url: path },
            res: { statusCode: status },
            responseTime: ms,
            msg: 'request completed',
          }),
          level,
        ),
      ];
    case 'rails':
      return [
        ...record(stack, self, 'INFO', `Started GET "${path}" for ${client}`),
        ...record(stack, self, 'INFO', `Completed ${status} ${status >= 500 ? 'Internal Server Error' : 'OK'} in ${ms}ms`),
      ];
    case 'spring':
    case 'dotnet':
    case 'celery':
      return [];
    default:
      return record(stack, self, level, `GET ${path} ${status} ${ms}ms`);
  }
}

/** How a process says that it cannot go on. `what` is a sentence of its own configuration code. */
export function dying(stack: Stack, self: Self, what: string): Line[] {
  const { random, name } = self;
  switch (stack) {
    case 'zap':
      return [...record(stack, self, 'FATAL', 'cannot start', what)];
    case 'logrus':
      return record(stack, self, 'FATAL', what);
    case 'klog':
      return [
        plain(`F${record(stack, self, 'FATAL', what)[0]!.text.slice(1)}`, 'FATAL'),
        plain('goroutine 1 [running]:'),
        plain('main.main()'),
      ];
    case 'spring':
      return [
        ...record(stack, self, 'ERROR', 'Application run failed'),
        plain(
          `org.springframework.beans.factory.BeanCreationException: Error creating bean with name '${name.slice(0, 5)}Settings': ${what}`,
        ),
        plain('\tat org.springframework.boot.SpringApplication.run(SpringApplication.java:334)'),
      ];
    case 'quarkus':
      return [...record(stack, self, 'ERROR', `Failed to start application (with profile [prod]): java.lang.RuntimeException: ${what}`)];
    case 'structlog':
    case 'django':
    case 'celery':
      return [
        plain('Traceback (most recent call last):'),
        plain(`  File "/app/${name.replaceAll('-', '_')}/settings.py", line ${random.whole(10, 90)}, in <module>`),
        plain(
          `${random.pick(['RuntimeError', 'django.core.exceptions.ImproperlyConfigured', 'pydantic_core._pydantic_core.ValidationError'])}: ${what}`,
        ),
      ];
    case 'dotnet':
      return [
        plain(`Unhandled exception. System.InvalidOperationException: ${what}`),
        plain('   at Program.<Main>$(String[] args) in /src/Program.cs:line 21'),
      ];
    case 'pino':
      return record(stack, self, 'FATAL', 'startup failed', what);
    case 'winston':
      return [
        plain('node:internal/process/promises:288'),
        plain(`Error: ${what}`),
        plain('    at Object.<anonymous> (/srv/config.js:14:11)'),
        plain('Node.js v20.11.1'),
      ];
    case 'rust':
      return [
        plain(`thread 'main' panicked at src/main.rs:${random.whole(20, 70)}:10:`),
        plain(`called \`Result::unwrap()\` on an \`Err\` value: ${what}`),
        plain('note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace'),
      ];
    case 'php':
      return [plain(`PHP Fatal error:  Uncaught RuntimeException: ${what} in /var/www/bootstrap/app.php:${random.whole(10, 60)}`)];
    case 'rails':
      return [plain(`bin/rails aborted!`), plain(`KeyError: ${what}`), plain("/app/config/application.rb:31:in `<class:Application>'")];
    default:
      return [plain(what)];
  }
}
