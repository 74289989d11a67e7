/**
 * Calls that are held up on the caller's side. Each of its gaps alone looks like one of the callee's; but it is slow towards
 * all it calls, while others find the same callees as quick as ever, or whoever calls it waits as well, or its stores are as
 * slow as its callees: what all those calls share is it.
 */
import { Histogram } from '../baseline/histogram.ts';
import { peerKind, spanKind } from '../telemetry.ts';
import type { Scene } from './scene.ts';
import { marginMs, type Shift } from './shifts.ts';

interface Called {
  readonly caller: string;
  readonly callee: string;
  /** Calls lately. */
  readonly n: number;
  /** Of the strongest shift among its operations. */
  readonly strength: number;
}

interface CallGap extends Called {
  /** How much longer it got there; 0 where it did not. */
  readonly delayMs: number;
  /** A delay must be longer than this to stand out from how much these calls vary anyway. */
  readonly hidesMs: number;
}

/** Below the first a gap is as ever, from the second on it is longer. */
const quiet = 0.2;
const longer = 0.5;
/** Fewer calls than this clear nobody. */
const fewest = 3;
/** So many calls of others, none of them held up, clear the only callee that somebody has: what delays it would delay them. */
const clearing = 10;

/** Two delays are as long as each other where the one is at least this much of the other. */
const asLong = 0.5;

/** Whose doing a delay is: for sure, or as far as one fault that explains all is likelier than two. */
export type Turned = 'surely' | 'likely';

/** The callers behind whom the delay lies; `outbound` is what got slower by caller, `own` what did within each service. */
export function outboundDelays(
  scene: Scene,
  outbound: ReadonlyMap<string, readonly Shift[]>,
  own: ReadonlyMap<string, readonly Shift[]>,
): Map<string, Turned> {
  const gaps = gapsIn(scene, outbound);
  const stores = storeCalls(scene, own);
  const found = new Map<string, Turned>();
  for (const caller of outbound.keys()) {
    const mine = withoutHiding(gaps.filter((gap) => gap.caller === caller));
    const callees = new Set(mine.map(({ callee }) => callee));
    const others = gaps.filter((gap) => gap.caller !== caller && callees.has(gap.callee));
    const isCleared = others.reduce((sum, { n }) => sum + n, 0) >= clearing && others.every(({ strength }) => strength < quiet);
    const isSlowToAll = (mine.length >= 2 || isCleared) && mine.every(({ strength }) => strength >= longer);
    const inbound = gaps.filter(({ callee }) => callee === caller);
    const isWaitedFor = inbound.length > 0 && inbound.every(({ strength }) => strength >= longer);
    const isQuickToOthers = others.some(({ strength }) => strength < quiet);
    const asked = stores.filter((call) => call.caller === caller);
    const isSlowToStores = asked.length > 0 && [...mine, ...asked].every(({ strength }) => strength >= longer);
    const isItsDoing = (isSlowToAll && (isWaitedFor || isQuickToOthers)) || isSlowToStores;
    if (isItsDoing && others.every(({ strength }) => strength < longer)) found.set(caller, 'surely');
    else if (others.length === 0 && isWaitedFor && isBetween(caller, mine, gaps)) found.set(caller, 'likely');
  }
  return found;
}

/**
 * Whether a service that nobody else's calls clear lies between two delays, as long as each other, with none beyond: what holds up
 * calls on the way to it and its own to its only callee is one fault at it, or else two. It may be that it has nobody left to take
 * calls while all wait for that callee, so this is not for sure.
 */
function isBetween(service: string, mine: readonly CallGap[], gaps: readonly CallGap[]): boolean {
  const inbound = gaps.filter(({ callee }) => callee === service);
  const delays = [...mine, ...inbound].map(({ delayMs }) => delayMs);
  const around = new Set([...mine.map(({ callee }) => callee), ...inbound.map(({ caller }) => caller)]);
  const beyond = gaps.filter(
    ({ caller, callee }) => caller !== service && callee !== service && (around.has(caller) || around.has(callee)),
  );
  const isSlowHere = mine.length === 1 && mine[0]!.strength >= longer && Math.min(...delays) >= asLong * Math.max(...delays);
  return isSlowHere && beyond.every(({ strength }) => strength < longer);
}

/**
 * Calls that vary by more than those of the same caller are delayed say nothing of the delay: of one that takes 0.3 s at a third
 * party, who sends no spans, another 0.2 s on the way cannot be seen.
 */
function withoutHiding(gaps: readonly CallGap[]): CallGap[] {
  const delayMs = Math.max(...gaps.map((gap) => gap.delayMs));
  return gaps.filter(({ strength, hidesMs }) => strength >= longer || hidesMs < delayMs);
}

function gapsIn({ normal, recent, lexicon, known }: Scene, outbound: ReadonlyMap<string, readonly Shift[]>): CallGap[] {
  const shifts = new Map<number, Shift>();
  for (const list of outbound.values()) for (const shift of list) shifts.set(shift.series, shift);
  const gaps = new Map<string, CallGap>();
  for (const [series, { values }] of recent.delays) {
    const [kind, caller = '', called = ''] = lexicon.parts(series);
    // A call that nobody took is known by its host alone.
    const callee = called.startsWith('ext:') ? (known.resolve(called.slice(4).toLowerCase(), null)?.service ?? called) : called;
    if (kind !== 'G' || caller === callee) continue;
    const key = `${caller}\n${callee}`;
    const sofar = gaps.get(key);
    const shift = shifts.get(series);
    const past = normal.delays.get(series) ?? histogramOf(values);
    gaps.set(key, {
      caller,
      callee,
      n: (sofar?.n ?? 0) + values.length,
      strength: Math.max(sofar?.strength ?? 0, shift?.strength ?? 0),
      delayMs: Math.max(sofar?.delayMs ?? 0, shift ? shift.afterMs - shift.beforeMs : 0),
      hidesMs: Math.max(sofar?.hidesMs ?? 0, marginMs(past)),
    });
  }
  return [...gaps.values()].filter(({ n }) => n >= fewest);
}

function histogramOf(buckets: Int32Array): Histogram {
  const histogram = new Histogram();
  for (const bucket of buckets) histogram.add(bucket);
  return histogram;
}

/** Calls to stores that send no spans: nobody tells the way from the work there, but no callee is to blame for both. */
function storeCalls({ recent, lexicon }: Scene, own: ReadonlyMap<string, readonly Shift[]>): Called[] {
  const { spans, strings } = recent.window;
  const strengths = new Map<number, number>();
  for (const list of own.values()) for (const { series, strength } of list) strengths.set(series, strength);
  const calls = new Map<string, Called>();
  for (const [series, { values, rows }] of recent.delays) {
    const [kind, caller = ''] = lexicon.parts(series);
    const row = rows[0];
    if (kind !== 'D' || row === undefined || spans.kind[row] !== spanKind.client || spans.peerKind[row] !== peerKind.database) continue;
    const callee = strings.text(spans.peer[row]!);
    const key = `${caller}\n${callee}`;
    const { n, strength } = calls.get(key) ?? { n: 0, strength: 0 };
    calls.set(key, { caller, callee, n: n + values.length, strength: Math.max(strength, strengths.get(series) ?? 0) });
  }
  return [...calls.values()].filter(({ n }) => n >= fewest);
}
