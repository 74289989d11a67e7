/**
 * Visits that went wrong because of somebody else. A visit is excused when a visit beneath it departs from normal itself,
 * when it says in so many words that it could not reach another service, or when its call got no answer, or none yet. What a service
 * does in excused visits says nothing about the service; what it does in the others does.
 *
 *   gateway ─ orders ─ stock (lacks the line it always writes)      gateway and orders are excused in this trace, stock is not
 */
import { callerFaultCodes } from '../baseline/failure-text.ts';
import { awaitingVisits, likelyCallingOperations } from './dangling.ts';
import type { Departure } from './departures.ts';
import type { Scene } from './scene.ts';

/** Departures weaker than this are too often chance to excuse anybody. */
const convincing = 2.5;

/** 1 for visits whose own behaviour is explained by something beneath them. */
export function excuse(scene: Scene, departures: readonly Departure[], shifted: ReadonlySet<number>): Uint8Array {
  const { visits, failing, window } = scene.recent;
  const departing = departingVisits(scene, departures);
  for (const visit of shifted) departing[visit] = 1;
  const excused = new Uint8Array(visits.count);
  const up = new Climber(scene);
  for (let visit = 0; visit < visits.count; visit++) if (departing[visit] === 1) up.from(visit, excused);
  for (const { host, port, row, reporter } of failing) {
    const visit = visits.ofLog[row]!;
    if (visit < 0 || host === '') continue;
    const target = scene.known.resolve(host, port);
    if (!target || target.service === window.strings.text(reporter)) continue;
    excused[visit] = 1;
    up.from(visit, excused);
  }
  excuseRefusals(scene, excused);
  excuseLaterErrors(scene, excused);
  for (const visit of unansweredVisits(scene, departures)) {
    excused[visit] = 1;
    up.from(visit, excused);
  }
  // Whether it failed by itself nobody can say before what it called has spoken.
  const awaiting = awaitingVisits(scene);
  for (let visit = awaiting?.indexOf(1) ?? -1; awaiting !== null && visit >= 0; visit = awaiting.indexOf(1, visit + 1)) {
    excused[visit] = 1;
    up.from(visit, excused);
  }
  return excused;
}

/** A visit that answered "you may not" or "that makes no sense" did as it should: what was asked is its caller's doing. */
function excuseRefusals({ recent }: Scene, excused: Uint8Array): void {
  const { visits, tree, window } = recent;
  for (let visit = 0; visit < visits.count; visit++) {
    const row = visits.entryRow[visit]!;
    if (row >= 0 && tree.parent[row]! >= 0 && callerFaultCodes.has(window.spans.statusCode[row]!)) excused[visit] = 1;
  }
}

/** Of a request known from its log lines alone: who wrote the first error had it, those who wrote one later were told of it. */
function excuseLaterErrors({ recent }: Scene, excused: Uint8Array): void {
  const { visits, tree, window } = recent;
  const { logs } = window;
  const first = new Map<number, number>();
  for (let row = 0; row < logs.length; row++) {
    const trace = visits.traceOfLog[row]!;
    if (trace < 0 || logs.severity[row]! < 17 || (tree.firstOfTrace[trace] ?? -1) >= 0) continue;
    const visit = visits.ofLog[row]!;
    const known = first.get(trace);
    if (known === undefined) first.set(trace, visit);
    else if (known !== visit) excused[visit] = 1;
  }
}

/** Visits that lack, or have, what a convincing departure says they should have, or not. */
function departingVisits({ recent }: Scene, departures: readonly Departure[]): Uint8Array {
  const { visits, bucketOfTrace } = recent;
  const departing = new Uint8Array(visits.count);
  const lost = new Map<number, Departure[]>();
  const gained = new Map<number, Map<number, Departure>>();
  for (const departure of departures) {
    if (departure.strength < convincing || departure.signal === 'call') continue;
    if (departure.signal === 'gone') push(lost, departure.unit, departure);
    else gained.set(departure.unit, (gained.get(departure.unit) ?? new Map<number, Departure>()).set(departure.item, departure));
  }
  const present = new Map<number, Set<number>>();
  for (let i = 0; i < visits.item.length; i++) {
    const visit = visits.itemVisit[i]!;
    const unit = visits.unit[visit]!;
    const gain = gained.get(unit)?.get(visits.item[i]!);
    if (gain && bucketOfTrace[visits.trace[visit]!]! >= gain.onset) departing[visit] = 1;
    if (!lost.has(unit)) continue;
    const has = present.get(visit);
    if (has) has.add(visits.item[i]!);
    else present.set(visit, new Set([visits.item[i]!]));
  }
  for (let visit = 0; visit < visits.count; visit++) {
    const losses = lost.get(visits.unit[visit]!);
    if (!losses) continue;
    const bucket = bucketOfTrace[visits.trace[visit]!]!;
    const has = present.get(visit);
    if (losses.some(({ item, onset }) => bucket >= onset && !has?.has(item))) departing[visit] = 1;
  }
  return departing;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}

/** Walks from a visit to those above it, through every entry the visit has. */
class Climber {
  readonly #scene: Scene;
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  constructor(scene: Scene) {
    this.#scene = scene;
    const { visits, tree } = scene.recent;
    this.#first = new Int32Array(visits.count).fill(-1);
    this.#next = new Int32Array(visits.ofSpan.length).fill(-1);
    for (let row = 0; row < visits.ofSpan.length; row++) {
      if (tree.entry[row] !== row) continue;
      const visit = visits.ofSpan[row]!;
      this.#next[row] = this.#first[visit]!;
      this.#first[visit] = row;
    }
  }

  from(visit: number, mark: Uint8Array): void {
    const { visits, tree } = this.#scene.recent;
    const stack = [visit];
    for (let at = stack.pop(); at !== undefined; at = stack.pop())
      for (let row = this.#first[at]!; row >= 0; row = this.#next[row]!) {
        const parent = tree.parent[row]!;
        const above = parent < 0 ? -1 : visits.ofSpan[parent]!;
        if (above < 0 || above === at || mark[above] === 1) continue;
        mark[above] = 1;
        stack.push(above);
      }
  }
}

/** Visits that lost a call they always made although the client's side of it is still there. */
function unansweredVisits(scene: Scene, departures: readonly Departure[]): number[] {
  const lost = departures.filter(({ signal, strength }) => signal === 'call' && strength >= convincing);
  if (lost.length === 0) return [];
  const { visits, bucketOfTrace, window } = scene.recent;
  const dangling = likelyCallingOperations(scene);
  const units = new Map<number, number>();
  for (const { unit, onset } of lost) units.set(unit, Math.min(units.get(unit) ?? Infinity, onset));
  const found = new Set<number>();
  for (let row = 0; row < window.spans.length; row++) {
    if (!dangling(row)) continue;
    const visit = visits.ofSpan[row]!;
    const onset = units.get(visits.unit[visit]!);
    if (onset !== undefined && bucketOfTrace[visits.trace[visit]!]! >= onset) found.add(visit);
  }
  return [...found];
}
