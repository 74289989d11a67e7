/** Systems broken since their start-up, and sound ones: lines of every process from its start until the alert, and the cluster's list of services. */
import type { Case, FolderLog, FolderService, IncidentFolder } from '../folder.ts';
import { type Random, seeded } from '../random.ts';
import type { Breakage } from './fault-kinds.ts';
import { opening } from './openings.ts';
import { type Failing, type Place, problem } from './problems.ts';
import { record } from './records.ts';
import { isServer, listed, member, routeTo, type Scene, sceneOf } from './scene.ts';
import { languageOf, type Line } from './stacks.ts';
import { brokenFor, startupFaultNames } from './startup-faults.ts';
import { type Call, type Member, type System, systems } from './systems.ts';
import { access } from './voices.ts';

interface Outcome {
  readonly status: number;
  readonly ms: number;
}

/** A request through the calls beneath a service, with the lines each service writes on the way. */
function request(scene: Scene, broken: Breakage, at: number, name: string): Outcome {
  const { system, random } = scene;
  const self = member(system, name);
  let status = 200;
  let last: Call | null = null;
  let met: Failing | null = null;
  let ms = random.whole(2, 30);
  for (const call of self.calls) {
    if (!call.soft && call.via !== 'http' && call.via !== 'grpc' && random.chance(0.3)) continue;
    const { failing, place, waitedMs } = reach(scene, broken, at, self, call);
    let failed = failing;
    if (failing === null && (call.via === 'http' || call.via === 'grpc')) {
      const beneath = request(scene, broken, at + ms, call.to);
      ms += beneath.ms;
      if (beneath.status >= 500) failed = 'answered';
    } else ms += waitedMs;
    last = call;
    met = failed;
    if (failed === null) continue;
    const language = languageOf[self.stack];
    const error = language === undefined ? null : problem(language, failed, place, call.via, random);
    if (error !== null)
      scene.say(name, at + ms, record(self.stack, scene.self(self, at + ms), call.soft ? 'WARN' : 'ERROR', wordsFor(call, random), error));
    else scene.say(name, at + ms, proxyError(self, scene, place, call, failed, at + ms));
    if (!call.soft) {
      status = failed === 'timeout' ? 504 : failed === 'answered' ? 500 : 503;
      break;
    }
  }
  const upstream = last ?? self.calls[0];
  const to = upstream === undefined ? null : scene.place(self, upstream, '/');
  if (!isServer(self) || ['nginx', 'envoy', 'haproxy'].includes(self.stack))
    scene.say(
      name,
      at + ms,
      access(
        self.stack,
        scene.self(self, at + ms),
        routeTo(name),
        status,
        ms,
        to === null ? null : { name: upstream!.to, ip: to.ip, port: to.port, answered: met === null || met === 'answered' },
      ),
    );
  return { status, ms };
}

const wordsFor = ({ to, via }: Call, random: Random): string => {
  const thing = to.split('-')[0]!;
  if (via === 'http' || via === 'grpc')
    return random.pick([`failed to get ${thing}`, `could not retrieve ${thing}`, `call to ${thing} failed`, `${thing} request failed`]);
  if (via === 'amqp' || via === 'kafka') return random.pick(['publish failed', 'could not deliver message']);
  return random.pick(['query failed', 'could not load entity', 'storage error']);
};

function proxyError(self: Member, scene: Scene, place: Place, call: Call, failing: Failing, at: number): Line[] {
  const when = new Date(at).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
  if (self.stack === 'nginx' && failing !== 'answered') {
    const why =
      failing === 'timeout'
        ? 'upstream timed out (110: Operation timed out) while connecting to upstream'
        : failing === 'dns'
          ? `${place.host} could not be resolved (3: Host not found)`
          : failing === 'reset'
            ? 'recv() failed (104: Connection reset by peer) while reading response header from upstream'
            : 'connect() failed (111: Connection refused) while connecting to upstream';
    const upstream = failing === 'dns' ? '' : `, upstream: "http://${place.ip}:${place.port}${place.path}"`;
    return [
      {
        text: `${when} [error] 29#29: *${scene.random.whole(10, 900)} ${why}, client: 10.42.0.1, server: _, request: "GET ${place.path} HTTP/1.1"${upstream}, host: "shop.example"`,
        level: null,
      },
    ];
  }
  if (self.stack === 'haproxy' && failing !== 'answered')
    return [
      {
        text: `[WARNING]  (8) : Server be_${call.to}/s1 is DOWN, reason: Layer4 ${failing === 'timeout' ? 'timeout' : 'connection problem, info: "Connection refused"'}, check duration: 0ms. 0 active and 0 backup servers left.`,
        level: null,
      },
    ];
  return [];
}

/** What a caller meets at the place it calls. */
function reach(
  scene: Scene,
  broken: Breakage,
  at: number,
  caller: Member,
  call: Call,
): { failing: Failing | null; place: Place; waitedMs: number } {
  const place = scene.place(caller, call, routeTo(call.to));
  const wrong = broken.wrong?.(caller.name, call.to, at) ?? null;
  if (wrong !== null)
    return { failing: wrong.failing, place: { ...place, ...wrong.place }, waitedMs: wrong.failing === 'timeout' ? 3000 : 2 };
  const failing = broken.meets?.(call.to, at, caller.name) ?? null;
  return { failing, place, waitedMs: failing === 'timeout' ? 3000 : scene.random.whole(1, 12) };
}

