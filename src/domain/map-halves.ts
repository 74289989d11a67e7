/**
 * Halves of calls, for as long as the other half may come: spans by their ids, and children by the parent they wait for. Two
 * generations, a young one that fills and an old one that is dropped whole once the young is full or old enough: no entry is
 * ever taken out, time is bounded from below by one age and from above by two, and space by two fills.
 */
import { hashWords, RowIndex } from './row-index.ts';

/** A word that stands for the trace id, and the two of the span id: 96 bits tell the spans of minutes apart. */
export const keyWords = 3;
const leastRows = 512;
/** About 70 bytes a span with the child entry it may need: two generations of this stay below 20 MB. */
const maxHalves = 131_072;

const makeRows = (rows: number) => ({
  keys: new Int32Array(rows * keyWords),
  parents: new Int32Array(rows * keyWords),
  hasParent: new Uint8Array(rows),
  service: new Int32Array(rows),
  /** What it called by its own account, until a child shows who it was; -1: nothing. */
  peer: new Int32Array(rows),
  peerKind: new Uint8Array(rows),
  durationMs: new Float32Array(rows),
  atMs: new Float64Array(rows),
  isFailed: new Uint8Array(rows),
  /** It is the far side of a call, be it of the same service. */
  isEntry: new Uint8Array(rows),
  /** The far side of its call was seen. */
  isAnswered: new Uint8Array(rows),
});

/** Children of one parent are a chain. */
const makeWaits = (rows: number) => ({
  keys: new Int32Array(rows * keyWords),
  child: new Int32Array(rows),
  next: new Int32Array(rows),
  isLink: new Uint8Array(rows),
});

export const keyHash = (words: Int32Array, at: number): number => hashWords(words, at, keyWords);

type Growing = Record<string, Int32Array | Float32Array | Float64Array | Uint8Array>;

function doubled<T extends Growing>(columns: T, make: (rows: number) => T, rows: number): T {
  const grown = make(rows * 2);
  for (const [name, column] of Object.entries(columns)) grown[name]!.set(column);
  return grown;
}

/** `hash`: `keyHash` of the key, which several questions about one span share. */
export class Generation {
  rows = makeRows(leastRows);
  waits = makeWaits(leastRows);
  length = 0;
  #waiting = 0;
  readonly #spans = new RowIndex(keyWords);
  readonly #heads = new RowIndex(keyWords);

  get isFull(): boolean {
    return this.length >= maxHalves || this.#waiting >= maxHalves;
  }

  clear(): void {
    if (this.length > 0) this.#spans.clear();
    if (this.#waiting > 0) this.#heads.clear();
    this.length = 0;
    this.#waiting = 0;
  }

  /** `readAhead` of `RowIndex`, for spans and for those that wait. */
  readAhead(spans: Int32Array, waiting: Int32Array, length: number): number {
    const read = this.length === 0 ? 0 : this.#spans.readAhead(spans, length);
    return this.#waiting === 0 ? read : read ^ this.#heads.readAhead(waiting, length);
  }

  /** A new row with room for its cells. */
  add(key: Int32Array, hash: number): number {
    if (this.length * keyWords === this.rows.keys.length) this.rows = doubled(this.rows, makeRows, this.length);
    const row = this.length++;
    const { keys } = this.rows;
    for (let i = 0; i < keyWords; i++) keys[row * keyWords + i] = key[i]!;
    this.#spans.addBy(hash, keys, row);
    return row;
  }

  find(key: Int32Array, at: number): number {
    return this.findBy(keyHash(key, at), key, at);
  }

  findBy(hash: number, key: Int32Array, at: number): number {
    return this.length === 0 ? -1 : this.#spans.findBy(hash, this.rows.keys, key, at);
  }

  wait(key: Int32Array, hash: number, child: number, isLink: boolean): void {
    if (this.#waiting * keyWords === this.waits.keys.length) this.waits = doubled(this.waits, makeWaits, this.#waiting);
    const entry = this.#waiting++;
    const { waits } = this;
    const head = this.#heads.findBy(hash, waits.keys, key, 0);
    for (let i = 0; i < keyWords; i++) waits.keys[entry * keyWords + i] = key[i]!;
    waits.child[entry] = child;
    waits.isLink[entry] = isLink ? 1 : 0;
    waits.next[entry] = head;
    if (head < 0) this.#heads.addBy(hash, waits.keys, entry);
    else this.#heads.replace(waits.keys, head, entry);
  }

  /** First of the children that wait for this key, others by `waits.next`; -1: none. They stay: a key comes once. */
  firstWaiting(key: Int32Array, hash: number): number {
    return this.#waiting === 0 ? -1 : this.#heads.findBy(hash, this.waits.keys, key, 0);
  }
}
