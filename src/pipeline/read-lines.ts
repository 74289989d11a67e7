/**
 * Log lines of an incident out of one source: by the alert's correlation ids first, which lead across all services; then by
 * service, from the one the alert names along the map, its callees before its callers, nearest first.
 */
import type { Gap, Window } from '../domain/evidence.ts';
import { type LogEntry, traceIdOf } from '../domain/log-entry.ts';
import type { ServiceMap } from '../domain/service-map.ts';
import type { LogQuery, LogSource } from '../ports/sources.ts';
import { type Asking, askSource } from './ask-source.ts';

const maxIds = 4;
const linesPerId = 500;
/** Of the alerted service, and of each other. */
const linesOfFirst = 1_000;
const linesOfOthers = 300;
/** Services whose lines and measurements are read for one incident. */
const maxServicesRead = 8;

export interface ReadLines {
  /** What each question brought; the same line may be in several. */
  readonly batches: LogEntry[][];
  readonly gaps: Gap[];
}

interface Reading extends Asking {
  readonly id: string;
  readonly source: LogSource;
  readonly window: Window;
}

export function linesById(ids: readonly string[], reading: Reading): Promise<ReadLines> {
  const queries = ids.slice(0, maxIds).map((id): Search => {
    const traceId = traceIdOf(id);
    const by = traceId === null ? { correlationId: id } : { traceId };
    return { about: 'a correlation id', query: { window: reading.window, limit: linesPerId, ...by } };
  });
  return searched(queries, reading);
}

export function linesOfServices(services: readonly string[], reading: Reading): Promise<ReadLines> {
  const queries = services.map(
    (service, place): Search => ({
      about: service,
      query: { window: reading.window, service, limit: place === 0 ? linesOfFirst : linesOfOthers },
    }),
  );
  return searched(queries, reading);
}

interface Search {
  readonly about: string;
  readonly query: LogQuery;
}

async function searched(searches: readonly Search[], { id, source, ...asking }: Reading): Promise<ReadLines> {
  const answers = await Promise.all(
    searches.map(async ({ about, query }) => {
      const attempt = `search logs of ${about}`;
      const ask = (signal: AbortSignal) => source.search(query, signal);
      const { answer, gaps } = await askSource({ id, attempt, ask, otherwise: { lines: [], truncated: false } }, asking);
      return { about, gaps, ...answer };
    }),
  );
  const cut = [...new Set(answers.filter(({ truncated }) => truncated).map(({ about }) => about))];
  const gaps = uniqueGaps(answers.flatMap((answer) => answer.gaps));
  if (cut.length > 0) gaps.push({ source: id, reason: `there are more log lines of ${cut.join(', ')} in this time than were read` });
  return { batches: answers.map(({ lines }) => lines), gaps };
}

/** One source that is down fails every question the same way. */
export function uniqueGaps(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.source}\n${gap.reason}`, gap])).values()];
}

/** Breadth first, what a service calls before what calls it; services that are none (databases, third parties) write no lines. */
export function servicesAround(seeds: readonly string[], map: ServiceMap, most = maxServicesRead): string[] {
  const speaks = new Set(map.services.filter(({ kind }) => kind === 'service').map(({ name }) => name));
  const found = new Set(seeds);
  // A Set is walked in insertion order and may grow meanwhile.
  for (const service of found) {
    if (found.size >= most) break;
    const neighbours = [
      ...map.edges.filter(({ caller }) => caller === service).map(({ callee }) => callee),
      ...map.edges.filter(({ callee }) => callee === service).map(({ caller }) => caller),
    ];
    for (const neighbour of neighbours) if (speaks.has(neighbour)) found.add(neighbour);
  }
  return [...found].slice(0, most);
}
