/**
 * A service that calls another far more often than it did, in requests that it begins itself: a job that goes round and round, a message
 * that is put back each time it fails. Nobody else asks for more. Whoever is called so often is slow and turns others away, and so is
 * whoever that one asks: none of it is their doing, nor what they do otherwise in such requests.
 *
 *   before   mails ─ people   20 calls a minute          pages ─ people   well
 *   now      mails ─ people 1100 calls a minute          pages ─ people   slow, or "too many at once": mails
 *
 * Requests that come from outside are another matter: that more people come is nobody's fault.
 */
import { rememberedMinutes } from '../baseline/baseline.ts';
import { ofTraces } from '../baseline/period.ts';
import { peerKind, spanKind, spanStatus } from '../telemetry.ts';
import { rateLikelihoodRatio } from './likelihood.ts';
import { buckets, onsetAt, type Scene } from './scene.ts';
import { changedWithin } from './unreadable.ts';

export interface Flood {
  readonly caller: string;
  readonly callee: string;
  /** Calls a minute, before and since. */
  readonly before: number;
  readonly since: number;
  /** Calls since that are too many, and the requests that make them. */
  readonly extra: number;
  readonly requests: number;
  readonly onset: number;
  /** Of its caller and of whoever was called, since. */
  readonly rows: readonly number[];
  readonly traces: ReadonlySet<number>;
  /** Whoever takes most of its calls from these requests: the callee, and who is beneath it. */
  readonly driven: ReadonlySet<string>;
  /** It takes messages: somebody may have sent more. */
  readonly isTaking: boolean;
}

/** Times as many calls as before, by one caller, and of all to one callee. */
const farMore = 5;
const muchMore = 3;
/** Calls that show anything, and how much likelier another rate has to be than the one from before. */
const fewestCalls = 50;
const convincing = 10;
/** Of these calls such as it makes of its own accord. */
const mostly = 0.6;
/** Nobody else begins more requests than half as many more. */
const varying = 1.5;
/** Who begins more of all requests than this stands for people. */
const fewBegun = 0.3;
const minuteMs = 60_000;

/** An operation that takes messages, by the names that agents give it which know no kind for that; a path of HTTP may be of anything. */
const takesMessages = /^(?![a-z]{3,7} \/|\/)(?:[^\n]{0,200}[/ ])?consumer(?:[/ ]|$)/i;

const memo = new WeakMap<Scene, readonly Flood[]>();

export function floods(scene: Scene): readonly Flood[] {
  const known = memo.get(scene);
  if (known) return known;
  const found = scene.baseline.minutes > 0 ? findFloods(scene) : [];
  memo.set(scene, found);
  return found;
}

/** Calls of one service to another: in normal times, and by bucket of the recent minutes. */
interface Counted {
  past: number;
  readonly lately: Int32Array;
}

interface Pair extends Counted {
  readonly caller: string;
  readonly callee: string;
  readonly samples: { readonly rows: Int32Array; readonly times: Int32Array }[];
}

function findFloods(scene: Scene): Flood[] {
  const pairs = [...pairsIn(scene).values()];
  const grown = pairs.filter((pair) => onsetsOf(scene, pair).length > 0);
  if (grown.length === 0) return [];
  const begun = begunBy(scene);
  return grown.flatMap((pair) => {
    const taken = { past: 0, lately: new Int32Array(buckets) };
    for (const { callee, past, lately } of pairs)
      if (callee === pair.callee) {
        taken.past += past;
        for (const [bucket, n] of lately.entries()) taken.lately[bucket]! += n;
      }
    return floodOf(scene, pair, taken, begun) ?? [];
  });
}

/** By caller and callee, as far as delays are kept of their calls. */
function pairsIn({ lexicon, recent, normal }: Scene): Map<string, Pair> {
  const found = new Map<string, Pair>();
  for (const [series, samples] of recent.delays) {
    const pair = pairOf(found, lexicon.parts(series));
    if (pair === null) continue;
    pair.samples.push(samples);
    for (const bucket of samples.times) pair.lately[bucket]!++;
  }
  for (const [series, { total }] of normal.delays) {
    const pair = pairOf(found, lexicon.parts(series));
    if (pair !== null) pair.past += total;
  }
  return found;
}

