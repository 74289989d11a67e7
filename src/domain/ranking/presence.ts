/**
 * Behaviour that changed: lines, steps and calls that nearly every visit had and now has not, and errors it never had.
 * One test for all of it, a likelihood ratio on visits with and without the item before and after a possible onset.
 */
import { leftOf, pairKey, rightOf } from '../baseline/counts.ts';
import { buckets, lately, onsetAt, type Scene } from './scene.ts';
import { type Finding, finding, type SignalName, type Suspicions } from './suspicion.ts';

interface Departure {
  readonly unit: number;
  readonly item: number;
  readonly signal: SignalName;
  readonly strength: number;
  readonly onset: number;
  readonly before: [number, number];
  readonly after: [number, number];
}

/** Log-likelihood of `hits` of `n` at rate `p`. */
export const logLikelihood = (hits: number, n: number, p: number): number => hits * Math.log(p) + (n - hits) * Math.log(1 - p);

export function likelihoodRatio(hitsBefore: number, before: number, hitsAfter: number, after: number): number {
  const rate = (hits: number, n: number): number => (hits + 0.5) / (n + 1);
  const both = rate(hitsBefore + hitsAfter, before + after);
  return (
    logLikelihood(hitsBefore, before, rate(hitsBefore, before)) +
    logLikelihood(hitsAfter, after, rate(hitsAfter, after)) -
    logLikelihood(hitsBefore, before, both) -
    logLikelihood(hitsAfter, after, both)
  );
}

/** What chance alone brings, given the number of onsets tried. */
const chance = 1.5;

export function judgePresence(scene: Scene, suspicions: Suspicions): void {
  const best = new Map<string, Departure[]>();
  for (const [unit, items] of itemsByUnit(scene)) {
    const service = scene.lexicon.parts(unit)[1] ?? '';
    const visits = new UnitVisits(scene, unit);
    for (const item of items) {
      const departure = depart(scene, visits, unit, item);
      if (!departure) continue;
      const known = best.get(service);
      if (known) known.push(departure);
      else best.set(service, [departure]);
    }
  }
  const dangling = danglingCalls(scene);
  for (const [service, departures] of best) {
    departures.sort((a, b) => b.strength - a.strength);
    for (const signal of ['gone', 'error', 'call'] as const) {
      const of = departures.filter((d) => d.signal === signal);
      // The strongest alone counts: the items of one fault are copies of each other.
      if (of[0])
        suspicions.add(
          service,
          signal,
          Math.log1p(of[0].strength),
          of.slice(0, 3).map((d) => describe(scene, service, d)),
        );
    }
    const unanswered = new Map<string, Departure>();
    for (const d of departures.filter((d) => d.signal === 'call')) {
      const callee = scene.lexicon.parts(d.item)[1] ?? '';
      if (!unanswered.has(callee) && stillCalled(scene, d, dangling)) unanswered.set(callee, d);
    }
    for (const [callee, d] of unanswered) noteUnanswered(scene, suspicions, service, callee, d);
  }
}

function noteUnanswered(scene: Scene, suspicions: Suspicions, caller: string, callee: string, d: Departure): void {
  const value = Math.log1p(d.strength);
  if (value <= suspicions.value(callee, 'unanswered')) return;
  suspicions.of(callee).signals.delete('unanswered');
  const text = `${caller} still calls ${callee} but ${callee} shows no span of it: answered ${share(d.after)} visits, before ${share(d.before)}.`;
  suspicions.add(callee, 'unanswered', value, [
    finding({
      kind: 'unavailable',
      source: 'span',
      subject: `unanswered ${caller} ${callee}`,
      text,
      at: onsetAt(scene, d.onset),
      strength: value,
      onset: d.onset,
      traces: tracesWith(scene, d, false),
    }),
  ]);
}

const share = ([hits, n]: [number, number]): string => `${Math.round(hits)} of ${Math.round(n)}`;

