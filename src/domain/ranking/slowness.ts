/**
 * Where time is lost: own time of a service's operations, and gaps between a call and its answer. Network delay in front
 * of a service shows in the gaps of the calls to it; a starved CPU shows there, in the gaps of its own calls and in its
 * own time. So a gap speaks against the callee first, and several outbound gaps together against the caller too.
 */
import { bucketOf, Histogram, type Samples } from '../baseline/histogram.ts';
import { lostShare, usualLoss } from '../baseline/period.ts';
import { plainPeer } from '../service-map.ts';
import { awaitingVisits } from './dangling.ts';
import { outboundDelays, type Turned } from './outbound.ts';
import { onsetAt, type Scene } from './scene.ts';
import { fewCalls, fewNormal, quicker, type Shift, slower, strongestShift } from './shifts.ts';
import { answerable, storeOf, type StoresAtFault } from './stores.ts';
import { type Finding, finding, type Suspicions } from './suspicion.ts';
import { isVainWait } from './vain-waits.ts';

/** Strength from which a shifted series marks the visits it was seen in as departing from normal. */
const convincing = 1.2;

/** Everything that takes longer than it did, strongest first within each service. */
export interface Slowness {
  readonly own: ReadonlyMap<string, readonly Shift[]>;
  readonly outbound: ReadonlyMap<string, readonly Shift[]>;
  /** Callers whose outbound gaps are their own fault. */
  readonly turned: ReadonlyMap<string, Turned>;
  /** Visits that were clearly slow, or clearly cut short, by their own fault. */
  readonly visits: ReadonlySet<number>;
}

export function findSlowness(scene: Scene): Slowness {
  const visits = new Set<number>();
  const own = new Map<string, Shift[]>();
  const outbound = new Map<string, Shift[]>();
  const pooled = pooledTimes(scene);
  const torn = new Map<string, Torn>();
  const awaiting = awaitingVisits(scene);
  for (const [series, all] of scene.recent.delays) {
    const [kind, service = '', callee = ''] = scene.lexicon.parts(series);
    // A call that waits for its far side looks like time of its own.
    const samples = awaiting !== null && kind === 'D' ? unexcused(scene, all, awaiting) : all;
    const quick = kind === 'D' ? strongestShift(scene, series, samples, undefined, quicker) : null;
    if (quick && quick.strength >= convincing) markVisits(scene, quick, visits, (value, edge) => value <= edge);
    const found = strongestShift(
      scene,
      series,
      samples,
      kind === 'G' ? undefined : pooled.get(poolOf(kind ?? '', service, callee)),
      slower,
    );
    const slow = found && kind === 'D' ? { ...found, strength: found.strength * withoutNewHoles(scene, found.onset) } : found;
    if (!slow || slow.strength <= 0) continue;
    if (kind === 'H') {
      const { now, past } = torn.get(callee) ?? noneTorn;
      torn.set(callee, { now: now + slow.n, past: past + pastOf(scene, slow) });
      continue;
    }
    if (slow.strength >= convincing) markVisits(scene, slow, visits, (value, edge) => value >= edge, kind === 'G');
    push(own, kind === 'D' ? service : answerable(scene, service, callee), slow);
    if (kind === 'G') push(outbound, service, slow);
  }
  for (const [service, list] of own)
    own.set(
      service,
      list.map((shift) => (isGap(scene, shift) ? joined(shift, pastOf(scene, shift), torn.get(service) ?? noneTorn) : shift)),
    );
  const turned = outboundDelays(scene, outbound, own);
  for (const [service, list] of own)
    own.set(
      service,
      list.map((shift) => (turned.has(callerOf(scene, shift)) ? { ...shift, strength: turnedShare * shift.strength } : shift)),
    );
  for (const list of [...own.values(), ...outbound.values()]) list.sort((a, b) => b.strength - a.strength);
  return { own, outbound, turned, visits };
}

const isGap = ({ lexicon }: Scene, { series }: Shift): boolean => lexicon.parts(series)[0] === 'G';

const pastOf = ({ normal }: Scene, { series }: Shift): number => normal.delays.get(series)?.total ?? 0;