function pairOf(found: Map<string, Pair>, [kind, caller = '', callee = '']: readonly string[]): Pair | null {
  if (kind !== 'G') return null;
  const key = `${caller}\n${callee}`;
  const pair = found.get(key) ?? { caller, callee, past: 0, lately: new Int32Array(buckets), samples: [] };
  found.set(key, pair);
  return pair;
}

interface Begun {
  /** By trace that a service began of its own accord: the service; -1: it came from outside. */
  readonly by: Int32Array;
  readonly isTaking: Uint8Array;
}

function begunBy({ recent: { window, tree } }: Scene): Begun {
  const { spans, strings } = window;
  const by = new Int32Array(window.traces).fill(-1);
  const isTaking = new Uint8Array(window.traces);
  for (let row = 0; row < spans.length; row++) {
    if (spans.parent[row] !== -1 || tree.parent[row]! >= 0) continue;
    const isMessage = spans.kind[row] === spanKind.consumer || takesMessages.test(strings.text(spans.operation[row]!));
    if (!isMessage && spans.kind[row] !== spanKind.internal) continue;
    by[spans.trace[row]!] = spans.service[row]!;
    isTaking[spans.trace[row]!] = isMessage ? 1 : 0;
  }
  return { by, isTaking };
}

/** Calls a minute, before an onset and since. */
function ratesOf(scene: Scene, { past, lately }: Counted, onset: number) {
  const { minutesBefore, minutesSince } = around(scene, onset);
  const many = lately.subarray(onset).reduce((sum, n) => sum + n, 0);
  const earlier = past + lately.subarray(0, onset).reduce((sum, n) => sum + n, 0);
  const likelihood = rateLikelihoodRatio(earlier, minutesBefore, many, minutesSince);
  return { many, before: earlier / minutesBefore, since: many / minutesSince, likelihood };
}

function around(scene: Scene, onset: number): { readonly minutesBefore: number; readonly minutesSince: number } {
  const at = onsetAt(scene, onset);
  return {
    minutesBefore: rememberedMinutes(scene.baseline) + (at - scene.firstAt) / minuteMs,
    minutesSince: Math.max(1, scene.input.alertAt - at) / minuteMs,
  };
}

/** Onsets from which on there are far more of these calls, the likeliest first. */
function onsetsOf(scene: Scene, counted: Counted): number[] {
  return Array.from({ length: buckets }, (_, onset) => ({ onset, ...ratesOf(scene, counted, onset) }))
    .filter(({ before, since, many, likelihood }) => many >= fewestCalls && since >= farMore * before && likelihood > convincing)
    .sort((a, b) => b.likelihood - a.likelihood)
    .map(({ onset }) => onset);
}

function floodOf(scene: Scene, pair: Pair, taken: Counted, { by, isTaking }: Begun): Flood | null {
  const { spans, strings } = scene.recent.window;
  const service = strings.find(pair.caller);
  const onset = onsetsOf(scene, pair).find((one) => {
    const { since, before } = ratesOf(scene, taken, one);
    return since >= muchMore * before;
  });
  const traces = onset === undefined ? null : begunMore(scene, by, service, onset);
  if (onset === undefined || traces === null) return null;
  const { before, since, many } = ratesOf(scene, pair, onset);
  const rows = pair.samples.flatMap((one) => [...one.rows].filter((row, i) => one.times[i]! >= onset && traces.has(spans.trace[row]!)));
  if (rows.length < mostly * many || isTryingAgain(scene, rows, pair)) return null;
  // Who was released or started anew since then has its own part in how it fares.
  if (changedWithin(scene, strings.find(pair.callee), onsetAt(scene, onset), scene.input.alertAt)) return null;
  return {
    ...{ caller: pair.caller, callee: pair.callee, before, since, onset, traces, rows, requests: traces.size },
    extra: many * (1 - before / since),
    driven: drivenBy(scene, traces, onset, pair),
    isTaking: [...traces].some((trace) => isTaking[trace] === 1),
  };
}

