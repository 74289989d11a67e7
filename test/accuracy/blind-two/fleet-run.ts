/**
 * An hour of a fleet, scrape by scrape: load flows down the calls, waiting and failures flow up, pods are replaced by releases. What a bad version does
 * is said by `Harm`; everything else follows from it, so that a hammered store is slow for all its callers and a failing callee fails its callers.
 */
import type { Random } from '../random.ts';
import type { Fleet, Member } from './fleets.ts';

export interface Harm {
  readonly slowMs?: number;
  readonly fails?: number;
  readonly cpu?: number;
  /** How many more calls it makes, by callee. */
  readonly calls?: Readonly<Record<string, number>>;
  /** The share of its calls that the callee has to refuse, by callee. */
  readonly wrongCalls?: Readonly<Record<string, number>>;
  /** It gives a callee up after so many milliseconds. */
  readonly givesUp?: Readonly<Record<string, number>>;
  /** Minutes until its memory is full. */
  readonly leakMinutes?: number;
  readonly business?: number;
}
export interface Rollout {
  readonly service: string;
  readonly steps: readonly number[];
  readonly version: string;
  readonly harm: Harm | null;
}
export interface Peak {
  readonly at: number;
  readonly factor: number;
  /** Of what the peak is more than there is room for. */
  readonly narrow: string;
}
export interface Pod {
  readonly name: string;
  readonly version: string;
  readonly sinceMs: number;
  readonly harm: Harm | null;
}
export interface Edge {
  readonly to: string;
  readonly rate: number;
  readonly ms: number;
  readonly fails: number;
}
export interface Sample {
  readonly member: Member;
  readonly pod: Pod;
  readonly rate: number;
  readonly ms: number;
  readonly fails: number;
  readonly edges: readonly Edge[];
  readonly cpu: number;
  readonly memory: number;
  readonly threads: number;
  readonly restarts: number;
  readonly business: number;
}

interface State {
  rate: number;
  ms: number;
  fails: number;
  wrong: number;
}

export class FleetHour {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #rollouts: readonly Rollout[];
  readonly #peak: Peak | null;
  readonly #of: ReadonlyMap<string, Member>;
  readonly #usual = new Map<string, number>();
  readonly #room = new Map<string, number>();
  readonly #suffixes = new Map<string, string>();
  readonly #tide: number;

  constructor(fleet: Fleet, random: Random, rollouts: readonly Rollout[], peak: Peak | null) {
    this.#fleet = fleet;
    this.#random = random;
    this.#rollouts = rollouts;
    this.#peak = peak;
    this.#of = new Map(fleet.members.map((member) => [member.name, member]));
    this.#tide = random.between(-0.15, 0.25);
    for (const { name } of fleet.members) this.#room.set(name, name === peak?.narrow ? 0.62 : random.between(0.22, 0.4));
    const rates = this.#rates(fleet.ratePerSecond, () => []);
    for (const [name, rate] of rates) this.#usual.set(name, rate);
  }

