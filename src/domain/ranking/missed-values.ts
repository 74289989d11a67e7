/**
 * Hollow values that somebody missed: callers that depart from normal in the very requests in which they were given one, or another that it
 * was handed on to.
 *
 *   search (no candidates in range) ─ geo (candidates=0)
 *   booking (as ever) ─ rates (amount=0), payments (refusing to charge amount=0)
 */
import type { Departure } from './departures.ts';
import { sayingOf } from './handed-on.ts';
import { hollowValue } from './hollow-values.ts';
import type { Scene } from './scene.ts';

interface Missing {
  /** 1 for visits that depart. */
  readonly departing: Uint8Array;
  /** Visits that depart by more than values that another had come up with and that were handed to them; which. */
  readonly takers: ReadonlyMap<number, ReadonlySet<string>>;
}

/** Of the visits that write it, more than this share stand beneath visits that depart, or beside such that took it: it is what those choked on. */
const mostly = 0.5;

/**
 * Of departures, the hollow values that others choke on: no mere oddity of a line, but the loss of what they had been given. `missing` is
 * asked for only where there is such a value.
 */
export function missedValues(scene: Scene, departures: readonly Departure[], missing: () => Missing): Set<Departure> {
  const { recent, lexicon } = scene;
  const hollow = departures.filter(({ item }) => lexicon.names.text(item)[0] === 'H');
  if (hollow.length === 0) return new Set();
  const { visits, tree, bucketOfTrace } = recent;
  const { departing: marked, takers } = missing();
  const takenIn = new Set([...takers].flatMap(([visit, values]) => [...values].map((value) => `${visits.trace[visit]} ${value}`)));
  const isTaken = (i: number): boolean => {
    const visit = visits.itemVisit[i]!;
    if (takenIn.size === 0 || takers.has(visit)) return false;
    const value = sayingOf(hollowValue(scene, visits.item[i]!, visits.itemRow[i]!));
    return value !== null && takenIn.has(`${visits.trace[visit]} ${value}`);
  };
  const isBeneath = (visit: number): boolean => {
    const row = visits.entryRow[visit]!;
    const parent = row < 0 ? -1 : tree.parent[row]!;
    return parent >= 0 && visits.ofSpan[parent] !== visit && marked[visits.ofSpan[parent]!] === 1;
  };
  const byItem = Map.groupBy(hollow, ({ item }) => item);
  const tally = new Map(hollow.map((departure) => [departure, { all: 0, beneath: 0 }]));
  for (let i = 0; i < visits.item.length; i++) {
    const visit = visits.itemVisit[i]!;
    for (const departure of byItem.get(visits.item[i]!) ?? []) {
      if (visits.unit[visit] !== departure.unit || bucketOfTrace[visits.trace[visit]!]! < departure.onset) continue;
      const of = tally.get(departure)!;
      of.all++;
      if (isBeneath(visit) || isTaken(i)) of.beneath++;
    }
  }
  return new Set(hollow.filter((departure) => tally.get(departure)!.beneath > mostly * tally.get(departure)!.all));
}
