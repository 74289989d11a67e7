/** What a process of each stack says when it starts. */
import { record } from './records.ts';
import { day, hour, iso, type Level, type Line, pascal, plain, type Self, type Stack } from './stacks.ts';

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
