/**
 * Reads for one incident what lies in other systems, all at once, into the telemetry that is ranked. Two steps under one
 * deadline: what the alert itself leads to (its ids, its service, maps, the cluster); then, along the map as it is known by
 * then, lines and measurements of the services around. A step that hangs does not keep the next from its share of the time.
 */
import type { Change } from '../domain/change.ts';
import type { Condition } from '../domain/condition.ts';
import type { Gap, Window } from '../domain/evidence.ts';
import { Failure } from '../domain/failure.ts';
import { traceIdOf } from '../domain/log-entry.ts';
import type { Telemetry } from '../ports.ts';
import type { LogQuery, LogSource, Sources, TraceSource } from '../ports/sources.ts';
import { type Asking, askSource, startDeadline } from './ask-source.ts';
import type { Breaker } from './circuit-breaker.ts';
import type { Intake } from './intake.ts';
import type { SourceWatch } from './progress.ts';
import { linesById, linesOfServices, type ReadLines, servicesAround, uniqueGaps } from './read-lines.ts';

/** What an incident asks about. */
export interface Subject {
  readonly service: string | null;
  readonly correlationIds: readonly string[];
  /** The stretch for which lines are searched; shorter than the window of everything else. */
  readonly logs: Window;
}

export interface Read {
  readonly changes: readonly (readonly Change[])[];
  readonly conditions: readonly Condition[];
  readonly gaps: readonly Gap[];
  /** False: lines of this time exist that were not read, so one that is missing has not gone silent. */
  readonly isLogComplete: boolean;
}

export interface Elsewhere {
  read(window: Window, subject: Subject, watch?: SourceWatch): Promise<Read>;
  /** What a person asks for and may not be kept here: log lines, or a trace by its whole id. What could not be asked is a gap. */
  lookUp(asked: LogQuery | { readonly traceId: string }): Promise<Gap[]>;
  /** What is asked without any incident, from the start and every minute: which services there are and who calls whom. */
  refresh(): Promise<void>;
}

export interface ElsewhereOptions extends Omit<Sources, 'changeSources'> {
  readonly telemetry: Telemetry;
  readonly intake: Intake;
  readonly breaker: Breaker;
  readonly now: () => number;
}

/** The first step's share of the time, when not all of it has answered. */
const firstStepMs = 800;
const maxTraceIds = 4;
const maxTraces = 40;
const refreshEveryMs = 60_000;
const refreshWindowMs = 10 * 60_000;

const list = <T>(sources: ReadonlyMap<string, T> | undefined) => [...(sources ?? [])];

export function createElsewhere(options: ElsewhereOptions): Elsewhere {
  const { breaker, now } = options;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  return {
    read: (window, subject, watch) =>
      readAll({ window, subject, options, asking: { breaker, deadline: startDeadline(), ...(watch === undefined ? {} : { watch }) } }),
    lookUp(asked) {
      const asking = { breaker, deadline: startDeadline() };
      return 'window' in asked ? linesFor(asked, options, asking) : traceFor(asked.traceId, options, asking);
    },
    async refresh() {
      if (now() - refreshedAt < refreshEveryMs) return;
      refreshedAt = now();
      const window = { fromMs: now() - refreshWindowMs, toMs: now() };
      const asking = { breaker, deadline: startDeadline() };
      await Promise.all([clusters(window, options, asking), maps(window, options, asking)]);
    },
  };
}

async function linesFor(query: LogQuery, { logSources, intake }: ElsewhereOptions, asking: Asking): Promise<Gap[]> {
  const answers = await Promise.all(
    list(logSources).map(async ([id, source]) => {
      const ask = (signal: AbortSignal) => source.search(query, signal);
      const { answer, gaps } = await askSource({ id, attempt: 'search logs', ask, otherwise: { lines: [], truncated: false } }, asking);
      return [...gaps, ...(await taken(id, asking, () => intake.lines(answer.lines)))];
    }),
  );
  return uniqueGaps(answers.flat());
}

