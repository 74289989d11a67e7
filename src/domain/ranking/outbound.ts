/**
 * Calls that are held up on the caller's side. Each of its gaps alone looks like one of the callee's; but it is slow towards
 * all it calls, while others find the same callees as quick as ever, or whoever calls it waits as well, or its stores are as
 * slow as its callees: what all those calls share is it.
 */
import { peerKind, spanKind } from '../telemetry.ts';
import type { Scene } from './scene.ts';
import type { Shift } from './shifts.ts';

interface CallGap {
  readonly caller: string;
  readonly callee: string;
  /** Calls lately. */
  readonly n: number;
  /** Of the strongest shift among its operations. */
  readonly strength: number;
}

/** Below the first a gap is as ever, from the second on it is longer. */
const quiet = 0.2;
const longer = 0.5;
/** Fewer calls than this clear nobody. */
const fewest = 3;
/** So many calls of others, none of them held up, clear the only callee that somebody has: what delays it would delay them. */
const clearing = 10;

/** The callers behind whom the delay lies; `outbound` is what got slower by caller, `own` what did within each service. */
export function outboundDelays(
  scene: Scene,
  outbound: ReadonlyMap<string, readonly Shift[]>,
  own: ReadonlyMap<string, readonly Shift[]>,
): Set<string> {
  const gaps = gapsIn(scene, outbound);
  const stores = storeCalls(scene, own);
  const found = new Set<string>();
  for (const caller of outbound.keys()) {
    const mine = gaps.filter((gap) => gap.caller === caller);
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
    if (isItsDoing && others.every(({ strength }) => strength < longer)) found.add(caller);
  }
  return found;
}

function gapsIn({ recent, lexicon, known }: Scene, outbound: ReadonlyMap<string, readonly Shift[]>): CallGap[] {
  const strengths = new Map<number, number>();
  for (const list of outbound.values()) for (const { series, strength } of list) strengths.set(series, strength);
  const gaps = new Map<string, CallGap>();
  for (const [series, { values }] of recent.delays) {
    const [kind, caller = '', called = ''] = lexicon.parts(series);
    // A call that nobody took is known by its host alone.
    const callee = called.startsWith('ext:') ? (known.resolve(called.slice(4).toLowerCase(), null)?.service ?? called) : called;
    if (kind !== 'G' || caller === callee) continue;
    const key = `${caller}\n${callee}`;
    const { n, strength } = gaps.get(key) ?? { n: 0, strength: 0 };
    gaps.set(key, { caller, callee, n: n + values.length, strength: Math.max(strength, strengths.get(series) ?? 0) });
  }
  return [...gaps.values()].filter(({ n }) => n >= fewest);
}

/** Calls to stores that send no spans: nobody tells the way from the work there, but no callee is to blame for both. */
function storeCalls({ recent, lexicon }: Scene, own: ReadonlyMap<string, readonly Shift[]>): CallGap[] {
  const { spans, strings } = recent.window;
  const strengths = new Map<number, number>();
  for (const list of own.values()) for (const { series, strength } of list) strengths.set(series, strength);
  const calls = new Map<string, CallGap>();
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