/** Calls of which the far end was lost, lately and in the normal period. */
interface Torn {
  readonly now: number;
  readonly past: number;
}
const noneTorn: Torn = { now: 0, past: 0 };

/**
 * A gap that torn calls to the same callee show as well is worth what it would be with all of them whole (see `slower`).
 * What no whole call shows they do not show either, because their place is a guess.
 */
export function joined(shift: Shift, past: number, torn: Torn): Shift {
  const worth = (calls: number, few: number): number => calls / (calls + few);
  const lately = worth(shift.n + torn.now, fewCalls) / worth(shift.n, fewCalls);
  const before = past > 0 ? worth(past + torn.past, fewNormal) / worth(past, fewNormal) : 1;
  return { ...shift, strength: shift.strength * lately * before };
}

/** What a gap is worth against the callee where it is the caller that delays its calls. */
const turnedShare = 0.25;

/** Whose call it is, where the series is a gap. */
function callerOf({ lexicon }: Scene, { series }: Shift): string {
  const [kind, caller = ''] = lexicon.parts(series);
  return kind === 'G' ? caller : '';
}

function push(map: Map<string, Shift[]>, service: string, shift: Shift): void {
  const known = map.get(service);
  if (known) known.push(shift);
  else map.set(service, [shift]);
}

/** The same, with calls to stores at fault laid at their door. */
export function withStores(scene: Scene, slowness: Slowness, stores: StoresAtFault): Slowness {
  if (stores.size === 0) return slowness;
  const own = new Map<string, Shift[]>();
  for (const [service, list] of slowness.own)
    for (const shift of list) push(own, storeOf(scene, stores, scene.recent.delays.get(shift.series)!.rows[0]!)?.name ?? service, shift);
  for (const list of own.values()) list.sort((a, b) => b.strength - a.strength);
  return { ...slowness, own };
}

export function judgeSlowness(scene: Scene, suspicions: Suspicions, { own, outbound, turned }: Slowness): void {
  for (const [service, list] of own) {
    const findings = list.slice(0, 3).map((shift) => describe(scene, shift, service, turned.get(service)));
    suspicions.add(service, 'slow', list[0]!.strength + 0.35 * sumOf(list.slice(1, 6)), findings);
  }
  for (const [service, list] of outbound) {
    // The slowest edge speaks for its callee; what is left, slow edges to everybody, speaks for the caller. So does each
    // where the callees are cleared.
    const isTurned = turned.has(service);
    const findings = list.slice(isTurned ? 0 : 1, 2).map((shift) => describe(scene, shift, service, turned.get(service)));
    suspicions.add(service, 'slowCalls', (isTurned ? 2 : 1) * sumOf(list.slice(isTurned ? 0 : 1, 6)), findings);
  }
}

/** Work left out: a service whose own time fell to a fraction in visits that nothing beneath them explains. */
export function judgeQuickness(scene: Scene, suspicions: Suspicions, excused: Uint8Array): void {
  const best = new Map<string, Shift>();
  for (const [series, samples] of scene.recent.delays) {
    const [kind, service = ''] = scene.lexicon.parts(series);
    if (kind !== 'D') continue;
    const shift = strongestShift(scene, series, unexcused(scene, samples, excused), undefined, quicker);
    if (shift && shift.strength > (best.get(service)?.strength ?? 0)) best.set(service, shift);
  }
  for (const [service, shift] of best) suspicions.add(service, 'quick', shift.strength, [describe(scene, shift, service)]);
}

function unexcused(scene: Scene, samples: Samples & { readonly rows: Int32Array }, excused: Uint8Array): Samples {
  const { ofSpan } = scene.recent.visits;
  const isKept = (_: number, i: number) => excused[ofSpan[samples.rows[i]!]!] !== 1;
  return samples.rows.every(isKept) ? samples : { values: samples.values.filter(isKept), times: samples.times.filter(isKept) };
}

/** Notes the visits with a value beyond the threshold: the callee's, where the series is a gap. */
function markVisits(
  { recent }: Scene,
  { series, onset, thresholdMs }: Shift,
  visits: Set<number>,
  beyond: (value: number, edge: number) => boolean,
  ofCallee = false,
): void {
  const { rows, values, times } = recent.delays.get(series)!;
  const edge = bucketOf(thresholdMs);
  for (let i = 0; i < rows.length; i++) {
    if (times[i]! < onset || !beyond(values[i]!, edge)) continue;
    const row = ofCallee ? recent.tree.firstChild[rows[i]!]! : rows[i]!;
    if (row >= 0) visits.add(recent.visits.ofSpan[row]!);
  }
}