/** Calls a process makes as it comes up: stores and brokers, again until it gets through. */
function firstCalls(scene: Scene, broken: Breakage, self: Member, upAt: number, readyAt: ReadonlyMap<string, number>): void {
  const { random } = scene;
  const language = languageOf[self.stack];
  if (language === undefined) return;
  for (const call of self.calls) {
    if (call.via === 'http' || call.via === 'grpc') continue;
    let at = upAt + random.whole(200, 1500);
    for (let tries = 0; tries < 30 && at < scene.endAt; tries++) {
      const met = reach(scene, broken, at, self, call);
      const failing = met.failing ?? (at < readyAt.get(call.to)! ? 'refused' : null);
      if (failing === null) {
        if (random.chance(0.6))
          scene.say(
            self.name,
            at,
            record(
              self.stack,
              scene.self(self, at),
              'INFO',
              random.pick([`connected to ${call.to}`, 'connection established', `${call.via} pool ready`]),
            ),
          );
        break;
      }
      const waits = Math.min(8, 2 ** tries);
      scene.say(
        self.name,
        at,
        record(
          self.stack,
          scene.self(self, at),
          'ERROR',
          random.pick([
            `connection attempt ${tries + 1} failed, retrying in ${waits}s`,
            `not ready: ${call.to}, will retry`,
            'connect failed, backing off',
          ]),
          problem(language, failing, met.place, call.via, random),
        ),
      );
      at += waits * 1000;
    }
  }
}

const rareNoise = [
  'cache entry expired for key user:prefs',
  'validation failed: field "email" is required',
  'slow operation took 812ms',
  'deprecated option "legacyMode" is set',
  'token expired, client must log in again',
  'rate limit of client 10.42.1.9 exceeded',
];

export function folderOf(system: System, fault: string, seed: string): { folder: IncidentFolder; truth: readonly string[] } {
  const random = seeded(`blind startup ${system.name} ${fault} ${seed}`);
  const { scene, said } = sceneOf(system, random);
  const broken = brokenFor(fault, scene);
  const readyAt = new Map(
    system.members.map((one) => [one.name, scene.startAt + (isServer(one) ? random.whole(300, 9000) : random.whole(0, 5000))]),
  );
  for (const self of system.members) {
    const at = readyAt.get(self.name)!;
    if (broken.replaces?.has(self.name)) continue;
    scene.say(self.name, at, opening(self.stack, scene.self(self, at)));
    firstCalls(scene, broken, self, at, readyAt);
  }
  broken.speak?.(scene, readyAt);
  for (let at = scene.startAt + 11_000; at < scene.endAt - 200; at += random.whole(300, 1600)) {
    const edge = member(system, system.edge);
    if (broken.replaces?.has(edge.name)) break;
    request(scene, broken, at, edge.name);
    if (random.chance(0.06)) {
      const one = random.pick(system.members.filter((candidate) => !isServer(candidate) && !broken.replaces?.has(candidate.name)));
      scene.say(one.name, at, record(one.stack, scene.self(one, at), random.pick(['WARN', 'ERROR', 'INFO']), random.pick(rareNoise)));
    }
  }
  if (system.events)
    for (const one of system.members.slice(0, 4))
      scene.say('event-log', scene.startAt + 500, [
        {
          text: `Normal  Scheduled  pod/${one.name}-${random.hex(9)}-x2k9q  Successfully assigned ${system.name}/${one.name} to node-${random.whole(1, 4)}`,
          level: null,
        },
      ]);
  return { folder: written(scene, said, fault, seed), truth: broken.truth.flatMap((name) => [name, listed(system, name)]) };
}

function written(scene: Scene, said: ReadonlyMap<string, { at: number; line: Line }[]>, fault: string, seed: string): IncidentFolder {
  const { system } = scene;
  const numbers = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const;
  const logs = [...said]
    .filter(([, list]) => list.length > 0)
    .map(([service, list]) => ({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
          scopeLogs: [
            {
              logRecords: list
                .sort((a, b) => a.at - b.at)
                .map(
                  ({ at, line }): FolderLog => ({
                    timeUnixNano: `${Math.round(at * 1000)}000`,
                    body: { stringValue: line.text },
                    ...(system.severities && line.level !== null ? { severityText: line.level, severityNumber: numbers[line.level] } : {}),
                  }),
                ),
            },
          ],
        },
      ],
    }));
  const services: FolderService[] = system.members.map(({ name, port }) => ({
    name: listed(system, name),
    addresses: [scene.addresses.get(name)!],
    ports: [port],
  }));
  return {
    name: `startup-${system.name}-${fault}-${seed}`,
    path: null,
    alertAt: scene.endAt,
    traces: [],
    logs,
    metrics: [],
    changes: [],
    services,
  };
}

export function startupCases(rounds: number): Case[] {
  const cases: Case[] = [];
  for (let round = 0; round < rounds; round++)
    for (const system of systems)
      for (const fault of startupFaultNames) {
        for (const seed of fault === 'none' ? [`${round}a`, `${round}b`] : [String(round)]) {
          const { truth } = folderOf(system, fault, seed);
          if (truth.length === 0 && fault !== 'none') continue;
          cases.push({
            set: fault === 'none' ? 'blind start-up, sound' : 'blind start-up',
            truth: { services: [...truth], fault, changeService: null },
            affected: null,
            half: system.half,
            read: () => folderOf(system, fault, seed).folder,
          });
        }
      }
  return cases;
}
