/**
 * Bodies that were taken, by their hash: a sender that got no answer sends the same bytes again. Spans and points say
 * themselves which they are; log records have no id, and two equal lines of one instant may both be true. So it is the
 * delivery that is known again, not the line.
 */
import { createHash } from 'node:crypto';

/** An hour of bodies of forty senders that export every 20 s; about 2 MB. */
const maxDeliveries = 8_192;

export class Deliveries<Answer> {
  readonly #taken = new Map<string, { readonly answer: Answer; readonly at: number }>();
  readonly #max: number;

  constructor(max = maxDeliveries) {
    this.#max = max;
  }

  key(body: Uint8Array): string {
    return createHash('sha256').update(body).digest('base64');
  }

  /** The answer that the same bytes were given; null: they are new. */
  answerTo(key: string): Answer | null {
    return this.#taken.get(key)?.answer ?? null;
  }

  remember(key: string, answer: Answer, at: number): void {
    this.#taken.set(key, { answer, at });
    for (const oldest of this.#taken.keys()) {
      if (this.#taken.size <= this.#max) break;
      this.#taken.delete(oldest);
    }
  }

  dropBefore(at: number): void {
    for (const [key, taken] of this.#taken) {
      if (taken.at >= at) break;
      this.#taken.delete(key);
    }
  }
}
