/** How Loki is asked: where, as whom, and what its errors mean. */
import type { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import { Failure } from '../../../domain/failure.ts';
import { getJson } from '../../http-json.ts';

export interface LokiSettings {
  readonly LOKI_URL: string;
  readonly LOKI_TOKEN?: string | undefined;
  readonly LOKI_USER?: string | undefined;
  readonly LOKI_TENANT?: string | undefined;
}

export interface LokiQuestion<T> {
  readonly attempt: string;
  /** Below `/loki/api/v1/`. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
}

export interface Loki {
  ask<T>(question: LokiQuestion<T>): Promise<T>;
  /** null where this Loki does not know the question: older ones lack some. */
  maybe<T>(question: LokiQuestion<T>): Promise<T | null>;
}

export function createLoki(settings: LokiSettings, { fetch, now }: Pick<Tools, 'fetch' | 'now'>): Loki {
  const headers = { ...identityOf(settings), 'x-loki-response-encoding-flags': 'categorize-labels' };
  const ask = <T>({ attempt, path, parameters, shape, signal }: LokiQuestion<T>): Promise<T> =>
    getJson(fetch, { system: 'loki', attempt, url: urlOf(settings.LOKI_URL, path, parameters), headers, signal, now }, shape);
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

export function identityOf({ LOKI_TOKEN, LOKI_USER, LOKI_TENANT }: LokiSettings): Record<string, string> {
  const basic = LOKI_USER === undefined ? null : Buffer.from(`${LOKI_USER}:${LOKI_TOKEN ?? ''}`).toString('base64');
  return {
    ...(LOKI_TENANT === undefined ? {} : { 'x-scope-orgid': LOKI_TENANT }),
    ...(basic !== null ? { authorization: `Basic ${basic}` } : LOKI_TOKEN === undefined ? {} : { authorization: `Bearer ${LOKI_TOKEN}` }),
  };
}

/** Loki may live below a path of a shared host. */
export function urlOf(base: string, path: string, parameters: Readonly<Record<string, string>>): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/loki/api/v1/${path}`;
  url.search = new URLSearchParams(parameters).toString();
  return url;
}
