/** Releases rolling out over running systems: what pods and calls measured, in the naming of one monitoring stack a system. */
import type { Case, FolderChange, FolderMetrics, IncidentFolder, KeyValue } from '../folder.ts';
import { type Random, seeded } from '../random.ts';
import { type Fleet, fleets } from './fleets.ts';
import { type Sample, stylists } from './metric-styles.ts';

interface Pod {
  readonly name: string;
  readonly version: string;
  readonly from: number;
  readonly to: number;
  readonly bad: boolean;
}
interface Release {
  readonly service: string;
  readonly steps: readonly number[];
  readonly bad: boolean;
}
const kinds = ['latency', 'errors', 'memory', 'restarts', 'throttle', 'business'] as const;
type Kind = (typeof kinds)[number];

/** Which of the kinds a stack of metrics shows at all. */
const shows = (style: Fleet['style'], kind: Kind) => style !== 'gauges' || !['restarts', 'business', 'throttle'].includes(kind);

function callersOf(fleet: Fleet, service: string): string[] {
  return Object.keys(fleet.calls).filter((one) => fleet.calls[one]!.includes(service));
}

function podsOf(service: string, release: Release | undefined, partly: boolean, startAt: number, random: Random): Pod[] {
  const count = random.whole(2, 3);
  const pod = (hash: string) => `${service}-${hash}-${random.hex(5)}`;
  const [before, after] = [random.hex(9), random.hex(9)];
  const old = Array.from({ length: count }, () => pod(before));
  if (release === undefined)
    return old.map((name) => ({ name, version: '1.8.0', from: startAt, to: Number.POSITIVE_INFINITY, bad: false }));
  return old.flatMap((name, index) => {
    const at = release.steps[index];
    if (at === undefined) return [{ name, version: '1.8.0', from: startAt, to: Number.POSITIVE_INFINITY, bad: false }];
    return [
      { name, version: '1.8.0', from: startAt, to: at + 20_000, bad: false },
      { name: pod(after), version: '1.9.0', from: at, to: Number.POSITIVE_INFINITY, bad: release.bad && (!partly || index === 0) },
    ];
  });
}

