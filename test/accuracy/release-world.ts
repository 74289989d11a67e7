/**
 * Releases rolling out, seen through metrics alone: CPU and memory of pods, success and latency of edges as each pod reports
 * them. One to six services get a new version within minutes; one of them is bad, everywhere or on some replicas, or none is.
 */
import type { Case, FolderMetrics, FolderPoint, IncidentFolder, KeyValue } from './folder.ts';
import { type Random, seeded } from './random.ts';

export const releaseFaults = ['errors', 'never serves', 'slow', 'saturated', 'bad on some replicas'] as const;
type ReleaseFault = (typeof releaseFaults)[number] | 'none';

interface Service {
  readonly name: string;
  readonly calls: Service[];
  readonly replicas: number;
  readonly latencyMs: number;
  readonly cpu: number;
  readonly memory: number;
}

interface Pod {
  readonly service: Service;
  readonly name: string;
  readonly version: string;
  readonly from: number;
  readonly to: number;
  readonly bad: boolean;
}

const syllables = 'bo cy da el fi ga hu iz jo ka lo mi na ob pi ra su ty um vo'.split(' ');
const minute = 60_000;

function system(random: Random): Service[] {
  const names = new Set<string>();
  const count = random.whole(8, 12);
  while (names.size < count) names.add(`${random.pick(syllables)}${random.pick(syllables)}${random.pick(syllables)}`);
  const suffix = random.pick(['', 'service', '-svc']);
  const services = [...names].map(
    (name): Service => ({
      name: `${name}${suffix}`,
      calls: [],
      replicas: random.whole(2, 5),
      latencyMs: random.between(1, 20),
      cpu: random.between(0.03, 0.5),
      memory: random.between(0.03, 0.5),
    }),
  );
  services.forEach((service, index) => {
    if (index === 0) return;
    services[Math.floor(random.next() * Math.min(index, 4))]!.calls.push(service);
    const second = services[Math.floor(random.next() * index)]!;
    if (random.chance(0.4) && !second.calls.includes(service)) second.calls.push(service);
  });
  return services;
}

class Rollout {
  readonly #random: Random;
  readonly #services: readonly Service[];
  readonly #fault: ReleaseFault;
  readonly #bad: Service;
  readonly pods: Pod[] = [];
  /** Share of a service's calls that fail while the fault is there. */
  readonly #loss: number;
  readonly #slower: number;

  constructor(services: readonly Service[], fault: ReleaseFault, bad: Service, random: Random) {
    this.#services = services;
    this.#fault = fault;
    this.#bad = bad;
    this.#random = random;
    this.#loss = random.between(0.25, 1);
    this.#slower = random.between(3, 30);
  }

  podsOf(service: Service, releasedAt: number | null, endAt: number): void {
    const random = this.#random;
    const name = (version: string) => `${service.name}-${version}-${random.hex(9)}-${random.hex(5)}`;
    const replaced = releasedAt === null ? 0 : random.whole(1, service.replicas);
    const onlyOne = this.#fault === 'bad on some replicas' && service === this.#bad;
    for (let index = 0; index < service.replicas; index++) {
      const at = releasedAt !== null && index < replaced ? releasedAt + index * random.between(10_000, 40_000) : Number.POSITIVE_INFINITY;
      this.pods.push({ service, name: name('v1'), version: 'v1', from: 0, to: Math.min(at, endAt), bad: false });
      if (at < endAt) {
        const bad = service === this.#bad && this.#fault !== 'none' && (!onlyOne || index === 0);
        this.pods.push({ service, name: name('v2'), version: 'v2', from: at, to: endAt, bad });
      }
    }
  }

