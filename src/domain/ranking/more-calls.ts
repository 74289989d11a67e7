/**
 * A service that calls another several times for each request where it called once, or a store: it asks for each item by itself, or asks
 * anew before it was answered. Whoever is asked so often is busy and slow, and so is whoever that one asks: none of it is their doing.
 *
 *   before   shelf ─ prices                        one call for each visit to shelf
 *   now      shelf ═ 30 × ═ prices ═ db:prices     prices takes 90 ms instead of 4, and no call of it is out of order: shelf
 *
 * Who asks again because it failed is no such thing: only calls that went well count, and of who was changed also those that it gave up
 * and that were answered well all the same.
 */
import { pairKey, leftOf, rightOf } from '../baseline/counts.ts';
import { isDeployed } from '../change.ts';
import { peerKind, spanKind, spanStatus } from '../telemetry.ts';
import type { Slowness } from './slowness.ts';
import { floods } from './floods.ts';
import { describeFlood, describeRepeated, type Repeated } from './more-calls-words.ts';
import { buckets, type Scene } from './scene.ts';
import type { SignalName, Suspicions } from './suspicion.ts';

interface MoreCalls {
  readonly repeated: readonly Repeated[];
  /** Services and stores most of whose calls are such, or come of such. */
  readonly driven: ReadonlySet<string>;
}

/** Less than twice as many is another basket or another page, and so are more that only some of the requests make. */
const muchMore = 2;
const most = 0.6;
/** As many requests are half believed; fewer than the second show nothing. */
const fewRequests = 5;
const fewestRequests = 8;
/** Requests in normal times that show how many calls are usual. */
const fewestNormal = 3;
/** Of all calls to a service, so many are too many. */
const mainly = 0.5;
/** A release and the calls it makes are told by different clocks. */
const slackMs = 15_000;

const memo = new WeakMap<Scene, MoreCalls>();

function moreCalls(scene: Scene): MoreCalls {
  const known = memo.get(scene);
  if (known) return known;
  const repeated = scene.baseline.minutes > 0 ? repeatedCalls(scene) : [];
  const driven = repeated.length > 0 ? drivenBy(scene, repeated) : new Set<string>();
  for (const flood of floods(scene)) for (const service of flood.driven) driven.add(service);
  const found = { repeated, driven };
  memo.set(scene, found);
  return found;
}

/** Who makes a service busy by calling too often, or by having others call it; null where nobody does. */
export function driverOf(scene: Scene, service: string): string | null {
  const { repeated, driven } = moreCalls(scene);
  if (!driven.has(service)) return null;
  const flood = floods(scene).find((one) => one.driven.has(service));
  if (flood !== undefined) return flood.caller;
  const above = repeated.filter(
    ({ caller, callee }) => callee === service || (caller !== service && scene.known.reach(callee).has(service)),
  );
  return above.sort((a, b) => b.extra - a.extra)[0]?.caller ?? null;
}

/** Calls of one operation, by one caller to one callee. */
interface Called {
  readonly caller: string;
  readonly callee: string;
  readonly item: number;
  readonly series: number;
  readonly rows: Int32Array;
  readonly times: Int32Array;
}

function repeatedCalls(scene: Scene): Repeated[] {
  const all: Called[] = [];
  for (const [series, { rows, times }] of scene.recent.delays) {
    const called = calledIn(scene, series, rows);
    if (called !== null) all.push({ ...called, series, rows, times });
  }
  const manyTimes = repeatingRequests(scene);
  const pairs = [...Map.groupBy(all, ({ caller, callee }) => `${caller}\n${callee}`).values()].filter(manyTimes);
  const usual = visitsWith(scene, new Set(pairs.flat().map(({ item }) => item)));
  return pairs.flatMap((list): Repeated[] => {
    const patterns = [...requestsOf(scene, list, usual).values()].flatMap((requests) => strongest(requests) ?? []);
    if (patterns.length === 0) return [];
    const best = patterns.reduce((most, one) => (one.strength > most.strength ? one : most));
    const extra = patterns.reduce((sum, one) => sum + one.extra, 0);
    const since = list.flatMap(({ rows, times }) => [...rows].filter((_, i) => times[i]! >= best.onset));
    return [{ caller: list[0]!.caller, callee: list[0]!.callee, ...best, extra, rows: since }];
  });
}

/** Whether as many requests as show anything make more than one of these calls: of most pairs hardly any does, which is soon seen. */
function repeatingRequests({ recent: { tree, window } }: Scene): (list: readonly Called[]) => boolean {
  const made = new Int32Array(window.spans.length);
  return (list) => {
    let again = 0;
    for (const { rows } of list)
      for (const row of rows) {
        const entry = tree.entry[row]!;
        if (entry >= 0 && ++made[entry]! === 2) again++;
      }
    for (const { rows } of list) for (const row of rows) if (tree.entry[row]! >= 0) made[tree.entry[row]!] = 0;
    return again >= most * fewestRequests;
  };
}