function build(fleet: Fleet, kind: Kind | 'none', seed: string): { folder: IncidentFolder; guilty: string | null } {
  const random = seeded(`blind rollout ${fleet.name} ${kind} ${seed}`);
  const services = Object.keys(fleet.calls);
  const alertAt = Date.UTC(2026, random.whole(0, 11), random.whole(1, 27), random.whole(0, 23), random.whole(0, 59), random.whole(0, 59));
  const startAt = alertAt - random.whole(16, 24) * 60_000;
  const partly = random.chance(0.3);
  const chosen = random.shuffled(services.slice(1)).slice(0, random.whole(1, Math.min(6, services.length - 1)));
  const releases: Release[] = chosen.map((service, index) => {
    const first = alertAt - random.whole(index === 0 ? 150 : 60, 420) * 1000;
    const steps = random.chance(0.5)
      ? [first]
      : [first, first + 30_000, first + 60_000].filter((at) => at < alertAt - 60_000 || at === first);
    return { service, steps, bad: index === 0 && kind !== 'none' };
  });
  const guilty = kind === 'none' ? null : chosen[0]!;
  const samples: Sample[] = [];
  const base = new Map(
    services.map((service) => [
      service,
      {
        own: random.between(4, 60),
        memory: random.between(0.2, 0.6),
        cpu: random.between(0.08, 0.45),
        errors: random.chance(0.3) ? random.between(0.002, 0.02) : 0,
        rate: random.between(4, 40),
      },
    ]),
  );
  const pods = new Map(
    services.map((service) => [
      service,
      podsOf(
        service,
        releases.find((one) => one.service === service),
        partly,
        startAt,
        random,
      ),
    ]),
  );
  const severity = { latency: random.between(2.5, 8), errors: random.between(0.12, 0.6), memory: random.between(0.05, 0.15) };
  const totals = new Map<string, number>();
  const add = (key: string, by: number) => {
    const next = (totals.get(key) ?? 0) + by;
    totals.set(key, next);
    return next;
  };
  const live = (service: string, at: number) => pods.get(service)!.filter(({ from, to }) => at >= from && at < to);
  const fate = (service: string, pod: Pod, at: number) => {
    const { own, errors } = base.get(service)!;
    const age = at - pod.from;
    const young = pod.from > startAt && age < 45_000 ? random.between(1.5, 7) : 1;
    const bad = pod.bad ? kind : 'none';
    const slower = bad === 'latency' ? severity.latency : bad === 'throttle' ? 2.2 : bad === 'restarts' ? 1.2 : 1;
    return {
      ms: own * young * slower * Math.exp(0.08 * random.normal()),
      failed: Math.min(1, errors * Math.exp(0.4 * random.normal()) + (bad === 'errors' ? severity.errors : bad === 'restarts' ? 0.05 : 0)),
    };
  };
  const through = (service: string, at: number): { ms: number; failed: number } => {
    const here = live(service, at).map((pod) => fate(service, pod, at));
    const mean = (of: (one: { ms: number; failed: number }) => number) =>
      here.reduce((sum, one) => sum + of(one), 0) / Math.max(1, here.length);
    const beneath = fleet.calls[service]!.map((callee) => through(callee, at));
    return {
      ms: mean(({ ms }) => ms) + beneath.reduce((sum, { ms }) => sum + ms, 0),
      failed: 1 - (1 - mean(({ failed }) => failed)) * beneath.reduce((left, { failed }) => left * (1 - failed * 0.85), 1),
    };
  };
  for (let at = startAt; at < alertAt; at += fleet.everyMs) {
    for (const service of services) {
      const { memory, cpu, rate } = base.get(service)!;
      const beneath = fleet.calls[service]!.map((callee) => through(callee, at));
      const here = live(service, at);
      for (const pod of here) {
        const { ms, failed } = fate(service, pod, at);
        const age = (at - pod.from) / 60_000;
        const bad = pod.bad ? kind : 'none';
        const share = Math.max(1, Math.round((rate * (fleet.everyMs / 1000) * Math.exp(0.1 * random.normal())) / here.length));
        const failing = 1 - (1 - failed) * beneath.reduce((left, one) => left * (1 - one.failed * 0.85), 1);
        const failures = Math.min(share, Math.round(share * failing));
        const key = (word: string) => `${pod.name} ${word}`;
        const took = ms + beneath.reduce((sum, one) => sum + one.ms, 0);
        const clients = callersOf(fleet, service);
        const restarts = bad === 'restarts' && age > 0.7 ? (random.chance(0.6) ? 1 : 0) : 0;
        samples.push({
          at,
          system: fleet.name,
          service,
          pod: pod.name,
          version: pod.version,
          everyMs: fleet.everyMs,
          startedAt: pod.from,
          memory: Math.min(
            0.98,
            (pod.from > startAt ? memory * Math.min(1, 0.7 + age * 0.1) : memory) +
              (bad === 'memory' ? severity.memory * age : 0) +
              0.008 * random.normal(),
          ),
          cpu: Math.min(
            1,
            (bad === 'throttle' ? 0.97 : cpu * (pod.from > startAt && age < 0.7 ? 1.6 : 1)) * Math.exp(0.07 * random.normal()),
          ),
          throttled: add(key('throttled'), bad === 'throttle' ? random.whole(180, 260) : random.chance(0.1) ? random.whole(0, 4) : 0),
          periods: add(key('periods'), 300),
          cpuSeconds: add(key('cpu'), (fleet.everyMs / 1000) * (bad === 'throttle' ? 0.97 : cpu) * Math.exp(0.07 * random.normal())),
          restarts: add(key('restarts'), restarts),
          business: add(key('business'), Math.round(share * 0.6 * (bad === 'business' ? 0.25 : 1) * Math.exp(0.05 * random.normal()))),
          calls: (clients.length === 0 ? ['internet'] : clients).map((client) => {
            const count = Math.max(1, Math.round(share / Math.max(1, clients.length)));
            const missed = Math.min(count, Math.round(failures / Math.max(1, clients.length)));
            const each = took * Math.exp(0.05 * random.normal());
            return {
              client,
              count,
              failed: missed,
              ms: each,
              countTotal: add(key(`${client} ok`), count - missed),
              failedTotal: add(key(`${client} failed`), missed),
              msTotal: add(key(`${client} ms`), each * count),
            };
          }),
        });
      }
    }
  }
  const changes: FolderChange[] = random.shuffled(releases).map(({ service, steps }) => ({
    kind: 'release',
    service,
    startedAt: new Date(steps[0]!).toISOString(),
    steps: steps.map((at) => new Date(at).toISOString()),
    version: '1.9.0',
  }));
  return {
    guilty,
    folder: {
      name: `rollout-${fleet.name}-${kind}-${seed}`,
      path: null,
      alertAt,
      traces: [],
      logs: [],
      metrics: written(fleet, samples),
      changes,
      services: [],
    },
  };
}

const attribute = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });

function written(fleet: Fleet, samples: readonly Sample[]): FolderMetrics[] {
  const byTime = Map.groupBy(samples, ({ at }) => at);
  return [...byTime.values()].map((group) => ({
    resourceMetrics: group.map((sample) => ({
      resource: {
        attributes: [
          attribute('service.name', sample.service),
          attribute('k8s.pod.name', sample.pod),
          ...(fleet.style === 'otel' ? [attribute('service.version', sample.version)] : []),
        ],
      },
      scopeMetrics: [{ metrics: stylists[fleet.style](sample) }],
    })),
  })) as unknown as FolderMetrics[];
}

export function rolloutCases(rounds: number): Case[] {
  const cases: Case[] = [];
  for (let round = 0; round < rounds; round++)
    for (const fleet of fleets)
      for (const kind of [...kinds, 'none'] as const) {
        if (kind !== 'none' && !shows(fleet.style, kind)) continue;
        for (const seed of [`${round}a`, `${round}b`]) {
          const { guilty } = build(fleet, kind, seed);
          cases.push({
            set: kind === 'none' ? 'blind releases, sound' : 'blind releases',
            truth: { services: guilty === null ? [] : [guilty], fault: `${kind} in ${fleet.style}`, changeService: guilty },
            affected: null,
            half: fleet.half,
            read: () => build(fleet, kind, seed).folder,
          });
        }
      }
  return cases;
}