/**
 * Whether the first of these calls fail already, and those of others as well, or nobody else's show that it answers well: then it is asked
 * again because it fails, not the other way round.
 */
function isTryingAgain({ recent }: Scene, rows: readonly number[], { caller, callee }: Pair): boolean {
  const { spans, strings } = recent.window;
  const { tree } = recent;
  const isFailed = (row: number): boolean => row >= 0 && spans.status[row] === spanStatus.error;
  const first = rows.toSorted((a, b) => tree.startMs[a]! - tree.startMs[b]!).slice(0, fewFirst);
  const failed = first.filter((row) => isFailed(row) || isFailed(tree.firstChild[row]!)).length;
  if (failed < mostly * first.length) return false;
  const [from, to] = [tree.startMs[first[0]!]!, tree.startMs[first[0]!]! + minuteMs];
  const [asking, asked] = [strings.find(caller), strings.find(callee)];
  let [others, well] = [0, 0];
  for (let row = 0; row < spans.length; row++) {
    const parent = tree.parent[row]!;
    if (spans.service[row] !== asked || parent < 0 || spans.service[parent] === asked || spans.service[parent] === asking) continue;
    if (tree.startMs[row]! < from || tree.startMs[row]! > to) continue;
    others++;
    if (!isFailed(row)) well++;
  }
  return others < fewOthers || well < mostly * others;
}
const fewFirst = 20;
const fewOthers = 5;

/** Traces that a service began since an onset, where it began few before and nobody else begins more than usual; else null. */
function begunMore(scene: Scene, by: Int32Array, service: number, onset: number): Set<number> | null {
  const { traces: counted, bucketOfTrace } = scene.recent;
  const traces = new Set<number>();
  let begunBefore = 0;
  for (let trace = 0; trace < by.length; trace++) {
    if (by[trace] !== service || bucketOfTrace[trace]! < 0) continue;
    if (bucketOfTrace[trace]! >= onset) traces.add(trace);
    else begunBefore++;
  }
  const { minutesBefore, minutesSince } = around(scene, onset);
  const earlier = counted.sum(ofTraces.all, 0, onset);
  const usual = (scene.normal.traces.sum(ofTraces.all) + earlier) / minutesBefore;
  const elsewhere = (counted.sum(ofTraces.all, onset) - traces.size) / minutesSince;
  return begunBefore > fewBegun * earlier || elsewhere > varying * usual ? null : traces;
}

/** The callee, and services and stores beneath it that take most of their calls since an onset within these traces. */
function drivenBy(scene: Scene, traces: ReadonlySet<number>, onset: number, { caller, callee }: Pair): Set<string> {
  const { window, tree, bucketOfTrace } = scene.recent;
  const { spans, strings } = window;
  const beneath = scene.known.reach(callee);
  const taken = new Map<string, { all: number; within: number }>();
  const note = (name: string, trace: number): void => {
    const of = taken.get(name) ?? { all: 0, within: 0 };
    taken.set(name, of);
    of.all++;
    if (traces.has(trace)) of.within++;
  };
  for (let row = 0; row < spans.length; row++) {
    const trace = spans.trace[row]!;
    if (bucketOfTrace[trace]! < onset) continue;
    const parent = tree.parent[row]!;
    if (parent >= 0 && spans.service[parent] !== spans.service[row]) note(strings.text(spans.service[row]!), trace);
    const isCall = spans.kind[row] === spanKind.client || spans.peerKind[row] === peerKind.database;
    if (!isCall || spans.peer[row]! < 0 || tree.firstChild[row]! >= 0) continue;
    const peer = strings.text(spans.peer[row]!);
    note(scene.known.resolve(peer.toLowerCase(), null)?.service ?? peer, trace);
  }
  const most = [...taken].flatMap(([name, { all, within }]) =>
    within >= mostly * all && (name === callee || beneath.has(name)) ? [name] : [],
  );
  return new Set(most.filter((name) => name !== caller));
}