/** Whose calls a series of durations is of, to whom, and the item that a visit has which makes one. */
function calledIn({ lexicon, recent, known }: Scene, series: number, rows: Int32Array): Omit<Called, 'series' | 'rows' | 'times'> | null {
  const { spans, strings } = recent.window;
  const [kind, caller = '', second = '', operation = ''] = lexicon.parts(series);
  const row = rows[0];
  if (row === undefined) return null;
  if (kind === 'G') {
    const item = lexicon.names.find(operation === '' ? `P\n${second}` : `C\n${second}\n${operation}`);
    return second === caller || item < 0 ? null : { caller, callee: second, item };
  }
  if (kind !== 'D' || spans.kind[row] !== spanKind.client || spans.peerKind[row] !== peerKind.database) return null;
  const peer = strings.text(spans.peer[row]!);
  const item = lexicon.names.find(`S\n${second}`);
  return item < 0 ? null : { caller, callee: known.resolve(peer.toLowerCase(), null)?.service ?? peer, item };
}

/** Normal visits that have an item, by (unit, item). */
function visitsWith({ normal, lexicon }: Scene, items: ReadonlySet<number>): Map<number, number> {
  const found = new Map<number, number>();
  for (const key of normal.items.keys()) {
    const item = rightOf(key);
    if (!items.has(item)) continue;
    const pair = pairKey(lexicon.unitOf(leftOf(key)), item);
    found.set(pair, (found.get(pair) ?? 0) + normal.items.sum(key));
  }
  return found;
}

/** One request to the caller, with its calls to the callee and as many as such a request makes at most in normal times. */
interface Request {
  readonly bucket: number;
  readonly usual: number;
  readonly calls: number;
}

/** What is counted of one, with the operations it called. */
interface Made {
  readonly bucket: number;
  readonly of: Set<Called>;
  calls: number;
}

type Pattern = Omit<Repeated, 'caller' | 'callee' | 'rows'>;

/** The onset from which requests of one kind make the most calls beside what is usual. */
function strongest(requests: readonly Request[]): Pattern | null {
  let best: Pattern | null = null;
  for (let onset = 0; onset < buckets; onset++) {
    const since = requests.filter(({ bucket }) => bucket >= onset);
    const earlier = requests.filter(({ bucket }) => bucket < onset);
    const calls = mean(since.map((one) => one.calls));
    // In normal times other kinds of requests may have made some of those calls: what this kind was seen to make says it better.
    const usual = Math.min(
      mean(since.map((one) => one.usual)),
      earlier.length >= fewestNormal ? mean(earlier.map((one) => one.calls)) : Infinity,
    );
    const ratio = calls / usual;
    const many = since.filter((one) => one.calls >= muchMore * usual).length;
    if (since.length < fewestRequests || ratio < muchMore || many < most * since.length) continue;
    const strength = (Math.log(ratio) * since.length) / (since.length + fewRequests);
    if (strength > (best?.strength ?? 0))
      best = { before: usual, since: calls, extra: (calls - usual) * since.length, requests: since.length, onset, strength };
  }
  return best;
}

const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;

/** By kind of request; of one caller and callee. */
function requestsOf(scene: Scene, list: readonly Called[], usual: ReadonlyMap<number, number>): Map<number, Request[]> {
  const { normal, recent } = scene;
  const { tree, window, visits } = recent;
  const isGood = goodCalls(scene, list);
  const usually = (unit: number, { series, item }: Called): number => {
    const having = usual.get(pairKey(unit, item)) ?? 0;
    return having >= fewestNormal ? Math.max(1, (normal.delays.get(series)?.total ?? 0) / having) : 0;
  };
  const found = new Map<number, Map<number, Made>>();
  for (const called of list)
    for (const [i, row] of called.rows.entries()) {
      const entry = tree.entry[row]!;
      if (entry < 0 || window.spans.service[entry] !== window.spans.service[row] || !isGood(row)) continue;
      const unit = visits.unit[visits.ofSpan[row]!]!;
      const ofUnit = found.get(unit) ?? new Map<number, Made>();
      found.set(unit, ofUnit);
      const request = ofUnit.get(entry) ?? { bucket: called.times[i]!, calls: 0, of: new Set<Called>() };
      ofUnit.set(entry, request);
      request.calls++;
      request.of.add(called);
    }
  return new Map(
    [...found].flatMap(([unit, requests]): [number, Request[]][] => {
      const numbers = new Map(list.map((called) => [called, usually(unit, called)]));
      // What it never asked that callee before it is taken to ask no more often than it asked anything.
      const known = Math.max(...numbers.values());
      if (known === 0) return [];
      const usualOf = (made: ReadonlySet<Called>): number => [...made].reduce((sum, called) => sum + (numbers.get(called)! || known), 0);
      return [[unit, [...requests.values()].map(({ bucket, calls, of }) => ({ bucket, calls, usual: usualOf(of) }))]];
    }),
  );
}

