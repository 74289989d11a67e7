/** Log lines that somebody reads for longer than a moment: what is dropped from the table meanwhile is still here. */
import { chunkOf, type Pieces, placeOf } from './chunks.ts';
import { isZero, readHex } from './identifiers.ts';
import type { LogColumns, Texts } from './log-columns.ts';

/** Of one instant, lines are compared one by one up to so many. */
const fewLines = 16;

export class HeldLines {
  /** By a chunk's number. */
  readonly #chunks: { readonly columns: LogColumns; readonly texts: Texts }[] = [];

  constructor(picked: Pieces<LogColumns>, texts: (chunk: number) => Texts) {
    for (const { chunk } of picked.pieces) this.#chunks[chunk.number] = { columns: picked.hold(chunk), texts: texts(chunk.number) };
  }

  columns(row: number): LogColumns {
    return this.#chunks[chunkOf(row)]!.columns;
  }

  text(row: number): string {
    return this.#chunks[chunkOf(row)]?.texts.lines[placeOf(row)] ?? '';
  }

  correlation(row: number): string | null {
    return this.#chunks[chunkOf(row)]!.texts.correlations[placeOf(row)] ?? null;
  }

  /**
   * The order without lines that say the same of the same instant again: two agents on one file, or a sender that was not
   * sure that its first attempt had come.
   */
  once(rows: Int32Array, order: Int32Array): Int32Array {
    const kept = new Int32Array(order.length);
    let length = 0;
    for (let i = 0, next = 0; i < order.length; i = next) {
      const at = this.#timeMs(rows[order[i]!]!);
      for (next = i + 1; next < order.length && this.#timeMs(rows[order[next]!]!) === at; ) next++;
      const first = length;
      kept[length++] = order[i]!;
      if (next === i + 1) continue;
      const said = next - i > fewLines ? new Set([this.#line(rows[order[i]!]!)]) : null;
      for (let of = i + 1; of < next; of++) {
        const row = rows[order[of]!]!;
        const isNew = said === null ? !this.#isAmong(rows, kept, first, length, row) : said.size < said.add(this.#line(row)).size;
        if (isNew) kept[length++] = order[of]!;
      }
    }
    return kept.subarray(0, length);
  }

  #timeMs(row: number): number {
    return this.columns(row).timeMs[placeOf(row)]!;
  }

  #isAmong(rows: Int32Array, kept: Int32Array, from: number, to: number, row: number): boolean {
    for (let i = from; i < to; i++) if (this.#isSame(rows[kept[i]!]!, row)) return true;
    return false;
  }

  #isSame(one: number, other: number): boolean {
    const [a, b] = [this.columns(one), this.columns(other)];
    const [at, of] = [placeOf(one), placeOf(other)];
    if (a.resource[at] !== b.resource[of]) return false;
    for (let word = 0; word < 4; word++) if (a.traceId[at * 4 + word] !== b.traceId[of * 4 + word]) return false;
    return this.text(one) === this.text(other);
  }

  #line(row: number): string {
    const { resource, traceId } = this.columns(row);
    const at = placeOf(row);
    const trace = isZero(traceId, at * 4, 4) ? null : readHex(traceId, at * 4, 4);
    return `${resource[at]} ${trace} ${this.text(row)}`;
  }
}
