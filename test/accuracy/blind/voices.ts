/** What a process of each stack says of its requests, and at its end. */
import { record } from './records.ts';
import { iso, type Level, type Line, plain, type Self, type Stack } from './stacks.ts';

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
