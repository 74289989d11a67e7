/**
 * Clocks that are off. Two things tell: a call and the span it caused overlap in truth, so the distance between their
 * middles says to the millisecond how far two clocks are apart; and rows that came in one request were written within
 * seconds of each other, so a service whose stamps stand minutes beside those of the majority has a clock that does. The
 * first is believed where both speak. Small distances are queueing and are left alone.
 *
 *   request: cart 10:00:04, stock 10:00:05, pay 10:05:04   →   pay: add -300 s
 */
import type { TelemetryWindow } from '../telemetry.ts';

/** Below this a shift is left alone: no test here is that fine, and slow calls look like it. */
export const noticeableMs = 20_000;
/** Senders collect rows for a while, up to a minute for metrics: a shift seen in requests alone must be larger. */
const noticeableTogetherMs = 60_000;
/** The latest distances seen; older ones are forgotten, so that a clock that was set is believed again. */
const kept = 64;
/** Of fewer services in a request none is the majority. */
const leastTogether = 3;
const keptRequests = 256;

/** From when to when each sender of one request speaks. */
export class Extents<Sender> {
  readonly newest = new Map<Sender, number>();
  readonly oldest = new Map<Sender, number>();

  see(sender: Sender, at: number): void {
    if (at > (this.newest.get(sender) ?? Number.NEGATIVE_INFINITY)) this.newest.set(sender, at);
    if (at < (this.oldest.get(sender) ?? Number.POSITIVE_INFINITY)) this.oldest.set(sender, at);
  }
}

/** How far a clock is off, by service; services that are right are not listed. What to add to its stamps. */
export type Offsets = ReadonlyMap<number, number>;

export class Clocks {
  /** By caller and callee. */
  readonly #calls = new Map<number, Distances>();
  /** By service: from its stamps to the newest of the majority in its request. */
  readonly #requests = new Map<number, Distances>();
  /** The latest requests, oldest first: neighbours say what a request of few services does not. */
  readonly #latest: ReadonlyMap<number, number>[] = [];
  /** By service: its newest stamp. */
  readonly #newest = new Map<number, number>();
  #offsets: Offsets | null = null;

