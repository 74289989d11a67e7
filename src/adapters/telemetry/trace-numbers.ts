/** Dense numbers for the trace ids of one window, shared by its spans and log lines. */
import { mix, readHex, RowIndex } from './identifiers.ts';

export class TraceNumbers {
  readonly #index = new RowIndex();
  #words = new Int32Array(4 * 1_024);
  #count = 0;
  readonly #asked = new Int32Array(4);

  get count(): number {
    return this.#count;
  }

  /** The number of the trace whose id stands at `words[at..at+4]`. */
  number(words: Int32Array, at: number): number {
    for (let i = 0; i < 4; i++) this.#asked[i] = words[at + i]!;
    const hash = mix(this.#asked[0]! ^ this.#asked[2]!, this.#asked[1]! ^ this.#asked[3]!);
    const known = this.#index.find(hash, this.#isAsked);
    if (known >= 0) return known;
    if ((this.#count + 1) * 4 > this.#words.length) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words.set(this.#asked, this.#count * 4);
    this.#index.add(hash, this.#count, this.#hashOf);
    return this.#count++;
  }

  text(number: number): string {
    return readHex(this.#words, number * 4, 4);
  }

  readonly #isAsked = (row: number): boolean => {
    for (let i = 0; i < 4; i++) if (this.#words[row * 4 + i] !== this.#asked[i]) return false;
    return true;
  };

  readonly #hashOf = (row: number): number =>
    mix(this.#words[row * 4]! ^ this.#words[row * 4 + 2]!, this.#words[row * 4 + 1]! ^ this.#words[row * 4 + 3]!);
}
