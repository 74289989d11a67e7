/**
 * In which order a visit makes its calls. When several calls are missing the first of them is the one that failed; the
 * others were never come to.
 */
import type { CallTree } from './call-tree.ts';
import { Counts, pairKey } from './counts.ts';
import type { Lexicon } from './lexicon.ts';
import type { Visits } from './visits.ts';

/** By (unit, called item): sum of places in the visit (from 1), and how often it was seen. Their quotient is its usual place. */
export interface CallOrder {
  readonly places: Counts;
  readonly seen: Counts;
}

export function callOrder(visits: Visits, tree: CallTree, lexicon: Lexicon, include: (trace: number) => boolean): CallOrder {
  const order: CallOrder = { places: new Counts(1), seen: new Counts(1) };
  const calls = new Map<number, boolean>();
  const byVisit = new Map<number, number[]>();
  for (let i = 0; i < visits.item.length; i++) {
    const item = visits.item[i]!;
    const visit = visits.itemVisit[i]!;
    let isCall = calls.get(item);
    if (isCall === undefined) {
      isCall = lexicon.names.text(item).startsWith('C\n');
      calls.set(item, isCall);
    }
    if (!isCall || !include(visits.trace[visit]!)) continue;
    const known = byVisit.get(visit);
    if (known) known.push(i);
    else byVisit.set(visit, [i]);
  }
  for (const [visit, made] of byVisit) {
    if (made.length > 1) made.sort((a, b) => tree.startMs[visits.itemRow[a]!]! - tree.startMs[visits.itemRow[b]!]!);
    made.forEach((i, place) => {
      const key = pairKey(visits.unit[visit]!, visits.item[i]!);
      order.places.add(key, 0, place + 1);
      order.seen.add(key, 0);
    });
  }
  return order;
}