/** Of what was sent, this much more is lost now than before: then nothing of own time can be told. */
const blindness = 0.15;

/** What a longer own time is worth since the onset: a callee's or a step's time is not taken off where its span was lost. */
function withoutNewHoles({ normal, recent, baseline }: Scene, onset: number): number {
  if (baseline.minutes === 0) return 1;
  const more = lostShare(recent.traces, onset) - lostShare(normal.traces);
  return more < usualLoss ? 1 : Math.max(0, 1 - (more - usualLoss) / (blindness - usualLoss));
}

const poolOf = (kind: string, service: string, callee: string): string => (kind === 'D' ? service : `${service}\n${callee}`);

const sumOf = (list: readonly Shift[]): number => list.reduce((sum, { strength }) => sum + strength, 0);

/**
 * Own times of all operations of a service together stand in for an operation that has no past, and all gaps between two
 * services for a call of which the far end was lost: which end it is differs each time.
 */
function pooledTimes(scene: Scene): Map<string, Histogram> {
  const pooled = new Map<string, Histogram>();
  for (const [series, histogram] of scene.normal.delays) {
    const [kind = '', service = '', callee = ''] = scene.lexicon.parts(series);
    const pool = poolOf(kind, service, callee);
    const known = pooled.get(pool) ?? new Histogram();
    pooled.set(pool, known);
    known.absorb(histogram);
  }
  return pooled;
}

const time = (ms: number): string =>
  ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;

/** `blamed`: whom it speaks against; of a client's own time that may be the store it called. `turned`: what is known of its delays. */
function describe(scene: Scene, shift: Shift, blamed: string, turned?: Turned): Finding {
  const [kind = '', service = '', second = '', operation = ''] = scene.lexicon.parts(shift.series);
  const isOwn = kind === 'D' && service === blamed;
  const what = isOwn
    ? `${service}: own time of "${second}"`
    : kind === 'D'
      ? `Calls of ${service} to ${blamed}: "${second}"`
      : `Between ${service} calling and ${plainPeer(second)} answering${operation === '' ? '' : ` ${operation}`}: time`;
  const text = `${what} went from ${time(shift.beforeMs)} to ${time(shift.afterMs)} (${shift.n} calls).`;
  const { rows, values, times } = scene.recent.delays.get(shift.series)!;
  const isSlow = shift.afterMs > shift.beforeMs;
  const edge = bucketOf(shift.thresholdMs);
  const { spans } = scene.recent.window;
  const traces = new Set<number>();
  let worst = -1;
  for (let i = 0; i < rows.length; i++) {
    if (times[i]! < shift.onset || (isSlow ? values[i]! < edge : values[i]! > edge)) continue;
    traces.add(spans.trace[rows[i]!]!);
    if (worst < 0 || values[i]! > values[worst]! === isSlow) worst = i;
  }
  const row = worst >= 0 ? rows[worst]! : -1;
  // A caller that answers for it has the store to itself: a part of it.
  const store = kind === 'G' && blamed === service && answerable(scene, service, second) === service ? plainPeer(second) : null;
  const code = isOwn && row >= 0 && spans.component[row]! >= 0 ? scene.recent.window.strings.text(spans.component[row]!) : null;
  return finding({
    kind: isSlow ? 'latency' : 'error',
    source: 'span',
    subject: `${isSlow ? 'slow' : 'quick'} ${scene.lexicon.names.text(shift.series)}`,
    text,
    at: row >= 0 ? scene.recent.tree.startMs[row]! : onsetAt(scene, shift.onset),
    traceId: row >= 0 ? spans.traceId(row) : null,
    spanId: row >= 0 ? spans.spanId(row) : null,
    component: store ?? code,
    strength: shift.strength,
    onset: shift.onset,
    ambiguous: isOwn ? isVainWait(scene, row) : kind === 'G' && turned === 'likely',
    traces: [...traces],
  });
}
