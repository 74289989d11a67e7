/** How Elasticsearch is asked: where, as whom, and what part of an answer is missing. */
import { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import { Failure } from '../../../domain/failure.ts';
import { getJson } from '../../http-json.ts';

export const ElasticsearchSettings = z.object({
  ELASTICSEARCH_URL: z
    .url({ protocol: /^https?$/ })
    .describe('Address of Elasticsearch or OpenSearch, whose lines are read for an incident'),
  ELASTICSEARCH_API_KEY: z.string().optional().describe('Its API key, encoded as Elasticsearch gives it out'),
  ELASTICSEARCH_USER: z.string().optional().describe('User of basic authentication, where there is no API key'),
  ELASTICSEARCH_PASSWORD: z.string().optional().describe('Password of that user'),
  ELASTICSEARCH_INDEX: z
    .string()
    .regex(/^[^\s/?#\\"<>|]+$/, 'is no index pattern')
    .default('logs-*,filebeat-*,logstash-*')
    .describe('Indices, data streams or patterns with log lines, comma-separated'),
  ELASTICSEARCH_TIME_FIELD: z
    .string()
    .regex(/^[\w@.-]+$/, 'is no field')
    .default('@timestamp')
    .describe('Field that holds the time of a line'),
  ELASTICSEARCH_FOLLOW_SECONDS: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(0)
    .describe('Seconds between two looks at what was written, so that lines are followed; 0: they are read with an incident only'),
});
export type ElasticsearchSettings = z.infer<typeof ElasticsearchSettings>;

const Hit = z.object({
  _index: z.string(),
  _id: z.string(),
  _source: z.record(z.string(), z.unknown()),
  sort: z.array(z.unknown()).min(1),
});
export type Hit = z.infer<typeof Hit>;
export const Search = z.object({
  timed_out: z.boolean(),
  pit_id: z.string().optional(),
  _shards: z.object({ total: z.number(), failed: z.number() }),
  hits: z.object({ hits: z.array(Hit) }),
});
export type Search = z.infer<typeof Search>;

export interface ElasticQuestion<T> {
  readonly attempt: string;
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: object;
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
}

export interface Elastic {
  ask<T>(question: ElasticQuestion<T>): Promise<T>;
  /** null where this one does not know the question: Elasticsearch and OpenSearch differ. */
  maybe<T>(question: ElasticQuestion<T>): Promise<T | null>;
}

export function createElastic(settings: ElasticsearchSettings, { fetch, now }: Pick<Tools, 'fetch' | 'now'>): Elastic {
  const headers = { 'content-type': 'application/json', ...identityOf(settings) };
  const base = settings.ELASTICSEARCH_URL.replace(/\/$/, '');
  const ask = <T>({ attempt, path, method = 'POST', body, shape, signal }: ElasticQuestion<T>): Promise<T> => {
    const question = { system: 'elasticsearch', attempt, url: `${base}${path}`, method, headers, signal, now };
    return getJson(fetch, body === undefined ? question : { ...question, body: JSON.stringify(body) }, shape);
  };
  return {
    ask,
    async maybe(question) {
      try {
        return await ask(question);
      } catch (error) {
        if (error instanceof Failure && error.code === 'rejected') return null;
        throw error;
      }
    },
  };
}

function identityOf(settings: ElasticsearchSettings): Record<string, string> {
  const { ELASTICSEARCH_API_KEY: key, ELASTICSEARCH_USER: user, ELASTICSEARCH_PASSWORD: password = '' } = settings;
  if (key !== undefined) return { authorization: `ApiKey ${key}` };
  return user === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** Part of the shards did not answer, or not in time: status 200 all the same. */
export function isPartial({ timed_out, _shards }: Search): boolean {
  return timed_out || _shards.failed > 0;
}
