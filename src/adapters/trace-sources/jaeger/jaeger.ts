/**
 * Jaeger (PROTOCOLS C5): its v3 API, which answers OTLP, where it is there, else the older one that its pages use. Which one it
 * is shows in the first answer and is kept. Both search by service; "of any" asks a few services, those listed first.
 */
import { z } from 'zod';
import type { Window } from '../../../domain/evidence.ts';
import { Failure } from '../../../domain/failure.ts';
import { type OtlpRequest, traceSource } from '../../../ports/sources.ts';
import { createJsonApi, httpAddress, type JsonApi } from '../../json-api.ts';
import { otlpOf, Traces } from './older.ts';

const JaegerSettings = z.object({
  JAEGER_URL: httpAddress().describe('Address of Jaeger (its query service), whose traces and dependencies are read for an incident'),
  JAEGER_TOKEN: z.string().optional().describe('Its token, where something in front asks for one; with JAEGER_USER a password'),
  JAEGER_USER: z.string().optional().describe('User of basic authentication in front of Jaeger'),
});

export interface Question {
  readonly window: Window;
  readonly service: string;
  readonly limit: number;
}

/** One of Jaeger's two languages. */
interface Dialect {
  readonly name: string;
  trace(traceId: string, signal: AbortSignal): Promise<OtlpRequest | null>;
  search(question: Question, signal: AbortSignal): Promise<OtlpRequest>;
}

/** Services asked where none is named. */
const maxServices = 6;

export const jaeger = traceSource({
  id: 'jaeger',
  settings: JaegerSettings,
  create({ JAEGER_URL: url, JAEGER_TOKEN: token, JAEGER_USER: user }, tools) {
    const api = createJsonApi({ system: 'jaeger', url, token, user }, tools);
    let known: Dialect | null = null;
    const greet = async (signal: AbortSignal) => {
      const greeted = await meet(api, signal);
      known = greeted.dialect;
      return greeted;
    };
    const dialect = async (signal: AbortSignal) => known ?? (await greet(signal)).dialect;
    return {
      trace: async (traceId, signal) => (await dialect(signal)).trace(traceId, signal),
      async search({ window, service, limit }, signal) {
        const services = service === null ? (await greet(signal)).services : [plainName(service)];
        const asked = services.slice(0, maxServices);
        const each = Math.ceil(limit / Math.max(1, asked.length));
        const by = await dialect(signal);
        const requests = await Promise.all(asked.map((name) => by.search({ window, service: name, limit: each }, signal)));
        const isCut = requests.some((request) => tracesIn(request) >= each) || services.length > asked.length;
        return { requests: requests.filter((request) => tracesIn(request) > 0), truncated: isCut };
      },
      async probe(signal) {
        const { dialect: by, services } = await greet(signal);
        return `${services.length} services by its ${by.name} API`;
      },
    };
  },
});

const plainName = (service: string): string => service.replace(/@.*/, '').replace(/^.*\//, '');

/** Its pages are given for any path it does not know, so an answer that is no JSON also says that there is no v3. */
async function meet(api: JsonApi, signal: AbortSignal): Promise<{ dialect: Dialect; services: string[] }> {
  const attempt = 'list services';
  try {
    const { services } = await api.ask({ attempt, path: 'api/v3/services', shape: Services, signal });
    return { dialect: v3(api), services };
  } catch (error) {
    if (!(error instanceof Failure) || (error.code !== 'rejected' && error.code !== 'bad_response')) throw error;
  }
  const { data } = await api.ask({ attempt, path: 'api/services', shape: OldServices, signal });
  return { dialect: older(api), services: data ?? [] };
}

const Services = z.object({ services: z.array(z.string()) });
const OldServices = z.object({ data: z.array(z.string()).nullable() });

const Result = z.object({ result: z.object({ resourceSpans: z.array(z.looseObject({})).default([]) }) });
const nothing: OtlpRequest = { resourceSpans: [] };

function v3(api: JsonApi): Dialect {
  const when = (ms: number) => new Date(ms).toISOString();
  return {
    name: 'v3',
    async trace(traceId, signal) {
      const path = `api/v3/traces/${encodeURIComponent(traceId)}`;
      const answer = await api.maybe({ attempt: 'read a trace', path, shape: Result, signal });
      return answer === null || answer.result.resourceSpans.length === 0 ? null : { ...answer.result };
    },
    async search({ window, service, limit }, signal) {
      const parameters = {
        'query.serviceName': service,
        'query.startTimeMin': when(window.fromMs),
        'query.startTimeMax': when(window.toMs),
        'query.searchDepth': String(limit),
      };
      // "No traces found" is a 404.
      const answer = await api.maybe({ attempt: 'search traces', path: 'api/v3/traces', parameters, shape: Result, signal });
      return answer === null ? nothing : { ...answer.result };
    },
  };
}

function older(api: JsonApi): Dialect {
  return {
    name: 'older',
    async trace(traceId, signal) {
      const path = `api/traces/${encodeURIComponent(traceId)}`;
      const answer = await api.maybe({ attempt: 'read a trace', path, shape: Traces, signal });
      return answer === null || (answer.data ?? []).length === 0 ? null : otlpOf(answer);
    },
    async search({ window, service, limit }, signal) {
      const parameters = {
        service,
        start: String(Math.round(window.fromMs * 1_000)),
        end: String(Math.round(window.toMs * 1_000)),
        limit: String(limit),
      };
      const answer = await api.maybe({ attempt: 'search traces', path: 'api/traces', parameters, shape: Traces, signal });
      return answer === null ? nothing : otlpOf(answer);
    },
  };
}

interface ResourceSpans {
  readonly scopeSpans?: readonly { readonly spans?: readonly { readonly traceId?: string }[] }[];
}

function tracesIn(request: OtlpRequest): number {
  const spans = ((request['resourceSpans'] ?? []) as readonly ResourceSpans[]).flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans: of = [] }) => of),
  );
  return new Set(spans.map(({ traceId }) => traceId)).size;
}
