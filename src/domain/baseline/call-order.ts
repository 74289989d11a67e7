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
  const { first, next } = callsOf(visits, lexicon, include);
  const made: number[] = [];
  for (let i = 0; i < visits.item.length; i++) {
    const visit = visits.itemVisit[i]!;
    if (first[visit] !== i) continue;
    made.length = 0;
    for (let call = i; call >= 0; call = next[call]!) made.push(call);
    if (made.length > 1) made.sort((a, b) => tree.startMs[visits.itemRow[a]!]! - tree.startMs[visits.itemRow[b]!]!);
    for (let place = 0; place < made.length; place++) {
      const key = pairKey(visits.unit[visit]!, visits.item[made[place]!]!);
      order.places.add(key, 0, place + 1);
      order.seen.add(key, 0);
    }
  }
  return order;
}

/** Calls among the items as linked lists: the first of a visit, the next of an item; -1 ends. */
function callsOf(visits: Visits, lexicon: Lexicon, include: (trace: number) => boolean): { first: Int32Array; next: Int32Array } {
  const first = new Int32Array(visits.count).fill(-1);
  const next = new Int32Array(visits.item.length).fill(-1);
  const isCall = new Int8Array(lexicon.names.size).fill(-1);
  for (let i = visits.item.length - 1; i >= 0; i--) {
    const item = visits.item[i]!;
    const visit = visits.itemVisit[i]!;
    if (isCall[item] === -1) isCall[item] = lexicon.names.text(item).startsWith('C\n') ? 1 : 0;
    if (isCall[item] === 0 || !include(visits.trace[visit]!)) continue;
    next[i] = first[visit]!;
    first[visit] = i;
  }
  return { first, next };
}
