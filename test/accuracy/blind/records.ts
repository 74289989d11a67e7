/** A record as the logging library of each stack prints it. */
import { day, hour, iso, type Level, type Line, pascal, plain, type Self, type Stack } from './stacks.ts';

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
