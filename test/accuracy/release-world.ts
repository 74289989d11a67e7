/**
 * Releases rolling out, seen through metrics alone: CPU and memory of pods, success and latency of edges as each pod reports
 * them. One to six services get a new version within minutes; one of them is bad, everywhere or on some replicas, or none is.
 */
import type { Case, FolderMetrics, IncidentFolder } from './folder.ts';
import { type Random, seeded } from './random.ts';
import { type Dialect, dialectOf, type Scrape, type SeenCalls, written } from './release-dialects.ts';

export const releaseFaults = ['errors', 'never serves', 'slow', 'saturated', 'bad on some replicas'] as const;
type ReleaseFault = (typeof releaseFaults)[number] | 'none';

interface Service {
  readonly name: string;
  readonly calls: Service[];
  readonly replicas: number;
  readonly latencyMs: number;
  readonly cpu: number;
  readonly memory: number;
  readonly callsPerMinute: number;
}

interface Pod {
  readonly service: Service;
  readonly name: string;
  readonly version: string;
  readonly from: number;
  readonly to: number;
  readonly bad: boolean;
  /** When the fault begins to show: as it starts, or only after a while. */
  readonly badFrom: number;
  /** ms from its start until it takes calls. */
  readonly readyAfter: number;
  /** Nodes differ: replicas of one version are up to so much slower. */
  readonly pace: number;
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
      callsPerMinute: random.between(20, 1200),
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
  readonly #shiftAt: number;
  readonly #shift: number;
  /** The fault shows this long before the alert, where it is sooner than a pod's start. */
  readonly #showsAt: number;
  readonly dialect: Dialect;

  constructor(services: readonly Service[], fault: ReleaseFault, bad: Service, alertAt: number, random: Random) {
    this.#services = services;
    this.#fault = fault;
    this.#bad = bad;
    this.#random = random;
    this.#loss = random.between(0.25, 1);
    this.#slower = random.between(3, 30);
    this.dialect = dialectOf(random);
    this.#shiftAt = alertAt - random.between(0, 15) * minute;
    this.#shift = random.chance(0.5) ? random.between(0.5, 2) : 1;
    this.#showsAt = random.chance(0.3) ? alertAt - random.between(1.1, 1.6) * this.dialect.intervalMs : 0;
  }

