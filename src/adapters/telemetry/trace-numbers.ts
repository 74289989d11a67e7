/** Dense numbers for the trace ids of one window, shared by its spans and log lines. */
import { RowIndex } from '../../domain/row-index.ts';

const idWords = 4;

export class TraceNumbers {
  readonly #index = new RowIndex(idWords);
  #words = new Int32Array(idWords * 1_024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The number of the trace whose id stands at `words[at…]`. */
  number(words: Int32Array, at: number): number {
    const known = this.#index.find(this.#words, words, at);
    if (known >= 0) return known;
    if ((this.#count + 1) * idWords > this.#words.length) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    for (let i = 0; i < idWords; i++) this.#words[this.#count * idWords + i] = words[at + i]!;
    this.#index.add(this.#words, this.#count);
    return this.#count++;
  }
}
