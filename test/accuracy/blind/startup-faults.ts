/** What is configured wrongly, what the processes say of it, and whom an engineer would blame. */
import {
  apps,
  type Breakage,
  crashes,
  databases,
  event,
  type Fault,
  looping,
  refusedAt,
  silent,
  text,
  walledOff,
  wrongSetting,
} from './fault-kinds.ts';
import { opening } from './openings.ts';
import { record } from './records.ts';
import { isServer, type Scene } from './scene.ts';
import { languageOf, type Stack } from './stacks.ts';

const serverDeath: Partial<Record<Stack, (at: string) => string[]>> = {
  postgres: (at) => [
    `${at} UTC [1] FATAL:  data directory "/var/lib/postgresql/data" has wrong ownership`,
    `${at} UTC [1] HINT:  The server must be started by the user that owns the data directory.`,
  ],
  mysql: (at) => [
    `${at} 0 [ERROR] [MY-010457] [Server] --initialize specified but the data directory has files in it. Aborting.`,
    `${at} 0 [ERROR] [MY-010119] [Server] Aborting`,
  ],
  mongo: (at) => [
    JSON.stringify({
      t: { $date: at },
      s: 'E',
      c: 'STORAGE',
      id: 20557,
      ctx: 'initandlisten',
      msg: 'DBException in initAndListen, terminating',
      attr: { error: 'IllegalOperation: Attempted to create a lock file on a read-only directory: /data/db' },
    }),
  ],
  redis: (at) => [`1:M ${at} # Fatal error, can't open config file '/usr/local/etc/redis/redis.conf': No such file or directory`],
  rabbit: (at) => [
    `${at} [error] <0.230.0> BOOT FAILED`,
    `${at} [error] <0.230.0> Error during startup: {error,{schema_integrity_check_failed,[{table_missing,rabbit_durable_queue}]}}`,
  ],
  kafka: (at) => [
    `[${at}] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)`,
    'java.lang.RuntimeException: The configured node ID does not match the one in meta.properties. Configured is 2 but found 1.',
  ],
};

const variable = (name: string) => `${name.toUpperCase().replaceAll('-', '_')}`;

