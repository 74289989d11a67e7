/**
 * Hollow values that somebody missed: callers that depart from normal in the very requests in which they were given one.
 *
 *   search (no candidates in range) ─ geo (candidates=0)
 */
import type { Departure } from './departures.ts';
import type { Scene } from './scene.ts';

/** Of the visits that write it, more than this share stand beneath visits that depart: it is what those choked on. */
const mostly = 0.5;

/**
 * Of departures, the hollow values that callers choke on: no mere oddity of a line, but the loss of what they had been given. `departing`: 1
 * for visits that depart, asked for only where there is such a value.
 */
export function missedValues({ recent, lexicon }: Scene, departures: readonly Departure[], departing: () => Uint8Array): Set<Departure> {
  const hollow = departures.filter(({ item }) => lexicon.names.text(item)[0] === 'H');
  if (hollow.length === 0) return new Set();
  const { visits, tree, bucketOfTrace } = recent;
  const marked = departing();
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
      if (isBeneath(visit)) of.beneath++;
    }
  }
  return new Set(hollow.filter((departure) => tally.get(departure)!.beneath > mostly * tally.get(departure)!.all));
}
