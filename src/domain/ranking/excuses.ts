/**
 * Visits that went wrong because of somebody else. A visit is excused when a visit beneath it departs from normal itself,
 * when it says in so many words that it could not reach another service, or when its call got no answer, or none yet. What a service
 * does in excused visits says nothing about the service; what it does in the others does.
 *
 *   gateway ─ orders ─ stock (lacks the line it always writes)      gateway and orders are excused in this trace, stock is not
 */
import { spanStatus } from '../telemetry.ts';
import { broughtIn } from './brought-in.ts';
import { isCutOff } from './cut-off.ts';
import { awaitingVisits, calledBy, likelyCallingOperations } from './dangling.ts';
import { choked } from './choked.ts';
import { misled } from './misled.ts';
import { convincing, type Departure } from './departures.ts';
import { disordered } from './disordered.ts';
import { floods } from './floods.ts';
import { wrongValues } from './handed-on.ts';
import { heldBack } from './held-back.ts';
import { outOfTimeFailures } from './off-clock.ts';
import { refusals } from './refusals.ts';
import type { Scene } from './scene.ts';
import { storeOf, type StoresAtFault } from './stores.ts';
import type { Unconsumed } from './unconsumed.ts';
import { visitsOfUnfit } from './unfit-stores.ts';
import { unreadable } from './unreadable.ts';