async function traceFor(traceId: string, { traceSources, intake }: ElsewhereOptions, asking: Asking): Promise<Gap[]> {
  const answers = await Promise.all(
    list(traceSources).map(async ([id, source]) => {
      const ask = (signal: AbortSignal) => source.trace(traceId, signal);
      const { answer, gaps } = await askSource({ id, attempt: 'read a trace', ask, otherwise: null }, asking);
      return answer === null ? gaps : [...gaps, ...(await taken(id, asking, () => intake.traces([answer])))];
    }),
  );
  return answers.flat();
}

interface Reading {
  readonly window: Window;
  readonly subject: Subject;
  readonly options: ElsewhereOptions;
  readonly asking: Asking;
}

async function readAll(reading: Reading): Promise<Read> {
  const { window, subject, options, asking } = reading;
  const seeds = subject.service === null ? [] : [subject.service];
  const ofClusters = clusters(window, options, asking);
  const ofFirstLines = lines(reading, (log) => linesById(subject.correlationIds, log));
  const first = [
    ofClusters,
    ofFirstLines,
    lines(reading, (log) => linesOfServices(seeds, log)),
    maps(window, options, asking),
    traces(reading),
  ];
  await forAWhile(Promise.all(first), firstStepMs);
  const services = await servicesToRead(reading, seeds);
  const others = services.filter((service) => !seeds.includes(service));
  const second = [lines(reading, (log) => linesOfServices(others, log)), points(reading, services)];
  const gaps = uniqueGaps((await Promise.all([...first, ...second])).flatMap((answer) => answer.gaps));
  const { changes, conditions } = await ofClusters;
  const logIds = new Set(options.logSources?.keys());
  return { changes, conditions, gaps, isLogComplete: !gaps.some(({ source }) => logIds.has(source)) };
}

async function forAWhile(waitedFor: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise((done) => {
    timer = setTimeout(done, ms);
  });
  await Promise.race([waitedFor, passed]);
  clearTimeout(timer);
}

/** Around the alerted service; where the alert names none, around those that its ids led to, else the busiest. */
async function servicesToRead({ subject, options: { telemetry } }: Reading, seeds: readonly string[]): Promise<string[]> {
  const { map } = await telemetry.knowledge();
  if (seeds.length > 0) return servicesAround(seeds, map);
  const led = new Set<string>();
  for (const id of subject.correlationIds.slice(0, maxTraceIds)) {
    const traceId = traceIdOf(id);
    const by = traceId === null ? { correlationId: id } : { traceId };
    for (const { service } of await telemetry.logs({ window: subject.logs, limit: 200, ...by })) led.add(service);
    if (traceId !== null) for (const { service } of await telemetry.trace(traceId)) led.add(service);
  }
  if (led.size > 0) return servicesAround([...led], map);
  const calls = new Map<string, number>(map.services.filter(({ kind }) => kind === 'service').map(({ name }) => [name, 0]));
  for (const { caller, callee, calls: count } of map.edges)
    for (const end of [caller, callee]) if (calls.has(end)) calls.set(end, calls.get(end)! + count);
  return servicesAround(
    [...calls].sort(([, a], [, b]) => b - a).map(([name]) => name),
    map,
  );
}

/** What a source answers comes from outside too: what cannot be taken in is a gap, and the report is made from the rest. */
async function taken(id: string, { breaker }: Asking, take: () => Promise<unknown>): Promise<Gap[]> {
  try {
    await take();
    return [];
  } catch (error) {
    const { code } = error instanceof Failure ? error : breaker.broke(id, 'take in what it answered', error);
    return [{ source: id, reason: `${id}: part of what it answered could not be taken in (${code})` }];
  }
}

type ReadLog = (log: Asking & { id: string; source: LogSource; window: Window }) => Promise<ReadLines>;

