/**
 * A line that is as ever but for a value: zero, negative or nothing where there was something (see templates/hollow.ts). Compared are the
 * visits that write the line, so a request that is made more often than before is no departure.
 */
import { pairKey } from '../baseline/counts.ts';
import type { Lexicon } from '../baseline/lexicon.ts';
import type { VisitCounts } from '../baseline/period.ts';
import { hollowFieldsIn } from '../log-shape/hollow-fields.ts';
import { Tokens } from '../templates/masker.ts';
import { type HollowKind, hollowKind, hollowPlaces, maskedValue } from '../templates/hollow.ts';
import { buckets, type Scene } from './scene.ts';
import type { Unit } from './visit-units.ts';

/** Of a service's lines, those whose values were looked at when they were learned: where fewer were, the past says nothing of values. */
const enoughValued = 0.9;

/** Visits with the line, and with the hollow value in it: normally, and lately from each onset on. */
interface HollowTally {
  readonly visitsBefore: number;
  readonly hitsBefore: number;
  readonly visitsAfter: readonly number[];
  readonly hitsAfter: readonly number[];
}

/** Of an item that is a hollow value; nothing where the past of its service was learned before values were looked at. */
export function hollowTally({ normal, lexicon }: Scene, counts: VisitCounts, unit: Unit, item: number): HollowTally {
  let [visitsBefore, hitsBefore] = [0, 0];
  const visitsAfter = new Array<number>(buckets).fill(0);
  const hitsAfter = new Array<number>(buckets).fill(0);
  const tally = { visitsBefore, hitsBefore, visitsAfter, hitsAfter };
  const service = lexicon.names.find(lexicon.parts(unit.unit)[1] ?? '');
  if (normal.valued.sum(service) < enoughValued * normal.lines.sum(service)) return tally;
  for (const { path } of unit.items.get(item) ?? []) {
    hitsBefore += normal.items.sum(pairKey(path, item));
    counts.items.addSuffixes(pairKey(path, item), hitsAfter);
  }
  for (const line of linesOf(lexicon, item))
    for (const { path } of unit.items.get(line) ?? []) {
      visitsBefore += normal.items.sum(pairKey(path, line));
      counts.items.addSuffixes(pairKey(path, line), visitsAfter);
    }
  return { ...tally, visitsBefore, hitsBefore };
}

/** The items that the line itself is, by the grades it is written at. */
function linesOf(lexicon: Lexicon, item: number): number[] {
  const text = lexicon.parts(item)[1] ?? '';
  return ['E', 'W', 'I'].map((grade) => lexicon.names.find(`${grade}\n${text}`)).filter((line) => line >= 0);
}

/** A line is known by this many normal visits, and a value that was hollow in this share of them is ordinary. */
const fewestKnown = 3;
const ordinary = 0.5;
/** A value is weaker evidence than a new error: counters stand at zero, and flags are off, for many reasons. */
const worth = 0.5;

/** What a hollow value counts for that there was in `hits` of `visits` visits before. */
export function hollowFactor(hits: number, visits: number): number {
  return visits < fewestKnown ? 0 : worth * Math.max(0, 1 - hits / visits / ordinary) ** 2;
}

/** Whether a line of a unit held nothing there as often as not, before a bucket of the recent minutes. */
export function isOrdinary(scene: Scene, unit: Unit, item: number, onset: number): boolean {
  const { visitsBefore, hitsBefore, visitsAfter, hitsAfter } = hollowTally(scene, scene.recent, unit, item);
  const [visits, hits] = [visitsBefore + visitsAfter[0]! - visitsAfter[onset]!, hitsBefore + hitsAfter[0]! - hitsAfter[onset]!];
  return visits > 0 && hits >= ordinary * visits;
}

/** A hollow value of a line: what it is called, what it is, and how that reads. */
export interface HollowValue {
  readonly name: string | null;
  readonly kind: HollowKind;
  readonly words: string;
}

const words: Readonly<Record<HollowKind, string>> = { '0': '0', negative: 'a negative number', none: 'false or nothing' };

/** The value that a hollow item is of, in a log row that has it. */
export function hollowValue(scene: Scene, item: number, row: number): HollowValue | null {
  const where = scene.lexicon.parts(item)[2] ?? '';
  return valuesOf(scene, row, (at) => at === where)[0] ?? null;
}

/** Read anew for each line, and done with before the next. */
const tokens = new Tokens();

/** Hollow values of a log row, those within the line and those beside it. */
function valuesOf({ recent: { window } }: Scene, row: number, isMeant = (_: string): boolean => true): HollowValue[] {
  const { logs, strings } = window;
  const found: HollowValue[] = [];
  if (logs.hollow[row] !== 0) tokens.scan(logs.text(row));
  for (let place = 0; place < hollowPlaces; place++) {
    if ((logs.hollow[row]! & (1 << place)) === 0 || !isMeant(`${place}`)) continue;
    const masked = maskedValue(tokens, place);
    const kind = masked === null ? null : hollowKind(masked.value, 0, masked.value.length);
    if (masked !== null && kind !== null) found.push({ name: masked.name, kind, words: masked.value });
  }
  for (const { name, kind } of hollowFieldsIn(strings.text(logs.hollowFields[row]!)))
    if (isMeant(`.${name}`)) found.push({ name: name.slice(name.lastIndexOf('.') + 1), kind, words: words[kind] });
  return found;
}
