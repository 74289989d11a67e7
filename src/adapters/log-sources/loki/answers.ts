/** What Loki answers, in the shapes that are used, and its streams as lines. */
import { z } from 'zod';
import { emptyEntry } from '../../../domain/log-entry.ts';
import { fromNanoseconds } from '../../../domain/log-shape/instants.ts';
import type { ShippedLine } from '../../../domain/log-shape/lines.ts';
import { type Reading, readRecord } from '../../../domain/log-shape/record.ts';

const Labels = z.record(z.string(), z.string());
/** With `categorize-labels` the third part tells structured metadata and parsed fields apart from the stream's labels. */
const Value = z.tuple([z.string().regex(/^\d{1,19}$/), z.string()]).rest(z.unknown());
const Streams = z.array(z.object({ stream: Labels, values: z.array(Value) }));
const Third = z.object({ structuredMetadata: Labels.optional(), parsed: Labels.optional() });

export const QueryRange = z.object({
  warnings: z.array(z.unknown()).nullish(),
  data: z.object({ resultType: z.literal('streams'), result: Streams }),
});
export const TailFrame = z.object({
  streams: Streams.nullish(),
  dropped_entries: z.array(z.unknown()).nullish(),
});
/** Without any there is no `data`. */
export const Names = z.object({ status: z.literal('success'), data: z.array(z.string()).nullish() });
export const DetectedFields = z.object({
  fields: z.array(z.object({ label: z.string(), parsers: z.array(z.string()).nullish() })).nullish(),
});

export interface Found {
  /** Nanoseconds as Loki writes them: a double would make two of one moment. */
  readonly ns: bigint;
  /** Same time, labels and text: the same line. */
  readonly key: string;
  readonly line: ShippedLine;
}

/** Oldest first; lines of one moment in the order of their stream. */
export function linesIn(streams: z.infer<typeof Streams>, isBackward: boolean, receivedAt: number): Found[] {
  const all = streams.flatMap(({ stream, values }) => {
    const name = JSON.stringify(Object.entries(stream).sort(([a], [b]) => (a < b ? -1 : 1)));
    const told = toldBy(stream, receivedAt);
    const lines = values.map(([time, text, third]): Found => {
      const more = metadataIn(third);
      const { entry, guess } = more === null ? told : toldBy({ ...stream, ...more }, receivedAt);
      return {
        ns: BigInt(time),
        key: `${time} ${name} ${JSON.stringify(more)} ${text}`,
        line: { stream: name, reading: { entry: { ...entry, timeMs: fromNanoseconds(time), text }, guess } },
      };
    });
    return isBackward ? lines.reverse() : lines;
  });
  return all.sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));
}

/** What a parser found in the line is read from the line itself; null: nothing besides. */
function metadataIn(third: unknown): Readonly<Record<string, string>> | null {
  const { structuredMetadata = {} } = Third.safeParse(third).data ?? {};
  return Object.keys(structuredMetadata).length === 0 ? null : structuredMetadata;
}

/** Labels are a record without a message. The level Loki has guessed at is a guess here too. */
function toldBy(labels: Readonly<Record<string, string>>, receivedAt: number): Reading {
  const { detected_level: detected, ...said } = labels;
  const { entry, guess } = readRecord(said, receivedAt);
  const severity = guess.severity || (detected === undefined ? 0 : readRecord({ level: detected }, receivedAt).entry.severity);
  return { entry: { ...emptyEntry, ...entry, text: '' }, guess: { ...guess, severity } };
}
