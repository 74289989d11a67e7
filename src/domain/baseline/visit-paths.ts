/** The paths visits took: their unit and the steps and calls within it, whatever the order they were met in. */
import { fnv1a } from '../evidence.ts';
import type { Lexicon } from './lexicon.ts';

/** By visit its path in the lexicon. `units`: by visit; `itemVisits` and `items`: each item of each visit once. */
export function pathsOf(lexicon: Lexicon, units: Int32Array, itemVisits: Int32Array, items: Int32Array): Int32Array {
  const sums = new Int32Array(units.length);
  const hashes = new Int32Array(lexicon.names.size);
  const isHashed = new Uint8Array(hashes.length);
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (isHashed[item] === 0) {
      const text = lexicon.names.text(item);
      hashes[item] = /^[SCP]\n/.test(text) ? fnv1a(text) : 0;
      isHashed[item] = 1;
    }
    // A sum does not depend on the order in which items were met.
    sums[itemVisits[i]!] = (sums[itemVisits[i]!]! + hashes[item]!) | 0;
  }
  const known = new Map<number, number>();
  return units.map((unit, visit) => {
    const key = unit * 4_294_967_296 + (sums[visit]! >>> 0);
    let path = known.get(key);
    if (path === undefined) {
      path = lexicon.path(unit, (sums[visit]! >>> 0).toString(36));
      known.set(key, path);
    }
    return path;
  });
}
