/**
 * Who answered with a hollow value first, and who was merely given it. In one request, a line that comes after and has the same value under
 * the same name was written by somebody it was handed to, however loud:
 *
 *   booking ─ rates     rate locked amount=0              rates answered wrong,
 *      └───── payments  refusing to charge amount=0       payments was asked to charge that
 */
import { type Departure, convincing } from './departures.ts';
import { hollowValue, type HollowValue, isOrdinary } from './hollow-values.ts';
import type { Scene } from './scene.ts';
import { unitsIn } from './visit-units.ts';

export interface WrongValues {
  /** Visits that answered wrong but for all that is known, as their line did not come. */
  readonly unseen: ReadonlySet<number>;
  /** Visits that were handed values that somebody else had come up with, and which (`amount=0`). */
  readonly handedOn: ReadonlyMap<number, ReadonlySet<string>>;
}

/** Where since the onset so many of a unit's visits have the line, and so many of its lines the value, a visit whose line was lost has it too. */
const nearlyAll = 0.8;

export function wrongValues(scene: Scene, departures: readonly Departure[]): WrongValues {
  const hollow = departures.filter(({ item, strength }) => strength >= convincing && scene.lexicon.names.text(item)[0] === 'H');
  if (hollow.length === 0) return { unseen: new Set(), handedOn: new Map() };
  return { unseen: unseenOf(scene, hollow), handedOn: handedOnOf(scene, hollow) };
}

/** Visits since the onset that wrote nothing, of units whose lines nearly all have the value. */
function unseenOf({ recent: { visits, bucketOfTrace } }: Scene, hollow: readonly Departure[]): Set<number> {
  const since = new Map<number, number>();
  const visitsOf = (unit: number, onset: number): number => {
    let count = 0;
    for (let visit = 0; visit < visits.count; visit++)
      if (visits.unit[visit] === unit && bucketOfTrace[visits.trace[visit]!]! >= onset) count++;
    return count;
  };
  for (const { unit, onset, after } of hollow)
    if (after[0] >= nearlyAll * after[1] && after[1] >= nearlyAll * visitsOf(unit, onset))
      since.set(unit, Math.min(since.get(unit) ?? Number.POSITIVE_INFINITY, onset));
  const found = new Set<number>();
  if (since.size === 0) return found;
  for (let visit = 0; visit < visits.count; visit++)
    if (bucketOfTrace[visits.trace[visit]!]! >= (since.get(visits.unit[visit]!) ?? Number.POSITIVE_INFINITY)) found.add(visit);
  for (const visit of visits.ofLog) found.delete(visit);
  return found;
}

interface Said {
  readonly visit: number;
  readonly at: number;
}

function handedOnOf(scene: Scene, hollow: readonly Departure[]): Map<number, Set<string>> {
  const { visits, bucketOfTrace, window, tree } = scene.recent;
  const { logs } = window;
  const timeOf = (row: number): number => logs.timeMs[row]! + (tree.offsets.get(logs.service[row]!) ?? 0);
  const onsets = new Map(hollow.map(({ unit, item, onset }) => [`${unit} ${item}`, onset]));
  /** By trace, then by name and value: who said it first. */
  const first = new Map<number, Map<string, Said>>();
  for (let i = 0; i < visits.item.length; i++) {
    const visit = visits.itemVisit[i]!;
    const trace = visits.trace[visit]!;
    const onset = onsets.get(`${visits.unit[visit]} ${visits.item[i]}`);
    if (onset === undefined || bucketOfTrace[trace]! < onset) continue;
    const row = visits.itemRow[i]!;
    const what = sayingOf(hollowValue(scene, visits.item[i]!, row));
    if (what === null) continue;
    const said = first.get(trace) ?? new Map<string, Said>();
    first.set(trace, said);
    const known = said.get(what);
    if (known === undefined || timeOf(row) < known.at) said.set(what, { visit, at: timeOf(row) });
  }
  return takersOf(scene, first, Math.min(...hollow.map(({ onset }) => onset)), timeOf);
}

type Sayings = ReadonlyMap<number, ReadonlyMap<string, Said>>;

/** Visits that write what another has said first, and did not write it as often as not before. */
function takersOf(scene: Scene, first: Sayings, onset: number, timeOf: (row: number) => number): Map<number, Set<string>> {
  const { visits } = scene.recent;
  const units = unitsIn(scene, scene.recent);
  const usual = new Map<string, boolean>();
  const isUsual = (unit: number, item: number): boolean => {
    const key = `${unit} ${item}`;
    const of = units.get(unit);
    const known = usual.get(key) ?? (of !== undefined && isOrdinary(scene, of, item, onset));
    usual.set(key, known);
    return known;
  };
  const handedOn = new Map<number, Set<string>>();
  for (let i = 0; i < visits.item.length; i++) {
    const visit = visits.itemVisit[i]!;
    const item = visits.item[i]!;
    const said = first.get(visits.trace[visit]!);
    if (said === undefined || scene.lexicon.names.text(item)[0] !== 'H' || isUsual(visits.unit[visit]!, item)) continue;
    const row = visits.itemRow[i]!;
    const what = sayingOf(hollowValue(scene, item, row)) ?? '';
    const source = said.get(what);
    if (source === undefined || source.visit === visit || timeOf(row) < source.at) continue;
    handedOn.set(visit, (handedOn.get(visit) ?? new Set()).add(what));
  }
  return handedOn;
}

/** `amount=0`; null for a value that has no name. */
export function sayingOf(value: HollowValue | null): string | null {
  return value === null || value.name === null ? null : `${value.name.toLowerCase()}=${value.kind}`;
}
