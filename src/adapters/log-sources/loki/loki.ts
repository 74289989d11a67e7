/**
 * Loki (PROTOCOLS C1): `query_range`, newest first. Pages are cut by time. Lines of one moment may lie on both sides of a cut, so
 * the next page begins with that moment again and what was seen is left out; a moment with more lines than a page is asked
 * for with larger pages, and where even that does not reach, the answer says that it was cut.
 */
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import { type LogQuery, type LogSource, logSource } from '../../../ports/sources.ts';
import { correlationFields, found, traceFields } from '../found.ts';
import { type Found, linesIn, QueryRange } from './answers.ts';
import type { JsonApi } from '../../json-api.ts';
import { createLoki, identityOf, urlOf } from './asking.ts';
import { having, holding, holdingAnyCase } from './logql.ts';
import { createStreams, nanoseconds, type Streams } from './streams.ts';
import { tailLoki } from './tail.ts';

const LokiSettings = z.object({
  LOKI_URL: z.url({ protocol: /^https?$/ }).describe('Address of Loki, whose lines are read for an incident'),
  LOKI_TOKEN: z.string().optional().describe('Its token; with LOKI_USER a password'),
  LOKI_USER: z.string().optional().describe("User of Loki's basic authentication, in Grafana Cloud a number"),
  LOKI_TENANT: z
    .string()
    .regex(/^[\w!.*'()|-]+$/, 'is no tenant id')
    .optional()
    .describe('Tenant (X-Scope-OrgID); several are separated by |'),
  LOKI_SERVICE_LABEL: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'is no label')
    .optional()
    .describe('Label that names the service, where TracePulse does not find it by itself'),
  LOKI_FOLLOW: z
    .enum(['on', 'off'])
    .default('off')
    .describe('`on`: all lines are followed as they are written, not read with an incident only'),
});

/** Loki's default is to give at most 5,000 lines an answer. */
const maxPage = 5_000;
const usualPage = 1_000;
const maxPages = 12;
const dayMs = 86_400_000;
/** Lines caught up with at once when following. */
const maxCaughtUp = 10_000;
const firstQuestionMs = 10_000;

export const loki = logSource({
  id: 'loki',
  settings: LokiSettings,
  create(settings, { fetch, now, log }) {
    const loki = createLoki(settings, { fetch, now });
    const streams = createStreams(loki, now, settings.LOKI_SERVICE_LABEL);
    const follow: LogSource['follow'] = async (fromMs, take, signal) => {
      const window = { fromMs: now() - dayMs, toMs: now() };
      const selector = await streams.all(window, AbortSignal.any([signal, AbortSignal.timeout(firstQuestionMs)]));
      if (selector === null) throw new Failure('unavailable', 'loki', 'follow logs', { hint: 'it has no streams yet' });
      const url = urlOf(settings.LOKI_URL, 'tail', { query: selector, start: nanoseconds(now()), limit: '100' });
      url.protocol = url.protocol.replace('http', 'ws');
      const since = async (from: number, until: AbortSignal) => {
        const query = { window: { fromMs: from, toMs: now() + 1 }, limit: maxCaughtUp };
        const { lines, isCut } = await pagesOf(selector, query, { loki, now, signal: until });
        if (isCut) log.warn('more lines were written than could be caught up with', { source: 'loki' });
        return inOrder(lines);
      };
      await tailLoki({ url, headers: identityOf(settings), fromMs, now, since, take, signal });
    };
    return {
      ...(settings.LOKI_FOLLOW === 'on' ? { follow } : {}),
      async search(query, signal) {
        const questions = await questionsOf(query, streams, signal);
        const pages = await Promise.all(questions.map((question) => pagesOf(question, query, { loki, now, signal })));
        const lines = new Map(pages.flatMap((each) => each.lines).map((line) => [line.key, line]));
        const isCut = pages.some((each) => each.isCut);
        return found(
          inOrder([...lines.values()]).map(({ line }) => line),
          query,
          now(),
          isCut,
        );
      },
      async probe(signal) {
        const window = { fromMs: now() - dayMs, toMs: now() };
        const { all, ofServices } = await createStreams(loki, now, settings.LOKI_SERVICE_LABEL).labels(window, signal);
        if (all.length === 0) return 'it answers, and has no streams of the last day';
        return `${all.length} labels; services are named by ${ofServices.join(', ') || 'none of them'}`;
      },
    };
  },
});

function inOrder(lines: Found[]): Found[] {
  return lines.sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));
}

/** An id stands in the line, or beside it in structured metadata: LogQL has no "or" between the two. */
async function questionsOf(query: LogQuery, streams: Streams, signal: AbortSignal): Promise<string[]> {
  const { service, correlationId, traceId, contains, window } = query;
  const selector = service === undefined ? await streams.all(window, signal) : await streams.of(service, window, signal);
  if (selector === null) return [];
  const labels = (fields: readonly string[]) => [...new Set(fields.map((field) => field.replace(/\W/g, '_')))];
  const ids = [
    ...(traceId === undefined ? [] : [{ id: traceId, labels: labels(traceFields) }]),
    ...(correlationId === undefined ? [] : [{ id: correlationId, labels: labels(correlationFields) }]),
  ];
  const text = contains === undefined ? '' : ` ${holdingAnyCase(contains)}`;
  const inLine = `${selector}${ids.map(({ id }) => ` ${holding(id)}`).join('')}${text}`;
  if (ids.length === 0) return [inLine];
  return [inLine, `${selector}${text}${ids.map(({ id, labels: of }) => ` ${having(of, [id])}`).join('')}`];
}

interface Reading {
  readonly loki: JsonApi;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

async function pagesOf(question: string, query: LogQuery, reading: Reading): Promise<{ lines: Found[]; isCut: boolean }> {
  const seen = new Map<string, Found>();
  const fromNs = BigInt(nanoseconds(query.window.fromMs));
  let end = BigInt(nanoseconds(query.window.toMs));
  // One more than wanted shows that there are more.
  const wanted = query.limit + 1;
  let page = Math.min(wanted, usualPage);
  let hasWarnings = false;
  for (let asked = 0; asked < maxPages && end > fromNs; asked++) {
    const { lines, warned } = await onePage(question, { fromNs, end, page }, reading);
    hasWarnings ||= warned;
    const before = seen.size;
    for (const line of lines) seen.set(line.key, line);
    if (lines.length < page) return { lines: [...seen.values()], isCut: hasWarnings };
    if (seen.size >= wanted) break;
    const oldest = lines[0]!.ns;
    if (seen.size > before || oldest + 1n < end) end = oldest + 1n;
    else if (page < maxPage) page = maxPage;
    else break;
    // A page of nothing but one moment cannot move on by time.
    if (lines.at(-1)!.ns === oldest) page = maxPage;
  }
  return { lines: [...seen.values()], isCut: true };
}

async function onePage(question: string, { fromNs, end, page }: { fromNs: bigint; end: bigint; page: number }, reading: Reading) {
  const { loki, now, signal } = reading;
  const parameters = { query: question, start: String(fromNs), end: String(end), limit: String(page), direction: 'backward' };
  const { data, warnings } = await loki.ask({ attempt: 'search logs', path: 'query_range', parameters, shape: QueryRange, signal });
  return { lines: linesIn(data.result, true, now()), warned: (warnings?.length ?? 0) > 0 };
}