async function lines({ subject, options, asking }: Reading, read: ReadLog): Promise<{ gaps: Gap[] }> {
  const answers = await Promise.all(
    list(options.logSources).map(async ([id, source]) => {
      const { batches, gaps } = await read({ ...asking, id, source, window: subject.logs });
      for (const batch of batches) gaps.push(...(await taken(id, asking, () => options.intake.lines(batch))));
      return gaps;
    }),
  );
  return { gaps: answers.flat() };
}

async function traces(reading: Reading): Promise<{ gaps: Gap[] }> {
  const answers = await Promise.all(list(reading.options.traceSources).map(([id, source]) => tracesFrom(id, source, reading)));
  return { gaps: answers.flat() };
}

async function tracesFrom(id: string, source: TraceSource, { window, subject, options, asking }: Reading): Promise<Gap[]> {
  const { service } = subject;
  const ids = subject.correlationIds.map(traceIdOf).filter((traceId) => traceId !== null);
  const only = { ...options, traceSources: new Map([[id, source]]) };
  const named = ids.slice(0, maxTraceIds).map((traceId) => traceFor(traceId, only, asking));
  const around = async () => {
    const ask = (signal: AbortSignal) => source.search({ window, service, limit: maxTraces }, signal);
    const attempt = `search traces of ${service ?? 'any service'}`;
    const { answer, gaps } = await askSource({ id, attempt, ask, otherwise: { requests: [], truncated: false } }, asking);
    gaps.push(...(await taken(id, asking, () => options.intake.traces(answer.requests))));
    if (answer.truncated) gaps.push({ source: id, reason: `there are more traces of ${service ?? 'this time'} than were read` });
    return gaps;
  };
  return (await Promise.all([...named, around()])).flat();
}

async function points({ window, options, asking }: Reading, services: readonly string[]): Promise<{ gaps: Gap[] }> {
  const answers = await Promise.all(
    list(options.metricSources).map(async ([id, source]) => {
      const ask = (signal: AbortSignal) => source.points({ window, services }, signal);
      const { answer, gaps } = await askSource({ id, attempt: 'read measurements', ask, otherwise: { requests: [], gaps: [] } }, asking);
      return [...answer.gaps, ...gaps, ...(await taken(id, asking, () => options.intake.points(answer.requests)))];
    }),
  );
  return { gaps: answers.flat() };
}

async function maps(window: Window, { mapSources, telemetry }: ElsewhereOptions, asking: Asking): Promise<{ gaps: Gap[] }> {
  const answers = await Promise.all(
    list(mapSources).map(async ([id, source]) => {
      const ask = (signal: AbortSignal) => source.edges(window, signal);
      const { answer, gaps } = await askSource({ id, attempt: 'read who calls whom', ask, otherwise: { edges: [], gaps: [] } }, asking);
      return [...answer.gaps, ...gaps, ...(await taken(id, asking, () => telemetry.reported(answer.edges, window.toMs)))];
    }),
  );
  return { gaps: answers.flat() };
}

async function clusters(window: Window, { clusterSources, telemetry }: ElsewhereOptions, asking: Asking) {
  const nothing = { directory: [], changes: [], conditions: [], gaps: [] };
  const answers = await Promise.all(
    list(clusterSources).map(async ([id, source]) => {
      const ask = (signal: AbortSignal) => source.look(window, signal);
      const { answer, gaps } = await askSource({ id, attempt: 'look at the cluster', ask, otherwise: nothing }, asking);
      const { directory } = answer;
      if (directory.length > 0) gaps.push(...(await taken(id, asking, () => telemetry.know(directory))));
      return { ...answer, gaps: [...answer.gaps, ...gaps] };
    }),
  );
  return {
    changes: answers.map(({ changes }) => changes),
    conditions: answers.flatMap(({ conditions }) => conditions),
    gaps: answers.flatMap(({ gaps }) => gaps),
  };
}
