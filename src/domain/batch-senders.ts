/**
 * What the spans of one batch say of their senders again and again, so that the map is told of it once: how early and late they
 * are, and which part of the sender made them.
 */

/** Told of a part, by its number among the batch's texts, and when it was last seen. */
type OnPart = (sender: number, part: number, at: number) => void;

export class BatchSenders {
  readonly #onPart: OnPart;
  /** By the number of the batch's resource. */
  readonly #firstAt: Float64Array;
  readonly #lastAt: Float64Array;
  readonly #part: Int32Array;
  readonly #partAt: Float64Array;

  constructor(count: number, onPart: OnPart) {
    this.#onPart = onPart;
    this.#firstAt = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.#lastAt = new Float64Array(count);
    this.#part = new Int32Array(count).fill(-1);
    this.#partAt = new Float64Array(count);
  }

  /** A span of a sender and its part; -1: it names none. */
  see(sender: number, at: number, part: number): void {
    if (at < this.#firstAt[sender]!) this.#firstAt[sender] = at;
    if (at > this.#lastAt[sender]!) this.#lastAt[sender] = at;
    if (part === this.#part[sender]) {
      if (at > this.#partAt[sender]!) this.#partAt[sender] = at;
      return;
    }
    this.#tell(sender);
    this.#part[sender] = part;
    this.#partAt[sender] = at;
  }

  /** Tells of the parts seen last, and calls `visit` for each sender that was seen. */
  end(visit: (sender: number, firstAt: number, lastAt: number) => void): void {
    for (let sender = 0; sender < this.#lastAt.length; sender++) {
      if (this.#lastAt[sender] === 0) continue;
      this.#tell(sender);
      visit(sender, this.#firstAt[sender]!, this.#lastAt[sender]!);
    }
  }

  #tell(sender: number): void {
    const part = this.#part[sender]!;
    if (part >= 0) this.#onPart(sender, part, this.#partAt[sender]!);
  }
}