const faults: Record<string, Fault> = {
  'service-port': walledOff('refused'),
  selector: (scene) => walledOff(scene.random.pick(['refused', 'timeout'] as const))(scene),
  readiness: walledOff('refused', (guilty, scene) => {
    if (scene.random.chance(0.6) && !isServer(guilty))
      for (let at = scene.startAt + 8000; at < scene.endAt; at += 10_000)
        scene.say(
          guilty.name,
          at,
          record(guilty.stack, scene.self(guilty, at), scene.random.chance(0.5) ? 'INFO' : 'WARN', 'GET /ready 404 0ms'),
        );
    event(scene, guilty, 'Warning  Unhealthy  pod/{pod}  Readiness probe failed: HTTP probe failed with statuscode: 404');
  }),
  liveness: (scene) => {
    const guilty = scene.random.pick(apps(scene));
    const period = scene.random.whole(20, 35) * 1000;
    const isUp = (at: number) => (at - scene.startAt) % period > 9000;
    return {
      truth: [guilty.name],
      replaces: new Set([guilty.name]),
      meets: (callee, at) => (callee === guilty.name && !isUp(at) ? 'refused' : null),
      speak: () => {
        for (let at = scene.startAt; at < scene.endAt; at += period) {
          scene.say(guilty.name, at + 7000, opening(guilty.stack, scene.self(guilty, at + 7000)));
          scene.say(
            guilty.name,
            at + period - 300,
            record(
              guilty.stack,
              scene.self(guilty, at + period - 300),
              'INFO',
              scene.random.pick(['received signal 15, shutting down', 'SIGTERM received, draining', 'Shutting down gracefully']),
            ),
          );
        }
        event(
          scene,
          guilty,
          'Warning  Unhealthy  pod/{pod}  Liveness probe failed: Get "http://10.42.1.9:9999/live": dial tcp 10.42.1.9:9999: connect: connection refused',
        );
      },
    };
  },
  'missing-variable': crashes(({ name, stack, calls }, { random }) => {
    const key = random.pick([
      calls[0] === undefined ? `${variable(name)}_SECRET` : `${variable(calls[0].to)}_URL`,
      `${variable(name)}_PORT`,
      'JWT_SIGNING_KEY',
      'DATABASE_URL',
    ]);
    if (languageOf[stack] === 'java') return `Could not resolve placeholder '${key}' in value "\${${key}}"`;
    if (languageOf[stack] === 'ruby') return `key not found: "${key}"`;
    if (languageOf[stack] === 'rust') return `environment variable not found: ${key}`;
    return random.pick([`required environment variable ${key} is not set`, `missing required setting ${key}`, `${key} must be set`]);
  }),
  'malformed-variable': crashes(({ name }, { random }) =>
    random.pick([
      `invalid value for ${variable(name)}_TIMEOUT: "5 sec": cannot parse`,
      `parse "tcp//:80a": invalid port ":80a" after host`,
      'strconv.Atoi: parsing "eight": invalid syntax',
    ]),
  ),
  'missing-file': crashes((_, { random }) =>
    random.pick([
      'open /etc/app/config.yaml: no such file or directory',
      "ENOENT: no such file or directory, open '/etc/secrets/tls.key'",
      '/var/run/secrets/app/token (No such file or directory)',
    ]),
  ),
  'no-permission': crashes((_, { random }) =>
    random.pick([
      'mkdir /data/cache: permission denied',
      "EACCES: permission denied, open '/data/index.bin'",
      "[Errno 13] Permission denied: '/var/log/app'",
      '/data/spool: Read-only file system',
    ]),
  ),
  'service-account': crashes(
    ({ name }) =>
      `configmaps "${name}-settings" is forbidden: User "system:serviceaccount:prod:default" cannot get resource "configmaps" in API group "" in the namespace "prod"`,
  ),
  'missing-module': crashes(({ stack, name }) =>
    languageOf[stack] === 'node'
      ? `Cannot find module 'express'`
      : languageOf[stack] === 'python'
        ? `No module named '${name.replaceAll('-', '_')}.plugins'`
        : languageOf[stack] === 'java'
          ? 'java.lang.NoClassDefFoundError: com/acme/shared/Settings'
          : 'exec: "tini": executable file not found in $PATH',
  ),
  'out-of-memory': (scene) => {
    const guilty = scene.random.pick(apps(scene));
    return {
      ...refusedAt(guilty.name),
      replaces: new Set([guilty.name]),
      speak: () => {
        looping(
          scene,
          guilty,
          (at) => opening(guilty.stack, scene.self(guilty, at)).slice(0, 2),
          () =>
            languageOf[guilty.stack] === 'java'
              ? text('java.lang.OutOfMemoryError: Java heap space')
              : languageOf[guilty.stack] === 'node'
                ? text('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory')
                : text('Killed'),
        );
        event(scene, guilty, 'Warning  BackOff  pod/{pod}  Back-off restarting failed container {name} in pod {pod}');
      },
    };
  },
  image: silent(
    'Warning  Failed  pod/{pod}  Failed to pull image "registry.local/{name}:9.9": rpc error: code = NotFound desc = failed to resolve reference',
  ),
  taint: silent(
    'Warning  FailedScheduling  pod/{pod}  0/4 nodes are available: 4 node(s) had untolerated taint {dedicated: batch}. preemption: 0/4 nodes are available',
  ),
  quota: silent(
    'Warning  FailedCreate  replicaset/{name}-7c9d8b6f5  Error creating: pods "{name}-" is forbidden: exceeded quota: team, requested: limits.cpu=2, used: limits.cpu=8, limited: limits.cpu=8',
  ),
  volume: silent(
    'Warning  FailedMount  pod/{pod}  MountVolume.SetUp failed for volume "data" : configmap "{name}-conf" not found',
    databases,
  ),
  'scaled-to-none': silent(
    'Normal  ScalingReplicaSet  deployment/{name}  Scaled down replica set {name}-7c9d8b6f5 from 1 to 0',
    databases,
    'refused',
  ),
  'network-policy': walledOff('timeout'),
  'expired-certificate': (scene) => {
    const tlsCalled = apps(scene).filter((one) =>
      scene.system.members.some(
        ({ stack, calls }) =>
          languageOf[stack] !== undefined && calls.some(({ to, via }) => to === one.name && (via === 'http' || via === 'grpc')),
      ),
    );
    return refusedAt(scene.random.pick(tlsCalled).name, 'tls');
  },
  'wrong-host': wrongSetting(({ host, ip }, { random, system }) =>
    system.hosts === 'ip'
      ? { failing: random.pick(['refused', 'timeout'] as const), place: { host: ip.replace(/\d+$/, '251'), ip: ip.replace(/\d+$/, '251') } }
      : {
          failing: 'dns',
          place: { host: random.chance(0.5) ? host.replace(/^([a-z-]+?)(?=\.|$)/, '$1-svc') : host.replace(/([a-z])([a-z])/, '$2$1') },
        },
  ),
  'wrong-port': wrongSetting(({ port }, { random }) => ({
    failing: random.pick(['refused', 'refused', 'timeout'] as const),
    place: { port: port + random.pick([1, 10, 1000]) },
  })),
  'other-listening-port': (scene) => {
    const guilty = scene.random.pick(apps(scene));
    return {
      ...refusedAt(guilty.name),
      replaces: new Set([guilty.name]),
      speak: (_, readyAt) => {
        const at = readyAt.get(guilty.name)!;
        scene.say(guilty.name, at, opening(guilty.stack, scene.self({ ...guilty, port: guilty.port + 1111 }, at)));
      },
    };
  },
  'wrong-password': (scene) => {
    const callers = scene.system.members.filter(
      ({ stack, calls }) =>
        languageOf[stack] !== undefined &&
        calls.some(({ to, via }) => via === 'sql' && scene.system.members.some((one) => one.name === to && one.stack === 'postgres')),
    );
    if (callers.length === 0) return null;
    const guilty = scene.random.pick(callers);
    const call = guilty.calls.find(({ via }) => via === 'sql')!;
    const user = scene.place(guilty, call, '/').user;
    return {
      truth: [guilty.name],
      wrong: (caller, callee) => (caller === guilty.name && callee === call.to ? { failing: 'login', place: {} } : null),
      speak: () => {
        for (let at = scene.startAt + 9500; at < scene.endAt; at += 5000)
          scene.say(
            call.to,
            at,
            text(
              `${new Date(at).toISOString().slice(0, 23).replace('T', ' ')} UTC [88] FATAL:  password authentication failed for user "${user}"`,
              `${new Date(at).toISOString().slice(0, 23).replace('T', ' ')} UTC [88] DETAIL:  Role "${user}" does not exist. Connection matched file "/var/lib/postgresql/data/pg_hba.conf" line 128: "host all all all scram-sha-256"`,
            ),
          );
      },
    };
  },
  'store-dies': (scene) => {
    const guilty = scene.random.pick(databases(scene));
    return {
      ...refusedAt(guilty.name),
      replaces: new Set([guilty.name]),
      speak: () =>
        looping(
          scene,
          guilty,
          () => [],
          (at) => text(...serverDeath[guilty.stack]!(new Date(at).toISOString())),
        ),
    };
  },
  'name-service': (scene) => {
    const lookups = 'dns' as const;
    return {
      truth: ['coredns', 'kube-dns'],
      meets: () => (scene.system.hosts === 'ip' ? null : lookups),
      speak: () => {
        if (scene.random.chance(0.6))
          for (let at = scene.startAt + 2000; at < scene.endAt; at += 9000)
            scene.say(
              'coredns',
              at,
              text(
                '[ERROR] plugin/errors: 2 catalog.prod.svc.cluster.local. A: plugin/kubernetes: failed to list *v1.Endpoints: Unauthorized',
              ),
            );
      },
    };
  },
  none: () => ({ truth: [] }),
};

export const startupFaultNames = Object.keys(faults).filter((name) => name !== 'name-service');

export function brokenFor(fault: string, scene: Scene): Breakage {
  return faults[fault]!(scene) ?? { truth: [] };
}