  /** Services by number; middle of the caller's span less middle of the callee's. */
  call(caller: number, callee: number, distanceMs: number): void {
    note(this.#calls, caller * 0x1000000 + callee, distanceMs);
    this.#offsets = null;
  }

  /**
   * The newest stamp of each service in one request, and the oldest. A request may hold minutes, as after a start or a lost
   * connection: whoever fell silent early in it has no slow clock.
   */
  request(newest: ReadonlyMap<number, number>, oldest: ReadonlyMap<number, number> = newest): void {
    for (const [service, at] of newest) if (at > (this.#newest.get(service) ?? 0)) this.#newest.set(service, at);
    if (newest.size === 0) return;
    this.#offsets = null;
    this.#latest.push(new Map(newest));
    if (this.#latest.length > keptRequests) this.#latest.shift();
    if (newest.size < leastTogether) return;
    const stamps = [...newest.values()];
    const reference = newestOfMost(stamps);
    const middle = median(stamps);
    const agreeing = [...newest].filter(([, at]) => Math.abs(at - middle) <= noticeableTogetherMs);
    const since = Math.min(...agreeing.map(([service]) => oldest.get(service)!), middle);
    for (const [service, at] of newest) {
      const apart = Math.max(since - at, oldest.get(service)! - reference);
      note(this.#requests, service, apart <= noticeableTogetherMs ? 0 : reference - at);
    }
  }

  /** `now`, when it is known: who dates anything later is wrong, however many agree with it. */
  offsets(now = Number.POSITIVE_INFINITY): Offsets {
    this.#offsets ??= this.#find(now);
    return this.#offsets;
  }

  #find(now: number): Offsets {
    const links = [...this.#calls].flatMap(([key, distances]) => {
      const shift = shiftOf(distances, noticeableMs);
      return shift === null ? [] : [{ from: Math.floor(key / 0x1000000), to: key % 0x1000000, shift, calls: distances.total }];
    });
    const isAhead = (service: number): boolean => (this.#newest.get(service) ?? 0) > now + noticeableMs;
    const requests = togetherShifts(this.#requests);
    for (const [service, shift] of togetherShifts(besideOthers(this.#latest, requests, isAhead))) requests.set(service, shift);
    if ([...links.map(({ shift }) => shift), ...requests.values()].every((shift) => shift === 0)) return none;
    const offsets = new Map<number, number>();
    const services = new Set([...links.flatMap(({ from, to }) => [from, to]), ...requests.keys()]);
    for (const service of services)
      if (!offsets.has(service))
        for (const [member, offset] of offsetsAround(service, links, requests, isAhead)) offsets.set(member, offset);
    for (const [service, offset] of offsets) if (Math.abs(offset) < noticeableMs) offsets.delete(service);
    return offsets;
  }
}

const none: Offsets = new Map();

/** The clocks of one window, as its calls tell. */
export function clockOffsets({ spans }: TelemetryWindow): Offsets {
  const clocks = new Clocks();
  for (let row = 0; row < spans.length; row++) {
    const parent = spans.parent[row]!;
    if (parent < 0 || spans.service[parent] === spans.service[row]) continue;
    const middle = (of: number): number => spans.startMs[of]! + spans.durationMs[of]! / 2;
    clocks.call(spans.service[parent]!, spans.service[row]!, middle(parent) - middle(row));
  }
  return clocks.offsets();
}

interface Distances {
  readonly latest: number[];
  total: number;
}

function note(all: Map<number, Distances>, key: number, distanceMs: number): void {
  const distances = all.get(key);
  if (distances === undefined) all.set(key, { latest: [distanceMs], total: 1 });
  else distances.latest[distances.total++ % kept] = distanceMs;
}

/** null: the distances are large and contradict each other. */
function shiftOf({ latest }: Distances, noticeable: number): number | null {
  const middle = median(latest);
  if (Math.abs(middle) <= noticeable) return 0;
  return median(latest.map((value) => Math.abs(value - middle))) < Math.abs(middle) / 10 ? middle : null;
}

/** Nothing is dated after its request: near the least distance, the usual one would leave rows late by what senders wait. */
function togetherShifts(all: ReadonlyMap<number, Distances>): Map<number, number> {
  const shifts = new Map<number, number>();
  for (const [service, distances] of all) {
    const shift = shiftOf(distances, noticeableTogetherMs);
    if (shift === null) continue;
    // Requests of minutes, in which nothing contradicted it, say nothing of how far.
    const sorted = distances.latest.filter((value) => Math.abs(value) > Math.abs(shift) / 2).sort((a, b) => a - b);
    shifts.set(service, shift === 0 ? 0 : sorted[Math.floor(sorted.length / 10)]!);
  }
  return shifts;
}

/** The newest stamp of those that agree with most. */
function newestOfMost(stamps: readonly number[]): number {
  const middle = median(stamps);
  return Math.max(...stamps.filter((at) => Math.abs(at - middle) <= noticeableTogetherMs), middle);
}

/**
 * Shifts of services that never came together with many: beside those whose clocks are known, in the same request or in
 * the ones before and after it. Where none is known yet but some are ahead of now, those that are not are right.
 */
function besideOthers(
  latest: readonly ReadonlyMap<number, number>[],
  known: ReadonlyMap<number, number>,
  isAhead: (service: number) => boolean,
): Map<number, Distances> {
  const unknown = new Set(latest.flatMap((request) => [...request.keys()].filter((service) => !known.has(service))));
  const distances = new Map<number, Distances>();
  if (unknown.size === 0) return distances;
  const isAnyAhead = [...unknown].some(isAhead);
  const straight = ([service, at]: readonly [number, number]): number[] => {
    const shift = known.get(service) ?? (isAnyAhead && !isAhead(service) ? 0 : undefined);
    return shift === undefined ? [] : [at + shift];
  };
  const references = latest.map((request) => {
    const stamps = [...request].flatMap(straight);
    return stamps.length === 0 ? null : newestOfMost(stamps);
  });
  const near = (from: number, step: 1 | -1): number[] => {
    for (let i = from + step; i >= 0 && i < latest.length; i += step) if (references[i] !== null) return [references[i]!];
    return [];
  };
  for (const [i, request] of latest.entries())
    for (const [service, at] of request) {
      if (!unknown.has(service) || (isAnyAhead && !isAhead(service))) continue;
      const around = references[i] === null ? [...near(i, -1), ...near(i, 1)] : [references[i]!];
      if (around.length > 0) note(distances, service, median(around) - at);
    }
  return distances;
}

interface Link {
  readonly from: number;
  readonly to: number;
  readonly shift: number;
  readonly calls: number;
}

/** Of the services that calls connect with this one: the largest group that agrees is right unless requests say otherwise. */
function offsetsAround(
  service: number,
  links: readonly Link[],
  requests: ReadonlyMap<number, number>,
  isAhead: (service: number) => boolean,
): Map<number, number> {
  const connected = [...walk(service, links).keys()];
  const agreeing = links.filter(({ shift }) => shift === 0);
  const weight = new Map<number, number>();
  for (const { from, to, calls } of links) for (const end of [from, to]) weight.set(end, (weight.get(end) ?? 0) + calls);
  let largest: number[] = [];
  let most = -1;
  const seen = new Set<number>();
  for (const start of connected) {
    if (seen.has(start)) continue;
    const group = [...walk(start, agreeing).keys()];
    for (const member of group) seen.add(member);
    // Whom the requests know to be right is taken before any number of others: calls then say the rest to the millisecond.
    const known = group.some((member) => requests.get(member) === 0) ? 1e12 : 0;
    const calls = group.some(isAhead) ? 0 : group.reduce((sum, member) => sum + (weight.get(member) ?? 0), known);
    if (calls > most) [largest, most] = [group, calls];
  }
  const base = median(largest.flatMap((member) => requests.get(member) ?? []));
  return new Map([...walk(largest[0]!, links)].map(([member, offset]) => [member, offset + base]));
}

/** Adds shifts along the calls. */
function walk(start: number, links: readonly Link[]): Map<number, number> {
  const offsets = new Map([[start, 0]]);
  for (const [service, offset] of offsets)
    for (const { from, to, shift } of links) {
      if (from === service && !offsets.has(to)) offsets.set(to, offset + shift);
      if (to === service && !offsets.has(from)) offsets.set(from, offset - shift);
    }
  return offsets;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
