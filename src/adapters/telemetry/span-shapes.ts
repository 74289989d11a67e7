/**
 * What spans have in common: operation, kind, outcome and far side come in the same few combinations again and again, so that a
 * row says all of it with one number.
 */
import { RowIndex } from '../../domain/row-index.ts';
import type { SpanBatch } from '../../domain/span-batch.ts';
import type { Intern } from './resources.ts';

/** Texts by number, -1 for none; the rest as in `SpanView`. */
export interface SpanShape {
  readonly operation: number;
  readonly peer: number;
  readonly component: number;
  readonly problem: number;
  readonly kind: number;
  readonly peerKind: number;
  readonly status: number;
  readonly statusCode: number;
}

const width = 5;
const leastShapes = 1_024;
/** Beyond it something in them is unbounded; what is new then keeps its outcome and loses its names. About 30 MB. */
const maxShapes = 1_000_000;

export class SpanShapes {
  readonly #index = new RowIndex(width);
  readonly #max: number;
  #words = new Int32Array(leastShapes * width);
  readonly #asked = new Int32Array(width);
  #count = 0;

  constructor(max = maxShapes) {
    this.#max = max;
  }

  get bytes(): number {
    return this.#words.byteLength + this.#index.bytes;
  }

  number(operation: number, peer: number, component: number, problem: number, outcome: number): number {
    const asked = this.#asked;
    asked[0] = operation;
    asked[1] = peer;
    asked[2] = component;
    asked[3] = problem;
    asked[4] = outcome;
    const known = this.#index.find(this.#words, asked, 0);
    if (known >= 0) return known;
    if (this.#count >= this.#max && (operation & peer & component & problem) !== -1) return this.number(-1, -1, -1, -1, outcome);
    return this.#add();
  }

  at(number: number): SpanShape {
    const words = this.#words;
    const at = number * width;
    const outcome = words[at + 4]!;
    return {
      operation: words[at]!,
      peer: words[at + 1]!,
      component: words[at + 2]!,
      problem: words[at + 3]!,
      kind: outcome & 7,
      peerKind: (outcome >> 3) & 7,
      status: (outcome >> 6) & 7,
      statusCode: outcome >>> 9,
    };
  }

  /** A column of numbers as the columns they stand for. */
  spread(numbers: Int32Array) {
    const { length } = numbers;
    const words = this.#words;
    const [operation, peer, component, problem] = [0, 1, 2, 3].map(() => new Int32Array(length)) as [
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    const [kind, peerKind, status] = [0, 1, 2].map(() => new Uint8Array(length)) as [Uint8Array, Uint8Array, Uint8Array];
    const statusCode = new Uint16Array(length);
    for (let i = 0; i < length; i++) {
      const at = numbers[i]! * width;
      operation[i] = words[at]!;
      peer[i] = words[at + 1]!;
      component[i] = words[at + 2]!;
      problem[i] = words[at + 3]!;
      const outcome = words[at + 4]!;
      kind[i] = outcome & 7;
      peerKind[i] = (outcome >> 3) & 7;
      status[i] = (outcome >> 6) & 7;
      statusCode[i] = outcome >>> 9;
    }
    return { operation, peer, component, problem, kind, peerKind, status, statusCode };
  }

  #add(): number {
    if ((this.#count + 1) * width > this.#words.length) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words.set(this.#asked, this.#count * width);
    this.#index.add(this.#words, this.#count);
    return this.#count++;
  }
}

/** More than most senders have operations. */
const batchPlaces = 64;

/**
 * Shapes of the spans of one batch. The last of each operation is tried first, by the batch's own numbers, so that texts are
 * looked up and words hashed where something is new.
 */
export class BatchShapes {
  readonly #shapes: SpanShapes;
  readonly #batch: SpanBatch;
  readonly #intern: Intern;
  /** Numbers of the batch's texts in the store; -1: not asked for yet. */
  readonly #numbers: Int32Array;
  /** Operation, peer, component, problem and outcome; an outcome of -1 is none. */
  readonly #words = new Int32Array(batchPlaces * width).fill(-1);
  readonly #known = new Int32Array(batchPlaces);

  constructor(shapes: SpanShapes, batch: SpanBatch, intern: Intern) {
    this.#shapes = shapes;
    this.#batch = batch;
    this.#intern = intern;
    this.#numbers = new Int32Array(batch.texts.size).fill(-1);
  }

  /** Of a row of the batch. */
  number(row: number): number {
    const { operation, peer, component, problem, kind, peerKind, status, statusCode } = this.#batch.columns;
    const outcome = outcomeOf(kind[row]!, peerKind[row]!, status[row]!, statusCode[row]!);
    const words = this.#words;
    const place = operation[row]! & (batchPlaces - 1);
    const at = place * width;
    if (
      words[at] === operation[row] &&
      words[at + 4] === outcome &&
      words[at + 1] === peer[row] &&
      words[at + 2] === component[row] &&
      words[at + 3] === problem[row]
    )
      return this.#known[place]!;
    words[at] = operation[row]!;
    words[at + 1] = peer[row]!;
    words[at + 2] = component[row]!;
    words[at + 3] = problem[row]!;
    words[at + 4] = outcome;
    this.#known[place] = this.#shapes.number(
      this.#text(operation[row]!),
      this.#text(peer[row]!),
      this.#text(component[row]!),
      this.#text(problem[row]!),
      outcome,
    );
    return this.#known[place]!;
  }

  #text(number: number): number {
    if (number < 0) return -1;
    const numbers = this.#numbers;
    if (numbers[number] === -1) numbers[number] = this.#intern(this.#batch.texts.text(number));
    return numbers[number]!;
  }
}

/** Kind, kind of peer and status take three bits each, and the code the rest. */
export function outcomeOf(kind: number, peerKind: number, status: number, statusCode: number): number {
  return kind | (peerKind << 3) | (status << 6) | (statusCode << 9);
}
