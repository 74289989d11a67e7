/**
 * What the store knows of its senders' clocks. Stamps are kept as they came; windows are cut and drawn with clocks set
 * straight, for learning as for investigating, so that a service whose clock is minutes off is neither silent nor early.
 */
import { Clocks, Extents } from '../../domain/baseline/clock.ts';
import type { Decoded } from '../../domain/records.ts';
import type { Steps } from '../../domain/steps.ts';
import { StringTable } from '../../domain/telemetry.ts';
import type { Shifts } from './chunks.ts';
import type { Resources } from './resources.ts';
import type { SpanTable } from './span-table.ts';

export class SenderClocks {
  readonly #strings: StringTable;
  readonly #measured = new StringTable();
  readonly #resources: Resources;
  readonly #spans: SpanTable;
  readonly #own = new Clocks();
  /** Points are often stamped by who measures and not by who is measured: a clock of their own. */
  readonly #measuring = new Clocks();

  constructor(strings: StringTable, resources: Resources, spans: SpanTable) {
    this.#strings = strings;
    this.#resources = resources;
    this.#spans = spans;
  }

  /** Notes what one request says of clocks. */
  request({ spans, logs, points }: Decoded): void {
    const own = new Extents<string>();
    const { columns, resources } = spans;
    // By resource first: a batch has hundreds of spans of each.
    const ends = new Float64Array(resources.length).fill(Number.NEGATIVE_INFINITY);
    const firstEnds = new Float64Array(resources.length).fill(Number.POSITIVE_INFINITY);
    for (let row = 0; row < spans.length; row++) {
      const by = columns.resource[row]!;
      const endMs = columns.startMs[row]! + columns.durationMs[row]!;
      if (endMs > ends[by]!) ends[by] = endMs;
      if (endMs < firstEnds[by]!) firstEnds[by] = endMs;
    }
    for (let by = 0; by < ends.length; by++) {
      if (ends[by] === Number.NEGATIVE_INFINITY) continue;
      own.see(resources[by]!.service, firstEnds[by]!);
      own.see(resources[by]!.service, ends[by]!);
    }
    for (const { resource, timeMs } of logs) own.see(resource.service, timeMs);
    const find = (service: string): number => this.#strings.find(service);
    this.#own.request(numbered(own.newest, find), numbered(own.oldest, find));
    const measured = new Extents<string>();
    for (const { resource, timeMs } of points) measured.see(resource.service, timeMs);
    const id = (service: string): number => this.#measured.id(service);
    this.#measuring.request(numbered(measured.newest, id), numbered(measured.oldest, id));
  }

  /** What to add to the times of spans and lines; null: nothing. */
  *shifts(now: number): Steps<Shifts | null> {
    yield* this.#spans.newCalls((caller, callee, distanceMs) => this.#own.call(caller, callee, distanceMs));
    const offsets = this.#own.offsets(now);
    if (offsets.size === 0) return null;
    const byResource = this.#resources.perResource((service) => offsets.get(service) ?? 0);
    return { byResource, least: Math.min(0, ...offsets.values()), most: Math.max(0, ...offsets.values()) };
  }

  /** What to add to the times of a service's points. */
  readonly measuringShift = (service: string): number =>
    this.#measuring.offsets(Number.POSITIVE_INFINITY).get(this.#measured.find(service)) ?? 0;
}

function numbered(stamps: ReadonlyMap<string, number>, numberOf: (service: string) => number): Map<number, number> {
  return new Map([...stamps].map(([service, at]) => [numberOf(service), at] as const).filter(([service]) => service >= 0));
}
