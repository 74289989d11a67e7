/**
 * What the spans of a batch are known by while halves of calls look for each other: a word for the trace, and the hashes of a
 * span's own key and its parent's. Made for the whole batch at once, since then the places they lead to can be read ahead.
 */
import { type Generation, keyHash, keyWords } from './map-halves.ts';
import { hashWords } from './row-index.ts';
import { idWords, parentIdAt, type SpanBatch, spanIdAt } from './span-batch.ts';

const traceWords = 4;
const leastRows = 512;

export const traceWord = (ids: Int32Array, at: number): number => hashWords(ids, at, traceWords);

export class SpanKeys {
  /** By row: `traceWord`, and `keyHash` of the span and of its parent. */
  trace = new Int32Array(leastRows);
  own = new Int32Array(leastRows);
  parent = new Int32Array(leastRows);
  readonly #key = new Int32Array(keyWords);

  /** Good until it is asked again. */
  read({ columns: { ids }, length }: SpanBatch, young: Generation, old: Generation): void {
    // A cell more than there are rows.
    if (this.trace.length <= length) for (const name of ['trace', 'own', 'parent'] as const) this[name] = new Int32Array(length + 1);
    const { trace, own, parent } = this;
    const key = this.#key;
    for (let row = 0, at = 0; row < length; row++, at += idWords) {
      trace[row] = key[0] = traceWord(ids, at);
      key[1] = ids[at + spanIdAt]!;
      key[2] = ids[at + spanIdAt + 1]!;
      own[row] = keyHash(key, 0);
      key[1] = ids[at + parentIdAt]!;
      key[2] = ids[at + parentIdAt + 1]!;
      parent[row] = keyHash(key, 0);
    }
    own[length] = young.readAhead(own, own, length) ^ old.readAhead(parent, own, length);
  }
}
