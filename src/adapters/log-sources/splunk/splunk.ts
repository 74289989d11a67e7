/**
 * Splunk (PROTOCOLS C3): the export endpoint, one search and one stream of rows, newest first. Rows of a preview are no rows, and
 * a stream that ends without its last row was cut off on the way.
 */
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import { isObject } from '../../../domain/log-shape/fields.ts';
import { instantOf } from '../../../domain/log-shape/instants.ts';
import type { ShippedLine } from '../../../domain/log-shape/lines.ts';
import { readRecord } from '../../../domain/log-shape/record.ts';
import { logSource, type LogQuery } from '../../../ports/sources.ts';
import { answerOf, inShape } from '../../http-json.ts';
import { found } from '../found.ts';
import { searchFor } from './spl.ts';

const Row = z.object({
  preview: z.boolean().optional(),
  lastrow: z.boolean().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  messages: z.array(z.object({ type: z.string() })).optional(),
});
type Row = z.infer<typeof Row>;

const attempt = 'search logs';
/** What Splunk says of a row and not of the line. */
const aboutRows = /^(?:_|date_|linecount$|punct$|splunk_server|timestartpos$|timeendpos$|eventtype$|tag)/;

export const splunk = logSource({
  id: 'splunk',
  settings: z.object({
    SPLUNK_URL: z
      .url({ protocol: /^https?$/ })
      .describe("Address of Splunk's REST interface (port 8089), whose lines are read for an incident"),
    SPLUNK_TOKEN: z.string().min(1).describe('Its token'),
    SPLUNK_INDEX: z
      .string()
      .regex(/^[\w*-]+(?:,[\w*-]+)*$/, 'is no list of indexes')
      .default('*')
      .describe('Indexes with log lines, comma-separated'),
  }),
  create({ SPLUNK_URL, SPLUNK_TOKEN, SPLUNK_INDEX }, { fetch, now }) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${SPLUNK_TOKEN}` };
    const url = `${SPLUNK_URL.replace(/\/$/, '')}/services/search/v2/jobs/export`;
    const rowsOf = async (search: string, { fromMs, toMs }: LogQuery['window'], signal: AbortSignal) => {
      const form = { search, earliest_time: seconds(fromMs), latest_time: seconds(toMs), output_mode: 'json', preview: '0' };
      const body = new URLSearchParams({ ...form, adhoc_search_level: 'smart' }).toString();
      const { text } = await answerOf(fetch, { system: 'splunk', attempt, url, method: 'POST', headers, body, signal, now });
      return rowsIn(text);
    };
    return {
      async search(query, signal) {
        const { rows, isCut } = await rowsOf(searchFor(query, SPLUNK_INDEX.split(',')), query.window, signal);
        const lines = rows.reverse().filter((row) => isMeant(row, query));
        return found(
          lines.map((row) => lineOf(row, now())),
          query,
          now(),
          isCut || rows.length > query.limit,
        );
      },
      async probe(signal) {
        const window = { fromMs: now() - 3_600_000, toMs: now() };
        const query = { window, limit: 0 };
        const { rows } = await rowsOf(searchFor(query, SPLUNK_INDEX.split(',')), window, signal);
        return rows.length > 0 ? 'it answers, with lines of the last hour' : 'it answers, and has no lines of the last hour';
      },
    };
  },
});

const seconds = (ms: number) => (ms / 1_000).toFixed(3);

function rowsIn(text: string): { rows: Readonly<Record<string, unknown>>[]; isCut: boolean } {
  const rows: Readonly<Record<string, unknown>>[] = [];
  let hasEnded = false;
  let isCut = false;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const row = rowIn(line);
    // The connection has gone in the middle of a row: those before are whole.
    if (row === null) {
      if (rows.length === 0) throw new Failure('bad_response', 'splunk', attempt, { hint: 'the answer is not JSON' });
      isCut = true;
      break;
    }
    for (const { type } of row.messages ?? []) {
      if (/^(?:FATAL|ERROR)$/i.test(type)) throw new Failure('rejected', 'splunk', attempt, { hint: `it says ${type.toUpperCase()}` });
      if (/^WARN/i.test(type)) isCut = true;
    }
    if (row.preview === true) continue;
    if (row.lastrow === true) hasEnded = true;
    if (row.result !== undefined) rows.push(row.result);
  }
  return { rows, isCut: isCut || (rows.length > 0 && !hasEnded) };
}

function rowIn(line: string): Row | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isObject(value) || !['preview', 'result', 'messages', 'lastrow'].some((key) => key in value))
    throw new Failure('bad_response', 'splunk', attempt, { hint: 'the answer has another shape' });
  return inShape(value, { system: 'splunk', attempt }, Row);
}

/** An asterisk in the question may have found more than was asked for. */
function isMeant(row: Readonly<Record<string, unknown>>, { traceId, correlationId }: LogQuery): boolean {
  const all = JSON.stringify(row);
  return [traceId, correlationId].every((id) => id === undefined || all.includes(JSON.stringify(id).slice(1, -1)));
}

/** Fields with several values are arrays; the first is the one the line begins with. */
function lineOf(row: Readonly<Record<string, unknown>>, receivedAt: number): ShippedLine {
  const told = Object.entries(row)
    .filter(([key]) => !aboutRows.test(key))
    .map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]);
  const { entry, guess } = readRecord(Object.fromEntries(told), receivedAt);
  const { _raw: raw, _time: time, host, source } = row;
  return {
    stream: JSON.stringify([host, source]),
    reading: { entry: { ...entry, text: typeof raw === 'string' ? raw : entry.text, timeMs: instantOf(time)?.ms ?? null }, guess },
  };
}