/** Whether a call went well: by the caller's account, and where the caller was changed by that of who answered. */
function goodCalls({ recent, input, firstAt }: Scene, list: readonly Called[]): (row: number) => boolean {
  const { tree, window } = recent;
  const { spans, strings } = window;
  const row = list[0]!.rows[0]!;
  const caller = strings.text(spans.service[row]!);
  const isChanged = input.changes.some(
    (change) =>
      change.service === caller && isDeployed(change) && change.startedAt >= firstAt - slackMs && change.startedAt <= input.alertAt,
  );
  return (row) => {
    if (spans.status[row] !== spanStatus.error) return true;
    const far = tree.firstChild[row]!;
    return isChanged && far >= 0 && spans.service[far] !== spans.service[row] && spans.status[far] !== spanStatus.error;
  };
}

/** Whoever is called mainly by calls that are too many, or that come of such. */
function drivenBy(scene: Scene, repeated: readonly Repeated[]): Set<string> {
  const { tree, window, bucketOfTrace } = scene.recent;
  const { spans, strings } = window;
  const onset = Math.min(...repeated.map((one) => one.onset));
  const extras = new Map(repeated.map((one) => [`${one.caller}\n${one.callee}`, one.extra]));
  const calls = new Map<string, number>();
  for (let row = 0; row < spans.length; row++) {
    if (bucketOfTrace[spans.trace[row]!]! < onset) continue;
    const parent = tree.parent[row]!;
    const isCalled = parent >= 0 && spans.service[parent] !== spans.service[row];
    if (isCalled) count(calls, `${strings.text(spans.service[parent]!)}\n${strings.text(spans.service[row]!)}`);
    if (spans.peerKind[row] !== peerKind.database || spans.peer[row]! < 0) continue;
    const peer = strings.text(spans.peer[row]!);
    count(calls, `${strings.text(spans.service[row]!)}\n${scene.known.resolve(peer.toLowerCase(), null)?.service ?? peer}`);
  }
  const edges = [...calls].map(([key, n]) => ({ key, n, ends: key.split('\n') }));
  const extra = new Map<string, number>();
  for (let round = 0; round < rounds; round++)
    for (const [callee, into] of Map.groupBy(edges, ({ ends }) => ends[1]!)) {
      const total = into.reduce((sum, { n }) => sum + n, 0);
      // Of calls that are not too many those still are that come of a request that is.
      const tooMany = into.reduce((sum, { n, ends, key }) => {
        const own = Math.min(n, extras.get(key) ?? 0);
        return sum + own + (n - own) * (extra.get(ends[0]!) ?? 0);
      }, 0);
      extra.set(callee, tooMany / total);
    }
  return new Set([...extra].flatMap(([callee, share]) => (share >= mainly ? [callee] : [])));
}

/** Calls go no deeper than this. */
const rounds = 8;

const count = (counts: Map<string, number>, key: string): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);

/** Visits that are slow because too much is asked excuse nobody who asks. */
export function withoutDriven(scene: Scene, slowness: Slowness): Slowness {
  const { driven } = moreCalls(scene);
  if (driven.size === 0) return slowness;
  const { visits } = scene.recent;
  const isDriven = (visit: number): boolean => driven.has(scene.lexicon.names.text(visits.service[visit]!));
  return { ...slowness, visits: new Set([...slowness.visits].filter((visit) => !isDriven(visit))) };
}

/** What being asked too much brings about, and what is left of it against whoever is asked. */
const brought: readonly SignalName[] = ['slow', 'slowCalls', 'cpu', 'pressure', 'unreachable'];
const left = 0.2;
/** What of it counts against whoever asks, at most: that it does harm. */
const mostHarm = 2;
/** What a flood counts by itself, at most. */
const mostFlooding = 4;

/** Once everything else has been judged. */
export function judgeMoreCalls(scene: Scene, suspicions: Suspicions): void {
  const { repeated, driven } = moreCalls(scene);
  const harm = Math.max(0, ...[...driven].map((service) => suspicions.value(service, 'slow')));
  for (const flood of floods(scene)) {
    // Nobody is the worse for it.
    if (harm === 0 && suspicions.value(flood.caller, 'origin') === 0) continue;
    const value = Math.min(mostFlooding, Math.log(flood.extra)) + Math.min(mostHarm, harm);
    suspicions.add(flood.caller, 'asking', value, [describeFlood(scene, flood, value)]);
  }
  for (const service of driven) for (const signal of brought) suspicions.weaken(service, signal, left);
  for (const [caller, list] of Map.groupBy(repeated, (one) => one.caller)) {
    const worst = list.reduce((best, one) => (one.strength > best.strength ? one : best));
    const value = worst.strength + Math.min(mostHarm, harm);
    suspicions.add(caller, 'asking', value, [describeRepeated(scene, worst, value)]);
  }
}