/** 1 for visits whose own behaviour is explained by something beneath them. */
export function excuse(
  scene: Scene,
  departures: readonly Departure[],
  shifted: ReadonlySet<number>,
  { stores, untaken }: { readonly stores: StoresAtFault; readonly untaken: Unconsumed },
): Uint8Array {
  const { visits, failing, window } = scene.recent;
  const departing = departingVisits(scene, departures);
  for (const visit of shifted) departing[visit] = 1;
  const refusing = refusals(scene);
  const wrong = wrongValues(scene, departures);
  for (const visit of wrong.unseen) departing[visit] = 1;
  // Who refuses, somebody from outside too, chokes on a question or was handed a value excuses nobody: the caller's own departing stays its own.
  const asked = [
    ...choked(scene).keys(),
    ...disordered(scene).keys(),
    ...unreadVisits(scene, false),
    ...wrong.handedOn.keys(),
    ...broughtVisits(scene),
  ];
  for (const visit of [...refusing.own, ...asked]) departing[visit] = 0;
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
  excuseAlike(scene, departing, excused);
  for (const visit of [...refusing.all, ...asked, ...floodedVisits(scene)]) excused[visit] = 1;
  excuseLaterErrors(scene, excused);
  for (const visit of [
    ...unansweredVisits(scene, departures),
    ...failedByStores(scene, stores),
    ...visitsOfUnfit(scene),
    ...heldBack(scene),
    ...misledVisits(scene),
    ...untimelyVisits(scene),
    ...unreadVisits(scene, true),
    ...untaken.keys(),
  ]) {
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

/** Of a unit's departing visits, with one callee's departing beneath: enough of all to take the rest for the same. */
const asARule = 0.5;
const fewestAlike = 3;
/** Of its other visits: what shows beneath these as well is not why the unit departs. */
const hardlyAny = 0.2;

/** Visits of one unit above visits of one service: how many, and above departing ones; those that depart themselves, and the others. */
interface Above {
  readonly departing: Set<number>;
  readonly beneath: Set<number>;
  others: number;
  othersBeneath: number;
}

/**
 * A callee that answers wrong does not show it every time. Where most of a unit's departing visits stand above departing ones of the same
 * callee, and hardly any other does, those above visits of it that look well departed for the same reason.
 */
function excuseAlike({ recent }: Scene, departing: Uint8Array, excused: Uint8Array): void {
  const { visits, tree, bucketOfTrace } = recent;
  const bucketOf = (visit: number): number => bucketOfTrace[visits.trace[visit]!]!;
  /** Since when each unit departs. */
  const since = new Map<number, number>();
  for (let visit = departing.indexOf(1); visit >= 0; visit = departing.indexOf(1, visit + 1))
    since.set(visits.unit[visit]!, Math.min(since.get(visits.unit[visit]!) ?? Infinity, bucketOf(visit)));
  const found = new Map<string, Above>();
  for (let visit = 0; visit < visits.count; visit++) {
    const row = visits.entryRow[visit]!;
    const parent = row < 0 ? -1 : tree.parent[row]!;
    const caller = parent < 0 ? -1 : visits.ofSpan[parent]!;
    if (caller < 0 || caller === visit || bucketOf(caller) < (since.get(visits.unit[caller]!) ?? Infinity)) continue;
    const key = `${visits.unit[caller]} ${visits.service[visit]}`;
    const above = found.get(key) ?? { departing: new Set<number>(), beneath: new Set<number>(), others: 0, othersBeneath: 0 };
    found.set(key, above);
    if (departing[caller] === 1) above.departing.add(caller);
    else above.others++;
    if (departing[visit] !== 1) continue;
    if (departing[caller] === 1) above.beneath.add(caller);
    else above.othersBeneath++;
  }
  for (const { departing: all, beneath, others, othersBeneath } of found.values()) {
    const isRule = beneath.size >= fewestAlike && beneath.size >= asARule * all.size && othersBeneath <= hardlyAny * others;
    if (isRule) for (const caller of all) excused[caller] = 1;
  }
}

/** Visits of which a call to a store at fault failed. */
function failedByStores(scene: Scene, stores: StoresAtFault): number[] {
  if (stores.size === 0) return [];
  const { visits, window } = scene.recent;
  const found = new Set<number>();
  for (let row = 0; row < window.spans.length; row++)
    if (window.spans.status[row] === spanStatus.error && storeOf(scene, stores, row) !== null) found.add(visits.ofSpan[row]!);
  return [...found];
}

/** Visits of requests that came in from outside besides the usual ones and were turned down, or that somebody floods others with. */
function broughtVisits(scene: Scene): number[] {
  const { visits } = scene.recent;
  const traces = [broughtIn(scene), ...floods(scene).map((flood) => flood.traces)].filter(({ size }) => size > 0);
  if (traces.length === 0) return [];
  const found: number[] = [];
  for (let visit = 0; visit < visits.count; visit++) if (traces.some((of) => of.has(visits.trace[visit]!))) found.push(visit);
  return found;
}

/** Visits to whoever is flooded with calls, since it is. */
function floodedVisits(scene: Scene): number[] {
  const { recent, lexicon } = scene;
  const { visits, bucketOfTrace } = recent;
  const all = floods(scene);
  if (all.length === 0) return [];
  const found: number[] = [];
  for (let visit = 0; visit < visits.count; visit++)
    if (
      all.some(
        ({ driven, onset }) => bucketOfTrace[visits.trace[visit]!]! >= onset && driven.has(lexicon.names.text(visits.service[visit]!)),
      )
    )
      found.push(visit);
  return found;
}

/** Visits that failed on what a callee answered. */
const misledVisits = (scene: Scene): number[] =>
  [...misled(scene).keys()].map((row) => scene.recent.visits.ofSpan[row]!).filter((visit) => visit >= 0);

/** Visits that failed over a time that somebody else's clock has wrong. */
const untimelyVisits = (scene: Scene): number[] =>
  [...outOfTimeFailures(scene).keys()].map((row) => scene.recent.visits.ofSpan[row]!).filter((visit) => visit >= 0);

/** Visits that could not read what they were answered, or asked. */
const unreadVisits = (scene: Scene, isCallee: boolean): number[] =>
  [...unreadable(scene)].flatMap(([visit, other]) => (other.isCallee === isCallee ? [visit] : []));

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
export function departingVisits({ recent }: Scene, departures: readonly Departure[]): Uint8Array {
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

/** Visits that lost a call they always made although the client's side of it is still there; none that its caller being cut off explains. */
function unansweredVisits(scene: Scene, departures: readonly Departure[]): number[] {
  const lost = departures.filter(({ signal, strength }) => signal === 'call' && strength >= convincing);
  if (lost.length === 0) return [];
  const { visits, bucketOfTrace, window } = scene.recent;
  const dangling = likelyCallingOperations(scene);
  const units = new Map<number, number>();
  for (const { unit, onset } of lost) units.set(unit, Math.min(units.get(unit) ?? Infinity, onset));
  const found = new Set<number>();
  for (let row = 0; row < window.spans.length; row++) {
    if (!dangling(row) || isCutOff(scene, window.spans.service[row]!, window.strings.find(calledBy(scene, row)))) continue;
    const visit = visits.ofSpan[row]!;
    const onset = units.get(visits.unit[visit]!);
    if (onset !== undefined && bucketOfTrace[visits.trace[visit]!]! >= onset) found.add(visit);
  }
  return [...found];
}