/** Items worth testing: everything seen lately, and what was normal for a unit that was visited lately. */
function itemsByUnit({ normal, recent }: Scene): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (const unit of recent.visited.keys()) found.set(unit, new Set());
  for (const counts of [normal.items, recent.items]) for (const key of counts.keys()) found.get(leftOf(key))?.add(rightOf(key));
  return found;
}

/** Visits of one unit before and after each onset, of all traces and of those that have log lines. */
class UnitVisits {
  readonly before: { all: number; logged: number }[] = [];
  readonly after: { all: number; logged: number }[] = [];

  constructor({ normal, recent }: Scene, unit: number) {
    const past = { all: normal.visited.sum(unit), logged: normal.covered.sum(unit) };
    for (let onset = 0; onset < buckets; onset++) {
      this.before.push({ all: past.all + recent.visited.sum(unit, 0, onset), logged: past.logged + recent.covered.sum(unit, 0, onset) });
      this.after.push({ all: recent.visited.sum(unit, onset), logged: recent.covered.sum(unit, onset) });
    }
  }
}

function depart(scene: Scene, visits: UnitVisits, unit: number, item: number): Departure | null {
  const { normal, recent, lexicon } = scene;
  const mark = lexicon.names.text(item)[0]!;
  const isLine = mark === 'E' || mark === 'W' || mark === 'I';
  const key = pairKey(unit, item);
  const past = normal.items.sum(key);
  let best: Departure | null = null;
  for (let onset = 0; onset < buckets; onset++) {
    const n = isLine ? visits.after[onset]!.logged : visits.after[onset]!.all;
    const m = isLine ? visits.before[onset]!.logged : visits.before[onset]!.all;
    if (n < 1 || (onset > 0 && n === (isLine ? visits.after[onset - 1]!.logged : visits.after[onset - 1]!.all))) continue;
    const hits = recent.items.sum(key, onset);
    const hitsBefore = past + recent.items.sum(key, 0, onset);
    const rate = hits / n;
    const rateBefore = m > 0 ? hitsBefore / m : 0;
    const grown = rate > rateBefore;
    const factor = grown ? growthFactor(mark, m) : lossFactor(mark, m, rateBefore);
    if (factor === 0) continue;
    const opening = visits.before[onset]!.all - normal.visited.sum(unit) < 1;
    const strength =
      Math.max(0, likelihoodRatio(hitsBefore, m, hits, n) - chance) *
      factor *
      (opening ? 0.6 + 0.4 * scene.trust : 1) *
      persistence(scene, key, unit, isLine, grown ? rate : 1 - rate, grown);
    if (strength > 0 && (!best || strength > best.strength)) {
      const signal = grown ? 'error' : mark === 'C' || mark === 'P' ? 'call' : 'gone';
      best = { unit, item, signal, strength, onset, before: [hitsBefore, m], after: [hits, n] };
    }
  }
  return best;
}

/** New errors count; new information lines do not: a different mix of requests brings those as well. */
function growthFactor(mark: string, before: number): number {
  if (mark !== 'E' && mark !== 'W') return 0;
  // A unit never visited before has no normal of its own.
  const known = before / (before + 1);
  return (mark === 'E' ? 1 : 0.4) * known;
}

/** Only what was nearly certain can be missed. A vanished error is a recovery. */
function lossFactor(mark: string, before: number, rateBefore: number): number {
  if (mark === 'E' || mark === 'W' || before < 3 || rateBefore < 0.7) return 0;
  return Math.min(1, ((rateBefore - 0.6) / 0.35) ** 2);
}

/** A fault is still there at the end; a burst is not. */
function persistence({ recent }: Scene, key: number, unit: number, isLine: boolean, rate: number, grown: boolean): number {
  const n = (isLine ? recent.covered : recent.visited).sum(unit, lately);
  if (n < 5 || rate <= 0) return 1;
  const hits = recent.items.sum(key, lately);
  const late = grown ? hits / n : 1 - hits / n;
  return Math.min(1, Math.max(0.25, late / rate));
}