  pods(name: string, at: number): Pod[] {
    const member = this.#of.get(name)!;
    const pods = Array.from({ length: member.pods }, (_, slot): Pod => {
      let pod: Pod = { name: this.#podName(name, 'v1', slot), version: '1', sinceMs: 0, harm: null };
      for (const { service, steps, version, harm } of this.#rollouts)
        if (service === name && steps[slot] !== undefined && steps[slot] <= at)
          pod = { name: this.#podName(name, version, slot), version, sinceMs: steps[slot], harm };
      return pod;
    });
    return pods;
  }

  #podName(name: string, version: string, slot: number): string {
    if (this.#of.get(name)!.store) return `${name}-0`;
    const known = (key: string, digits: number) => {
      const suffix = this.#suffixes.get(key) ?? this.#random.hex(digits);
      this.#suffixes.set(key, suffix);
      return suffix;
    };
    return `${name}-${known(`${name}/${version}`, 9)}-${known(`${name}/${version}/${slot}`, 5)}`;
  }

  #rates(door: number, podsOf: (name: string) => readonly Pod[]): Map<string, number> {
    const rates = new Map<string, number>([[this.#fleet.members[0]!.name, door]]);
    for (const name of this.#topDown()) {
      const pods = podsOf(name);
      for (const { to, times } of this.#of.get(name)!.calls) {
        const factor = pods.length === 0 ? 1 : pods.reduce((sum, { harm }) => sum + (harm?.calls?.[to] ?? 1), 0) / pods.length;
        rates.set(to, (rates.get(to) ?? 0) + (rates.get(name) ?? 0) * times * factor);
      }
    }
    return rates;
  }

  #topDown(): string[] {
    const done: string[] = [];
    const visit = (name: string) => {
      if (done.includes(name)) return;
      for (const { to } of this.#of.get(name)!.calls) visit(to);
      done.push(name);
    };
    visit(this.#fleet.members[0]!.name);
    return done.reverse();
  }

  /** Every pod's own account of the moment. */
  samples(at: number, startAt: number): Sample[] {
    const swell = 1 + this.#tide * ((at - startAt) / 3_600_000) + 0.04 * Math.sin(at / 410_000) + 0.03 * this.#random.normal();
    const peak = this.#peak !== null && at >= this.#peak.at ? Math.min(this.#peak.factor, 1 + (at - this.#peak.at) / 60_000) : 1;
    const podsOf = new Map(this.#fleet.members.map(({ name }) => [name, this.pods(name, at)]));
    const rates = this.#rates(this.#fleet.ratePerSecond * swell * peak, (name) => podsOf.get(name)!);
    const states = new Map<string, State>();
    const samples: Sample[] = [];
    const order = this.#topDown();
    for (const name of order) states.set(name, { rate: rates.get(name) ?? 0, ms: 0, fails: 0, wrong: 0 });
    for (const name of order)
      for (const { harm } of podsOf.get(name)!)
        for (const [to, share] of Object.entries(harm?.wrongCalls ?? {})) {
          const times = this.#of.get(name)!.calls.find((call) => call.to === to)!.times;
          states.get(to)!.wrong += (share * states.get(name)!.rate * times) / podsOf.get(name)!.length / states.get(to)!.rate;
        }
    for (const name of order.reverse()) samples.push(...this.#ofService(this.#of.get(name)!, podsOf.get(name)!, states, at));
    return samples;
  }

  #ofService(member: Member, pods: readonly Pod[], states: Map<string, State>, at: number): Sample[] {
    const state = states.get(member.name)!;
    const room = this.#room.get(member.name)!;
    const used = (room * state.rate) / (this.#usual.get(member.name) || 1);
    const waiting = (1 - room) / (1 - Math.min(used, 0.955));
    const overload = used > 1.05 ? 1 - 1.05 / used : 0;
    const samples = pods.map((pod): Sample => {
      const { harm } = pod;
      const ageMinutes = (at - pod.sinceMs) / 60_000;
      const leaked = harm?.leakMinutes === undefined ? 0 : ageMinutes / harm.leakMinutes;
      const full = leaked % 1;
      const justDied = leaked > 1 && full < 0.06;
      const thrash = full > 0.7 ? 1 + (full - 0.7) * 22 : 1;
      const cold = ageMinutes < 1.5 ? 1.4 : 1;
      const share = state.rate / pods.length;
      const edges = member.calls.map(({ to, times }): Edge => {
        const callee = states.get(to)!;
        const limit = harm?.givesUp?.[to] ?? Number.POSITIVE_INFINITY;
        const ms = (callee.ms + 0.8) * (1 + 0.04 * this.#random.normal());
        // Times are spread about exponentially, so a limit near the mean cuts off a share.
        const cut = Number.isFinite(limit) ? Math.exp(-limit / ms) : 0;
        const others = Math.max(0, callee.fails - callee.wrong);
        return {
          to,
          rate: share * times * (harm?.calls?.[to] ?? 1),
          ms: Math.min(ms, limit),
          fails: 1 - (1 - others) * (1 - (harm?.wrongCalls?.[to] ?? 0)) * (1 - cut),
        };
      });
      const own = (member.ownMs * waiting * cold * thrash + (harm?.slowMs ?? 0)) * (1 + 0.07 * this.#random.normal());
      const passed = member.calls.reduce(
        (left, { times, soft }, index) => (soft ? left : left * (1 - edges[index]!.fails * Math.min(1, times))),
        1,
      );
      const ms = own + edges.reduce((sum, edge) => sum + (share === 0 ? 0 : (edge.ms * edge.rate) / share), 0);
      const ownFails =
        1 - (1 - (harm?.fails ?? 0)) * (1 - overload) * (1 - (justDied ? 0.6 : 0)) * (1 - Math.abs(0.0008 * this.#random.normal()));
      const fails = 1 - (1 - ownFails) * passed;
      return {
        member,
        pod,
        edges,
        ms,
        fails,
        rate: share * (1 + 0.05 * this.#random.normal()),
        cpu: Math.min(1, Math.max(0.01, used * 0.8 * cold * (harm?.cpu ?? 1) * Math.min(thrash, 3) * (1 + 0.08 * this.#random.normal()))),
        memory: Math.min(0.99, 0.32 + 0.04 * Math.sin(at / 97_000 + pod.name.length) + 0.66 * full + 0.01 * this.#random.normal()),
        threads: Math.round(18 + (share * ms) / 1000 + full * 400 + Math.abs(this.#random.normal())),
        restarts: Math.floor(leaked),
        business: member.business === null ? 0 : share * (1 - fails) * (harm?.business ?? 1) * 0.3,
      };
    });
    const mean = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
    state.ms = mean(({ ms }) => ms);
    state.fails = Math.min(1, mean(({ fails }) => fails) + state.wrong);
    return state.wrong === 0 ? samples : samples.map((sample) => ({ ...sample, fails: Math.min(1, sample.fails + state.wrong) }));
  }
}
