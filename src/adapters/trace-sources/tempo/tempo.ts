/**
 * Grafana Tempo (PROTOCOLS C4): a trace by id from its newer or older API; traces of a service by TraceQL, failed ones first
 * because the search gives the first that match and not the best. What a search names is then read whole, a few at a time,
 * for as long as whoever asks has time.
 */
import { z } from 'zod';
import type { Window } from '../../../domain/evidence.ts';
import { Failure } from '../../../domain/failure.ts';
import { type OtlpRequest, traceSource } from '../../../ports/sources.ts';
import { createJsonApi, httpAddress, type JsonApi, tenantId } from '../../json-api.ts';
import { otlpOf, Spans } from './answers.ts';

const TempoSettings = z.object({
  TEMPO_URL: httpAddress().describe('Address of Tempo, whose traces are read for an incident'),
  TEMPO_TOKEN: z.string().optional().describe('Its token; with TEMPO_USER a password'),
  TEMPO_USER: z.string().optional().describe("User of Tempo's basic authentication, in Grafana Cloud a number"),
  TEMPO_TENANT: tenantId().optional().describe('Tenant (X-Scope-OrgID) of Tempo; several are separated by |'),
});

/** Reads at once: enough to use the time, few enough for a small Tempo. */
const atOnce = 8;
const dayMs = 86_400_000;

export const tempo = traceSource({
  id: 'tempo',
  settings: TempoSettings,
  create(settings, tools) {
    const { TEMPO_URL: url, TEMPO_TOKEN: token, TEMPO_USER: user, TEMPO_TENANT: tenant } = settings;
    const api = createJsonApi({ system: 'tempo', url, token, user, tenant }, tools);
    const trace = (traceId: string, signal: AbortSignal) => readTrace(api, traceId, signal);
    return {
      async trace(traceId, signal) {
        return (await trace(traceId, signal))?.request ?? null;
      },
      async search({ window, service, limit }, signal) {
        const { ids, isCut } = await found(api, { window, service, limit }, signal);
        return readAll(ids, isCut, (id) => trace(id, signal));
      },
      async probe(signal) {
        const now = tools.now();
        const { traces = [] } = await ask(api, '{ }', { fromMs: now - dayMs, toMs: now }, 20, signal);
        const services = [...new Set(traces.flatMap(({ rootServiceName }) => rootServiceName ?? []))];
        return traces.length === 0 ? 'it answers, and has no traces of the last day' : `traces, e.g. of ${services.slice(0, 5).join(', ')}`;
      },
    };
  },
});

const Search = z.object({
  traces: z
    .array(z.object({ traceID: z.string(), rootServiceName: z.string().optional(), startTimeUnixNano: z.string().optional() }))
    .nullish()
    .transform((traces) => traces ?? []),
  metrics: z.record(z.string(), z.unknown()),
});

function ask(api: JsonApi, query: string, { fromMs, toMs }: Window, limit: number, signal: AbortSignal) {
  const parameters = {
    q: query,
    start: String(Math.floor(fromMs / 1_000)),
    end: String(Math.ceil(toMs / 1_000)),
    limit: String(limit),
    spss: '1',
  };
  return api.ask({ attempt: 'search traces', path: 'api/search', parameters, shape: Search, signal });
}

/** Newest first, failed ones before the others. */
async function found(
  api: JsonApi,
  { window, service, limit }: { readonly window: Window; readonly service: string | null; readonly limit: number },
  signal: AbortSignal,
): Promise<{ ids: string[]; isCut: boolean }> {
  const own = service === null ? [] : [`resource.service.name = ${traceqlText(plainName(service))}`];
  const of = (conditions: readonly string[]) => `{ ${conditions.join(' && ')} }`;
  const answers = await Promise.all([of([...own, 'status = error']), of(own)].map((query) => ask(api, query, window, limit, signal)));
  const began = (nano: string | undefined) => Number(nano ?? Number.NaN) / 1e6;
  const isCut = answers.some(({ traces }) => traces.length >= limit);
  const ids = answers.flatMap(({ traces }) =>
    traces
      .filter(({ startTimeUnixNano: at }) => at === undefined || (began(at) >= window.fromMs && began(at) < window.toMs))
      .sort((a, b) => began(b.startTimeUnixNano) - began(a.startTimeUnixNano))
      .map(({ traceID }) => traceID.padStart(32, '0')),
  );
  const unique = [...new Set(ids)];
  return { ids: unique.slice(0, limit), isCut: isCut || unique.length > limit };
}

/** The namespace is not asked for: a service may give it under another name than its spans do. */
const plainName = (service: string): string => service.replace(/@.*/, '').replace(/^.*\//, '');

/** A string of TraceQL: as in Go. */
const traceqlText = (text: string): string => JSON.stringify(text);

interface Whole {
  readonly request: OtlpRequest;
  readonly isPartial: boolean;
}

async function readTrace(api: JsonApi, traceId: string, signal: AbortSignal): Promise<Whole | null> {
  const attempt = 'read a trace';
  const newer = await api.maybe({ attempt, path: `api/v2/traces/${encodeURIComponent(traceId)}`, shape: TraceV2, signal });
  if (newer !== null) return { request: otlpOf(newer.trace), isPartial: newer.status === 'PARTIAL' };
  // Not kept, or a Tempo from before v2.
  const older = await api.maybe({ attempt, path: `api/traces/${encodeURIComponent(traceId)}`, shape: Spans, signal });
  return older === null ? null : { request: otlpOf(older), isPartial: false };
}

const TraceV2 = z.object({ trace: Spans, status: z.string().optional() });

/** What could be read in time counts; nothing at all is a failure. */
async function readAll(ids: readonly string[], isCut: boolean, read: (id: string) => Promise<Whole | null>) {
  const requests: OtlpRequest[] = [];
  const failures: Failure[] = [];
  let isWhole = !isCut;
  const left = [...ids];
  const worker = async () => {
    for (let id = left.shift(); id !== undefined && failures.length < atOnce; id = left.shift()) {
      try {
        const whole = await read(id);
        if (whole !== null) requests.push(whole.request);
        if (whole?.isPartial === true) isWhole = false;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (requests.length === 0 && failures[0] !== undefined) throw failures[0];
  return { requests, truncated: !isWhole || failures.length > 0 };
}