  podsOf(service: Service, releasedAt: number | null, endAt: number): void {
    const random = this.#random;
    const name = (version: string) => `${service.name}-${version}-${random.hex(9)}-${random.hex(5)}`;
    const replaced = releasedAt === null ? 0 : random.whole(1, service.replicas);
    const onlyOne = this.#fault === 'bad on some replicas' && service === this.#bad;
    const pod = (version: string, from: number, to: number, bad: boolean): Pod => ({
      service,
      name: name(version),
      version,
      from,
      to,
      bad,
      badFrom: Math.max(from, this.#showsAt),
      readyAfter: from > 0 ? random.between(5_000, 40_000) : 0,
      pace: Math.exp(0.2 * random.normal()),
    });
    for (let index = 0; index < service.replicas; index++) {
      const at = releasedAt !== null && index < replaced ? releasedAt + index * random.between(10_000, 40_000) : Number.POSITIVE_INFINITY;
      this.pods.push(pod('v1', 0, Math.min(at, endAt), false));
      if (at < endAt) {
        const bad = service === this.#bad && this.#fault !== 'none' && (!onlyOne || index === 0);
        this.pods.push(pod('v2', at, endAt, bad));
      }
    }
  }

  /** Share of live pods of a service that are bad. */
  #badShare(service: Service, at: number): number {
    const live = this.pods.filter((pod) => pod.service === service && pod.from <= at && at < pod.to);
    return live.length === 0 ? 0 : live.filter(({ bad, badFrom }) => bad && at >= badFrom).length / live.length;
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

  /** Calls that fail of so many, with a retry that failed now and then. */
  #failed(calls: number, success: number): number {
    const dips = this.#random.chance(0.001) ? this.#random.between(0.01, 0.1) : 0;
    const loss = Math.min(1, Math.max(0, 1 - success + dips + (success < 1 ? 0.06 * this.#random.normal() : 0)));
    return Math.min(calls, Math.round(calls * loss));
  }

  scrapesOf(pod: Pod, startAt: number, endAt: number): Scrape[] {
    const random = this.#random;
    const scrapes: Scrape[] = [];
    const { intervalMs } = this.dialect;
    const callers = this.#services.filter((caller) => caller.calls.includes(pod.service));
    // A new pod's first minute is slow, whoever's it is: 1.6 times in the middle, 7 at the tenth (recorded rollouts).
    const coldFactor = Math.exp(Math.abs(random.normal()));
    const warmingCpu = random.between(1, 2.5);
    const neverServes = pod.bad && this.#fault === 'never serves';
    for (let at = startAt + random.between(0, intervalMs); at < endAt; at += intervalMs) {
      if (at < pod.from || at >= pod.to) continue;
      const isCold = pod.from > 0 && at - pod.from < minute;
      const faulty = pod.bad && at >= pod.badFrom;
      const busy = faulty && this.#fault === 'saturated';
      const cpu = pod.service.cpu * Math.exp(0.05 * random.normal()) * (isCold ? warmingCpu : 1) * (0.6 + 0.4 * this.#traffic(at));
      const leak = pod.service.memory * Math.exp(0.1 * random.normal()) + (busy ? ((at - pod.badFrom) / minute) * 0.15 : 0);
      const serves = !neverServes && at >= pod.from + pod.readyAfter;
      scrapes.push({
        at,
        cpu: busy ? random.between(0.85, 1) : Math.min(1, cpu),
        memory: Math.min(1, leak),
        inbound: serves ? callers.map((caller) => this.#inbound(pod, caller, at, isCold ? coldFactor : 1)) : [],
        outbound: serves ? pod.service.calls.map((callee) => this.#outbound(pod, callee, at, isCold ? coldFactor : 1)) : [],
      });
    }
    return scrapes;
  }

  /** Traffic is not even: a shift some time, and noise. */
  #traffic(at: number): number {
    return at < this.#shiftAt ? 1 : this.#shift;
  }

  #calls(service: Service, at: number): number {
    const wanted = (service.callsPerMinute * this.dialect.intervalMs * this.#traffic(at)) / minute;
    return Math.max(1, Math.round(wanted + Math.sqrt(wanted) * this.#random.normal()));
  }

  #inbound(pod: Pod, caller: Service, at: number, cold: number): SeenCalls {
    const { service } = pod;
    const faulty = pod.bad && at >= pod.badFrom;
    const own = faulty && this.#fails() ? 1 - this.#loss : 1;
    const behind = service.calls.reduce((product, callee) => product * (1 - 0.6 * (1 - this.success(callee, at))), 1);
    const calls = this.#calls(service, at);
    return {
      client: caller.name,
      server: service.name,
      calls,
      failed: this.#failed(calls, own * behind),
      latencyMs: this.#ownLatency(pod, at, cold),
    };
  }

  /** A pod answers at its own pace: only the bad ones are slow; what lies behind it slows them all. */
  #ownLatency(pod: Pod, at: number, cold: number): number {
    const { service } = pod;
    const slow = pod.bad && at >= pod.badFrom && this.#costsTime() ? this.#slower : 0;
    const behindMs = service.calls.reduce((sum, callee) => sum + 0.7 * (this.latency(callee, at) - callee.latencyMs), 0);
    return (service.latencyMs * pod.pace * (1 + slow) + behindMs) * cold * Math.exp(0.25 * this.#random.normal());
  }

  #outbound(pod: Pod, callee: Service, at: number, cold: number): SeenCalls {
    const calls = this.#calls(callee, at);
    const failed = this.#failed(calls, this.success(callee, at));
    // Some graphs measure a pod and write the same number on all its edges.
    const latencyMs =
      this.dialect.tool === 'own graph'
        ? this.#ownLatency(pod, at, cold)
        : this.latency(callee, at) * Math.exp(0.25 * this.#random.normal());
    return { client: pod.service.name, server: callee.name, calls, failed, latencyMs };
  }

  metricsOf(pod: Pod, startAt: number, endAt: number): FolderMetrics {
    return written({ ...pod, service: pod.service.name }, this.scrapesOf(pod, startAt, endAt), this.dialect, this.#random);
  }
}

function folderOf(name: string, fault: ReleaseFault, services: readonly Service[], bad: Service, random: Random): IncidentFolder {
  const alertAt = 1_782_000_000_000 + random.whole(0, 9_000_000) * 1000;
  const startAt = alertAt - random.whole(17, 24) * minute;
  const others = random.shuffled(services.filter((service) => service !== bad)).slice(0, random.whole(0, 5));
  const released = new Map([bad, ...others].map((service) => [service, alertAt - random.between(1.5, 4.5) * minute]));
  const rollout = new Rollout(services, fault, bad, alertAt, random);
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
  const rewind = random.mark();
  return {
    set: 'release',
    half: round % 2 === 0 ? 'open' : 'closed',
    truth: { services: calm ? [] : [bad.name], fault, changeService: calm ? null : bad.name },
    affected: null,
    read: () => {
      rewind();
      return folderOf(name, fault, services, bad, random);
    },
  };
}