function describe(scene: Scene, service: string, d: Departure): Finding {
  const { lexicon } = scene;
  const [mark = '', what = '', operation = ''] = lexicon.parts(d.item);
  const entry = lexicon.parts(d.unit)[2] ?? '';
  const name =
    mark === 'C'
      ? `the call to ${what} ${operation}`
      : mark === 'S'
        ? `the step "${what}"`
        : mark === 'P'
          ? `the call to ${what}`
          : `the line "${what.slice(0, 140)}"`;
  const where = entry === '' ? 'visits' : `visits to ${entry}`;
  const text =
    d.signal === 'error'
      ? `${service} writes ${name} in ${share(d.after)} ${where}, before in ${share(d.before)}.`
      : `${service} lacks ${name}: it is in ${share(d.after)} ${where}, before in ${share(d.before)}.`;
  const traces = tracesWith(scene, d, d.signal === 'error');
  return finding({
    kind: 'error',
    source: mark === 'E' || mark === 'W' || mark === 'I' ? 'log' : 'span',
    subject: `${d.signal} ${lexicon.names.text(d.unit)} ${lexicon.names.text(d.item)}`,
    text,
    at: onsetAt(scene, d.onset),
    traceId: traces.length > 0 ? traceIdOf(scene, traces[0]!) : null,
    strength: Math.log1p(d.strength),
    onset: d.onset,
    traces,
  });
}

/** Traces since the onset in which a visit of the unit has (or lacks) the item. */
function tracesWith({ recent }: Scene, d: Departure, having: boolean): number[] {
  const { visits, bucketOfTrace } = recent;
  const has = new Set<number>();
  for (let i = 0; i < visits.item.length; i++) if (visits.item[i] === d.item) has.add(visits.itemVisit[i]!);
  const traces: number[] = [];
  for (let visit = 0; visit < visits.count; visit++)
    if (visits.unit[visit] === d.unit && bucketOfTrace[visits.trace[visit]!]! >= d.onset && has.has(visit) === having)
      traces.push(visits.trace[visit]!);
  return traces;
}

export function traceIdOf({ recent }: Scene, trace: number): string | null {
  const row = recent.tree.firstOfTrace[trace] ?? -1;
  return row >= 0 ? recent.window.spans.traceId(row) : null;
}

/** By visit: client spans that have no server span beneath although their operation is one that calls out. */
function danglingCalls({ recent }: Scene): Uint8Array {
  const { window, tree, visits } = recent;
  const { spans } = window;
  const dangling = new Uint8Array(visits.count);
  const calling = new Set<number>();
  let orphans = 0;
  for (let row = 0; row < spans.length; row++) {
    const p = tree.parent[row]!;
    if (spans.parent[row] === -2) orphans++;
    if (p >= 0 && spans.service[p] !== spans.service[row] && tree.entry[p] !== p)
      calling.add(spans.service[p]! * 0x1000000 + spans.operation[p]!);
  }
  // With many spans missing a missing server span says nothing.
  if (orphans > spans.length / 20) return dangling;
  for (let row = 0; row < spans.length; row++)
    if (tree.firstChild[row] === -1 && tree.entry[row] !== row && calling.has(spans.service[row]! * 0x1000000 + spans.operation[row]!))
      dangling[visits.ofSpan[row]!] = 1;
  return dangling;
}

/** Whether the caller still makes the call that has lost its far side. */
function stillCalled({ recent }: Scene, d: Departure, dangling: Uint8Array): boolean {
  const { visits, bucketOfTrace } = recent;
  const has = new Set<number>();
  for (let i = 0; i < visits.item.length; i++) if (visits.item[i] === d.item) has.add(visits.itemVisit[i]!);
  let lacking = 0;
  let calling = 0;
  for (let visit = 0; visit < visits.count; visit++) {
    if (visits.unit[visit] !== d.unit || bucketOfTrace[visits.trace[visit]!]! < d.onset || has.has(visit)) continue;
    lacking++;
    calling += dangling[visit]!;
  }
  return lacking > 0 && calling / lacking > 0.6;
}
