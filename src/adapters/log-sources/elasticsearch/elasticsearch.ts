/**
 * Elasticsearch and OpenSearch (PROTOCOLS C2). What fits one page is one search. For more, a point in time is opened, so that
 * pages are of one moment: on Elasticsearch `search_after` with the shard's own order goes on where a page ended. OpenSearch
 * and older ones lack that order; there the next page begins with the last moment again and what was seen is left out.
 */
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import type { ShippedLine } from '../../../domain/log-shape/lines.ts';
import { instantOf } from '../../../domain/log-shape/instants.ts';
import { readRecord } from '../../../domain/log-shape/record.ts';
import { type LogQuery, type LogSource, logSource } from '../../../ports/sources.ts';
import { found } from '../found.ts';
import { createElastic, type Elastic, ElasticsearchSettings, type Hit, isPartial, Search } from './asking.ts';
import { followByLooking } from './following.ts';
import { clausesOf, searchBody } from './query.ts';

/** Well below `index.max_result_window` (10,000), and a few MB of documents. */
const maxPage = 2_000;
const maxPages = 10;
/** A point in time that is no longer needed holds disk space over there. */
const closingMs = 1_000;
const Opened = z.object({ id: z.string().min(1) });
const Cluster = z.object({ version: z.object({ number: z.string(), distribution: z.string().optional() }) });
const Count = z.object({ count: z.number() });

export const elasticsearch = logSource({
  id: 'elasticsearch',
  settings: ElasticsearchSettings,
  create(settings, { fetch, now, log }) {
    const elastic = createElastic(settings, { fetch, now });
    const index = encodeURI(settings.ELASTICSEARCH_INDEX);
    const reading = (query: LogQuery, signal: AbortSignal): Reading => ({
      elastic,
      index,
      time: settings.ELASTICSEARCH_TIME_FIELD,
      query,
      signal,
    });
    const everyMs = settings.ELASTICSEARCH_FOLLOW_SECONDS * 1_000;
    const follow: LogSource['follow'] = (fromMs, take, signal) => {
      const look = async (query: LogQuery, until: AbortSignal) => {
        const { hits, isCut } = await hitsOf(reading(query, until));
        return {
          hits: hits.map((hit) => ({ key: `${hit._index} ${hit._id}`, line: lineOf(hit, now()) })).reverse(),
          isCut: isCut || hits.length > query.limit,
        };
      };
      return followByLooking({ look, fromMs, take, signal, everyMs, now, log });
    };
    return {
      ...(everyMs > 0 ? { follow } : {}),
      async search(query, signal) {
        const { hits, isCut } = await hitsOf(reading(query, signal));
        return found(
          hits.reverse().map((hit) => lineOf(hit, now())),
          query,
          now(),
          isCut,
        );
      },
      async probe(signal) {
        const { version } = await elastic.ask({ attempt: 'ask who it is', path: '/', method: 'GET', shape: Cluster, signal });
        const path = `/${index}/_count?ignore_unavailable=true`;
        const { count } = await elastic.ask({ attempt: 'count lines', path, method: 'GET', shape: Count, signal });
        const name = version.distribution ?? 'elasticsearch';
        return `${name} ${version.number} with ${count} documents in ${settings.ELASTICSEARCH_INDEX}`;
      },
    };
  },
});

interface Reading {
  readonly elastic: Elastic;
  readonly index: string;
  readonly time: string;
  readonly query: LogQuery;
  readonly signal: AbortSignal;
}

interface Hits {
  readonly hits: Hit[];
  readonly isCut: boolean;
}

async function hitsOf(reading: Reading): Promise<Hits> {
  // One more than wanted shows that there are more.
  const wanted = reading.query.limit + 1;
  if (wanted <= maxPage) {
    const answer = await search(reading, wanted, reading.query.window.toMs);
    return { hits: answer.hits.hits, isCut: isPartial(answer) };
  }
  const { elastic, index, signal } = reading;
  const path = `/${index}/_pit?keep_alive=1m&ignore_unavailable=true`;
  const opened = await elastic.maybe({ attempt: 'open a point in time', path, shape: Opened, signal });
  return opened === null ? pagesByTime(reading, wanted) : pagesAt(opened.id, reading, wanted);
}

/** The id may change with each answer; the latest holds. */
async function pagesAt(opened: string, reading: Reading, wanted: number): Promise<Hits> {
  const hits: Hit[] = [];
  let id = opened;
  let after: readonly unknown[] | null = null;
  let isPart = false;
  try {
    for (let page = 0; page < maxPages && hits.length < wanted; page++) {
      const size = Math.min(maxPage, wanted - hits.length);
      const answer: Search = await search(reading, size, reading.query.window.toMs, { id, after });
      id = answer.pit_id ?? id;
      isPart ||= isPartial(answer);
      hits.push(...answer.hits.hits);
      after = answer.hits.hits.at(-1)?.sort ?? null;
      if (answer.hits.hits.length < size) return { hits, isCut: isPart };
    }
    return { hits, isCut: true };
  } finally {
    close(id, reading.elastic);
  }
}

async function pagesByTime(reading: Reading, wanted: number): Promise<Hits> {
  const seen = new Map<string, Hit>();
  let end: number | { from: string } = reading.query.window.toMs;
  let isPart = false;
  for (let page = 0; page < maxPages && seen.size < wanted; page++) {
    const answer: Search = await search(reading, maxPage, end);
    isPart ||= isPartial(answer);
    const before = seen.size;
    for (const hit of answer.hits.hits) seen.set(`${hit._index} ${hit._id}`, hit);
    if (answer.hits.hits.length < maxPage) return { hits: [...seen.values()], isCut: isPart };
    const last = answer.hits.hits.at(-1)?.sort[0];
    // A page of nothing but one moment cannot move on by time.
    if (typeof last !== 'string' || seen.size === before) break;
    end = { from: last };
  }
  return { hits: [...seen.values()], isCut: true };
}

async function search(
  reading: Reading,
  size: number,
  end: number | { from: string },
  pit?: { id: string; after: readonly unknown[] | null },
) {
  const { elastic, index, time, query, signal } = reading;
  const body = searchBody({
    size,
    time,
    fromMs: query.window.fromMs,
    end,
    clauses: clausesOf(query),
    ...(pit === undefined ? {} : { pit }),
  });
  // With a point in time the index is in it, and may not be named again.
  const path = pit === undefined ? `/${index}/_search?ignore_unavailable=true` : '/_search';
  const answer = await elastic.ask({ attempt: 'search logs', path, body, shape: Search, signal });
  if (answer._shards.total > 0 && answer._shards.failed === answer._shards.total)
    throw new Failure('unavailable', 'elasticsearch', 'search logs', { hint: 'no shard answered' });
  return answer;
}

/** Nobody waits for it, and what was not closed ends by itself within the minute. */
function close(id: string, elastic: Elastic): void {
  const signal = AbortSignal.timeout(closingMs);
  const question = { attempt: 'close a point in time', path: '/_pit', method: 'DELETE' as const, body: { id }, shape: z.unknown(), signal };
  elastic.ask(question).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
  });
}

/** The time the store sorted by is the line's, whatever its text says. */
function lineOf({ _index, _source, sort }: Hit, receivedAt: number): ShippedLine {
  const { entry, guess } = readRecord(_source, receivedAt);
  const timeMs = instantOf(sort[0])?.ms ?? entry.timeMs;
  const stream = JSON.stringify([_index, entry.service, entry.instance, entry.component]);
  return { stream, reading: { entry: { ...entry, timeMs }, guess } };
}
