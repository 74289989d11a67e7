/** Questions as Elasticsearch and OpenSearch read them: built as values, never as text, so nothing in them can be syntax. */
import type { LogQuery } from '../../../ports/sources.ts';
import { correlationFields, namesOf, serviceFields, traceFields } from '../found.ts';

type Clause = Readonly<Record<string, unknown>>;

/** The message under the names of ECS, OpenTelemetry's indices and plain loggers. */
const textFields = ['message', 'body.text', 'body', 'msg', 'log', 'event.original', 'error.message'];

export function clausesOf({ service, traceId, correlationId, contains }: LogQuery): Clause[] {
  return [
    ...(service === undefined ? [] : [anyOf(exactly(serviceFields, namesOf(service)))]),
    ...(traceId === undefined ? [] : [anyOf([...exactly(traceFields, [traceId]), phrase(traceId)])]),
    ...(correlationId === undefined ? [] : [anyOf([...exactly(correlationFields, [correlationId]), phrase(correlationId)])]),
    ...(contains === undefined ? [] : [phrase(contains)]),
  ];
}

/** A text field's own words are lower-case and cut apart; beside it there usually is one that is not. Fields that are not mapped match nothing. */
function exactly(fields: readonly string[], values: readonly string[]): Clause[] {
  return fields.flatMap((field) => [field, `${field}.keyword`]).map((field) => ({ terms: { [field]: values } }));
}

function phrase(text: string): Clause {
  return { multi_match: { query: text, type: 'phrase', fields: textFields, lenient: true } };
}

function anyOf(should: readonly Clause[]): Clause {
  return { bool: { should, minimum_should_match: 1 } };
}

const timeFormat = 'strict_date_optional_time_nanos';

export interface Page {
  readonly size: number;
  readonly time: string;
  readonly fromMs: number;
  /** Exclusive end in ms, or an inclusive one as the last hit's own sort value. */
  readonly end: number | { readonly from: string };
  readonly clauses: readonly Clause[];
  readonly pit?: { readonly id: string; readonly after: readonly unknown[] | null };
}

export function searchBody({ size, time, fromMs, end, clauses, pit }: Page): Clause {
  const iso = (ms: number) => new Date(ms).toISOString();
  const range = { gte: iso(fromMs), ...(typeof end === 'number' ? { lt: iso(end) } : { lte: end.from }), format: timeFormat };
  return {
    size,
    query: { bool: { filter: [{ range: { [time]: range } }, ...clauses] } },
    sort: [
      { [time]: { order: 'desc', format: timeFormat, unmapped_type: 'date' } },
      ...(pit === undefined ? [] : [{ _shard_doc: 'desc' }]),
    ],
    ...(pit === undefined ? {} : { pit: { id: pit.id, keep_alive: '1m' }, ...(pit.after === null ? {} : { search_after: pit.after }) }),
    track_total_hits: false,
    // Partial results in time are better than none: they come with `timed_out`.
    timeout: '1500ms',
  };
}
