/** How Loki is asked: where, as whom, and what its errors mean. */
import type { Tools } from '../../../adapter.ts';
import { createJsonApi, identityOf as identityIn, type JsonApi, urlBelow } from '../../json-api.ts';

export interface LokiSettings {
  readonly LOKI_URL: string;
  readonly LOKI_TOKEN?: string | undefined;
  readonly LOKI_USER?: string | undefined;
  readonly LOKI_TENANT?: string | undefined;
}

/** Paths are below `/loki/api/v1/`. What a Loki does not know it rejects: older ones lack some questions. */
export function createLoki(settings: LokiSettings, tools: Pick<Tools, 'fetch' | 'now'>): JsonApi {
  const { LOKI_URL, LOKI_TOKEN: token, LOKI_USER: user, LOKI_TENANT: tenant } = settings;
  const place = { system: 'loki', url: urlOf(LOKI_URL, '', {}).href, token, user, tenant };
  const headers = { 'x-loki-response-encoding-flags': 'categorize-labels' };
  return createJsonApi({ ...place, headers, isUnknown: ({ code }) => code === 'rejected' }, tools);
}

export function identityOf({ LOKI_TOKEN: token, LOKI_USER: user, LOKI_TENANT: tenant }: LokiSettings): Record<string, string> {
  return identityIn({ token, user, tenant });
}

export function urlOf(base: string, path: string, parameters: Readonly<Record<string, string>>): URL {
  const url = urlBelow(base, `loki/api/v1/${path}`);
  url.search = new URLSearchParams(parameters).toString();
  return url;
}