  /** Share of live pods of a service that are bad. */
  #badShare(service: Service, at: number): number {
    const live = this.pods.filter((pod) => pod.service === service && pod.from <= at && at < pod.to);
    return live.length === 0 ? 0 : live.filter(({ bad }) => bad).length / live.length;
  }

  #fails(): boolean {
    return this.#fault === 'errors' || this.#fault === 'bad on some replicas' || this.#fault === 'never serves';
  }

  #costsTime(): boolean {
    return this.#fault === 'slow' || this.#fault === 'saturated';
  }

  /** Success of calls to a service, its own fault and those behind it together. */
  success(service: Service, at: number, depth = 0): number {
    let success = 1 - (this.#fails() ? this.#badShare(service, at) * this.#loss : 0);
    if (depth < 4) for (const callee of service.calls) success *= 1 - 0.6 * (1 - this.success(callee, at, depth + 1));
    return success;
  }

  latency(service: Service, at: number, depth = 0): number {
    const slow = this.#costsTime() ? this.#badShare(service, at) * this.#slower : 0;
    let own = service.latencyMs * (1 + slow);
    if (depth < 4) for (const callee of service.calls) own += 0.7 * (this.latency(callee, at, depth + 1) - callee.latencyMs);
    return own;
  }

  #noisy(success: number): number {
    const dips = this.#random.chance(0.001) ? this.#random.between(0.01, 0.1) : 0;
    return Math.max(0, Math.min(1, success - dips + (success < 1 ? 0.06 * this.#random.normal() : 0)));
  }

  metricsOf(pod: Pod, startAt: number, endAt: number): FolderMetrics {
    const random = this.#random;
    const series = new Map<string, { name: string; unit: string; points: FolderPoint[] }>();
    const add = (name: string, unit: string, at: number, value: number, attributes: KeyValue[]) => {
      const known = series.get(name) ?? { name, unit, points: [] };
      series.set(name, known);
      known.points.push({ timeUnixNano: `${Math.floor(at)}000000`, asDouble: value, attributes });
    };
    const callers = this.#services.filter((caller) => caller.calls.includes(pod.service));
    // A new pod's first minute is slow, whoever's it is: 1.6 times in the middle, 7 at the tenth (recorded rollouts).
    const coldFactor = Math.exp(Math.abs(random.normal()));
    const neverServes = pod.bad && this.#fault === 'never serves';
    for (let at = startAt + random.between(0, minute); at < endAt; at += minute) {
      if (at < pod.from || at >= pod.to) continue;
      const cold = pod.from > 0 && at - pod.from < minute ? coldFactor : 1;
      const busy = pod.bad && this.#fault === 'saturated';
      add(
        'k8s.pod.cpu_limit_utilization',
        '1',
        at,
        busy ? random.between(0.85, 1) : Math.min(1, pod.service.cpu * Math.exp(0.05 * random.normal())),
        [],
      );
      const leak = busy ? Math.min(1, pod.service.memory + ((at - pod.from) / minute) * 0.15) : pod.service.memory;
      add('k8s.pod.memory_limit_utilization', '1', at, Math.min(1, leak * Math.exp(0.1 * random.normal())), []);
      if (neverServes) continue;
      const edge = (client: string, server: string) =>
        [client, server, pod.version].map((value, index) => text(['client', 'server', 'service.version'][index]!, value));
      for (const caller of callers) {
        const own = pod.bad && this.#fails() ? 1 - this.#loss : 1;
        const behind = pod.service.calls.reduce((product, callee) => product * (1 - 0.6 * (1 - this.success(callee, at))), 1);
        // A pod answers at its own pace: only the bad ones are slow; what lies behind it slows them all.
        const slow = pod.bad && this.#costsTime() ? this.#slower : 0;
        const behindMs = pod.service.calls.reduce((sum, callee) => sum + 0.7 * (this.latency(callee, at) - callee.latencyMs), 0);
        const base = (pod.service.latencyMs * (1 + slow) + behindMs) * cold;
        add('service_graph.edge.success_ratio', '1', at, this.#noisy(own * behind), edge(caller.name, pod.service.name));
        add('service_graph.edge.latency', 'ms', at, base * Math.exp(0.25 * random.normal()), edge(caller.name, pod.service.name));
      }
      for (const callee of pod.service.calls) {
        add('service_graph.edge.success_ratio', '1', at, this.#noisy(this.success(callee, at)), edge(pod.service.name, callee.name));
        add(
          'service_graph.edge.latency',
          'ms',
          at,
          this.latency(callee, at) * Math.exp(0.25 * random.normal()),
          edge(pod.service.name, callee.name),
        );
      }
    }
    const metrics = [...series.values()].map(({ name, unit, points }) => ({ name, unit, gauge: { dataPoints: points } }));
    const attributes = [text('service.name', pod.service.name), text('k8s.pod.name', pod.name)];
    return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] };
  }
}

const text = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });

function folderOf(name: string, fault: ReleaseFault, services: readonly Service[], bad: Service, random: Random): IncidentFolder {
  const alertAt = 1_782_000_000_000 + random.whole(0, 9_000_000) * 1000;
  const startAt = alertAt - random.whole(17, 24) * minute;
  const others = random.shuffled(services.filter((service) => service !== bad)).slice(0, random.whole(0, 5));
  const released = new Map([bad, ...others].map((service) => [service, alertAt - random.between(1.5, 4.5) * minute]));
  const rollout = new Rollout(services, fault, bad, random);
  for (const service of services) rollout.podsOf(service, released.get(service) ?? null, alertAt);
  const iso = (at: number) => new Date(Math.floor(at / 1000) * 1000).toISOString();
  return {
    name,
    path: null,
    alertAt,
    traces: [],
    logs: [],
    metrics: rollout.pods.map((pod) => rollout.metricsOf(pod, startAt, alertAt)),
    changes: random
      .shuffled([...released])
      .map(([service, at]) => ({ kind: 'release', service: service.name, startedAt: iso(at), steps: [iso(at)], version: 'v2' })),
    services: [],
  };
}

export function releaseCase(fault: ReleaseFault, round: number): Case {
  const name = `release ${fault} ${round}`;
  const random = seeded(name);
  const services = system(random);
  const bad = random.pick(services.slice(1));
  const calm = fault === 'none';
  return {
    set: 'release',
    half: round % 2 === 0 ? 'open' : 'closed',
    truth: { services: calm ? [] : [bad.name], fault, changeService: calm ? null : bad.name },
    affected: null,
    read: () => folderOf(name, fault, services, bad, random),
  };
}
