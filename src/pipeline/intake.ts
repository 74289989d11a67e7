/**
 * What was read elsewhere enters by the door of what is pushed: as OTLP requests. So mining, map, ranking, questions and trace
 * look-up know one kind of telemetry. The same stretch is read again by later rounds and by other incidents, and may be
 * pushed to us besides: nothing counts twice. Lines are compared with those that are kept, spans with those that were read.
 */
import { Failure } from '../domain/failure.ts';
import { type LogEntry, logRequest } from '../domain/log-entry.ts';
import { serviceKey } from '../domain/service.ts';
import type { Ingested, Signal, Telemetry } from '../ports.ts';
import type { OtlpRequest } from '../ports/sources.ts';
import { Remembered } from '../domain/remembered.ts';

export interface Intake {
  /** Answers what became of the new ones; null: there were none. */
  lines(entries: readonly LogEntry[]): Promise<Ingested | null>;
  traces(requests: readonly OtlpRequest[]): Promise<void>;
  points(requests: readonly OtlpRequest[]): Promise<void>;
}

/** As many lines of one service are compared; more in a few minutes than this are not read back. */
const maxCompared = 20_000;
/** Spans and bodies remembered as read, in two generations of this. */
const maxRemembered = 50_000;
/** Lines of the same moment and beginning are the same: exceptions may have been appended to what was kept. */
const comparedLength = 200;
const unknownService = 'unknown_service';

export function createIntake(telemetry: Telemetry): Intake {
  const spansRead = new Remembered(maxRemembered);
  const bodiesRead = new Remembered(maxRemembered);
  let last: Promise<unknown> = Promise.resolve();
  /** Comparing and storing is one step: two incidents may be reading the same lines at this moment. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act, act);
    last = turn;
    return turn;
  };
  const ingest = (signal: Signal, request: object) => telemetry.ingest(signal, new TextEncoder().encode(JSON.stringify(request)), 'json');
  return {
    lines: (entries) =>
      inTurn(async () => {
        const fresh = await withoutKept(entries, telemetry);
        return fresh.length === 0 ? null : ingest('logs', logRequest(fresh));
      }),
    async traces(requests) {
      await each(requests, async (request) => {
        const fresh = withoutKnownSpans(request, spansRead);
        if (fresh !== null) await ingest('traces', fresh);
      });
    },
    // The table of points takes the same point twice as one; the body is spared where it is the same.
    async points(requests) {
      await each(requests, async (request) => {
        if (bodiesRead.isNew(JSON.stringify(request))) await ingest('metrics', request);
      });
    },
  };
}

/** One that is refused keeps the others from nothing; its Failure is thrown when all were tried. */
async function each(requests: readonly OtlpRequest[], take: (request: OtlpRequest) => Promise<void>): Promise<void> {
  const failures: Failure[] = [];
  for (const request of requests) {
    try {
      await take(request);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  if (failures[0] !== undefined) throw failures[0];
}

/** To the microsecond, as far as a double tells moments apart. */
const lineKey = (timeMs: number, text: string) => `${Math.round(timeMs * 1_000)} ${text.slice(0, comparedLength)}`;

function keyOf({ service, namespace, environment }: LogEntry): string {
  return service === null ? unknownService : serviceKey({ name: service, namespace: namespace ?? null, environment: environment ?? null });
}

/** The same text in the same moment may truly have been written twice: as many as are kept are taken off, no more. */
async function withoutKept(entries: readonly LogEntry[], telemetry: Telemetry): Promise<LogEntry[]> {
  const dated = entries.filter((entry): entry is LogEntry & { timeMs: number } => Number.isFinite(entry.timeMs));
  const services = Map.groupBy(dated, keyOf);
  const fresh: LogEntry[] = [];
  for (const [service, of] of services) {
    let [fromMs, toMs] = [Number.POSITIVE_INFINITY, 0];
    for (const { timeMs } of of) [fromMs, toMs] = [Math.min(fromMs, timeMs), Math.max(toMs, timeMs)];
    const kept = new Map<string, number>();
    for (const line of await telemetry.logs({ window: { fromMs: fromMs - 1, toMs: toMs + 1 }, service, limit: maxCompared })) {
      const key = lineKey(line.timeMs, line.text);
      kept.set(key, (kept.get(key) ?? 0) + 1);
    }
    for (const entry of of) {
      const key = lineKey(entry.timeMs, entry.text);
      const left = kept.get(key) ?? 0;
      if (left > 0) kept.set(key, left - 1);
      else fresh.push(entry);
    }
  }
  return fresh.sort((a, b) => a.timeMs! - b.timeMs!);
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** null: all of it is known. What has another shape is left for the decoder to refuse, in its own words. */
function withoutKnownSpans(request: OtlpRequest, read: Remembered): OtlpRequest | null {
  let isNew = false;
  const strange = <T>(what: T): T => {
    isNew = true;
    return what;
  };
  const inScope = (scope: unknown): unknown => {
    if (!isFields(scope)) return strange(scope);
    const { spans = [] } = scope;
    if (!Array.isArray(spans)) return strange(scope);
    const fresh = spans.filter((span) => !isFields(span) || read.isNew(`${span['traceId']} ${span['spanId']}`));
    if (fresh.length > 0) isNew = true;
    return { ...scope, spans: fresh };
  };
  const resourceSpans = (request['resourceSpans'] ?? []).map((resource) => {
    if (!isFields(resource)) return strange(resource);
    const { scopeSpans = [] } = resource;
    return Array.isArray(scopeSpans) ? { ...resource, scopeSpans: scopeSpans.map(inScope) } : strange(resource);
  });
  return isNew ? { resourceSpans } : null;
}
