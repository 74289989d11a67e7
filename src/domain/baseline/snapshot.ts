/** The baseline as JSON and back: names in use, counters by number, sketches as sparse lists. */
import { z } from 'zod';
import { StringTable } from '../telemetry.ts';
import { Counts, leftOf, pairKey, rightOf } from './counts.ts';
import { Histogram } from './histogram.ts';
import { Lexicon } from './lexicon.ts';
import { emptyNormal, type Normal, totals } from './normal.ts';

export interface State {
  lexicon: Lexicon;
  normal: Normal;
  minutes: number;
  learnedUntil: number | null;
}

const Numbers = z.array(z.number());
const Sketches = z.array(z.tuple([z.number(), Numbers]));
const Snapshot = z.object({
  format: z.literal(1),
  minutes: z.number(),
  learnedUntil: z.number().nullable(),
  names: z.array(z.string()),
  /** Latest text of a template → the name it was first counted by; its number where the miner is kept as well. */
  templates: z.array(z.tuple([z.string(), z.number()]).or(z.tuple([z.string(), z.number(), z.number()]))),
  counts: z.record(z.string(), Numbers),
  delays: Sketches,
  metrics: Sketches,
});

/** Counters whose keys are pairs of names; the others' keys are names, `traces` has plain numbers. */
const pairs: ReadonlySet<string> = new Set(['items', 'failing', 'spoken', 'places', 'seen', 'within']);

export function stateOf({ lexicon, normal, minutes, learnedUntil }: State): unknown {
  const names = new StringTable();
  const renamed = (id: number): number => names.id(lexicon.names.text(id));
  const key = (table: string, id: number): number =>
    table === 'traces' ? id : pairs.has(table) ? pairKey(renamed(leftOf(id)), renamed(rightOf(id))) : renamed(id);
  const counts = Object.fromEntries(
    totals.map((table) => [table, normal[table].toList().map((value, i) => (i % 2 === 0 ? key(table, value) : value))]),
  );
  const sketches = (map: ReadonlyMap<number, Histogram>): [number, number[]][] =>
    [...map].map(([series, histogram]) => [renamed(series), histogram.toList()]);
  const delays = sketches(normal.delays);
  const metrics = sketches(normal.metrics);
  // A template's name goes on only where something is still counted under it.
  const spoken = new Set([...normal.spoken.keys()].map(rightOf));
  const inItems = (id: number): boolean => ['E', 'W', 'I'].some((grade) => names.find(`${grade}\n${lexicon.templateText(id)}`) >= 0);
  const templates = lexicon
    .templates()
    .filter(([, id]) => spoken.has(id) || inItems(id))
    .map(([text, id, template]): [string, number, number] => [text, renamed(id), template]);
  return {
    format: 1,
    minutes,
    learnedUntil,
    names: Array.from({ length: names.size }, (_, id) => names.text(id)),
    templates,
    counts,
    delays,
    metrics,
  } satisfies z.infer<typeof Snapshot>;
}

export function restoreState(snapshot: unknown): State | null {
  const read = Snapshot.safeParse(snapshot);
  if (!read.success) return null;
  const { minutes, learnedUntil, names, counts, delays, metrics, templates } = read.data;
  const table = new StringTable();
  for (const text of names) table.id(text);
  const lexicon = new Lexicon(table);
  for (const [text, id, template] of templates) lexicon.alias(text, id, template);
  const normal = emptyNormal();
  for (const name of totals) normal[name] = Counts.fromList(counts[name] ?? []);
  normal.delays = new Map(delays.map(([series, list]) => [series, Histogram.fromList(list)]));
  normal.metrics = new Map(metrics.map(([series, list]) => [series, Histogram.fromList(list)]));
  return { lexicon, normal, minutes, learnedUntil };
}
