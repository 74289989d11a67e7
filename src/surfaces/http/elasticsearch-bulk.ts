/**
 * Being Elasticsearch for those who write logs to it (PROTOCOLS B5): the bulk API, and at `/` what clients and Beats look for
 * before they send. Every answer carries the product's name, without which the official clients refuse to go on.
 */
import { randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import type { App, TakenLogs } from '../../app.ts';
import { refusalOf, refuse } from './answers.ts';
import { presentsToken } from './credentials.ts';
import { takeLogs } from './log-intake.ts';
import type { HttpParts } from './parts.ts';

/** Beats refuse a server older than themselves; the bulk API has been the same since 7. */
const version = '9.9.0';

const product = { 'X-Elastic-Product': 'Elasticsearch' };
const contentType = /^application\/(?:json|x-ndjson|vnd\.elasticsearch\+(?:json|x-ndjson))\s*(?:;|$)/i;

export function elasticsearchRoutes(routes: Hono, app: App, parts: HttpParts): void {
  // HEAD is answered as GET without its body.
  routes.get('/', (c) => answering(parts, async () => about(c.req.raw, parts)));
  for (const path of ['/_bulk', '/:index/_bulk'])
    routes.on(['POST', 'PUT'], path, (c) =>
      answering(parts, async () => {
        const startedAt = parts.now();
        if (!contentType.test(c.req.header('content-type') ?? ''))
          throw refuse(415, 'Content-Type must be application/x-ndjson or application/json');
        return bulkAnswer(await takeLogs(c.req.raw, 'elasticsearch', app, parts), parts.now() - startedAt);
      }),
    );
}

function about(request: Request, { settings }: HttpParts): object {
  const token = settings.TRACEPULSE_WEBHOOK_TOKEN;
  if (token !== undefined && !presentsToken(request, token)) throw refuse(401, 'missing authentication credentials for REST request [/]');
  return {
    name: 'tracepulse',
    cluster_name: 'tracepulse',
    cluster_uuid: '_na_',
    version: {
      number: version,
      build_flavor: 'default',
      minimum_wire_compatibility_version: '8.0.0',
      minimum_index_compatibility_version: '8.0.0',
    },
    tagline: 'You Know, for Search',
  };
}

/** One item per action, in order. When the intake kept nothing at all, every action failed for its reason. */
function bulkAnswer({ operations = [], rejected, accepted, problem }: TakenLogs, took: number): object {
  const refused = new Map(rejected.map(({ index, code, reason }) => [index, { type: code, reason }]));
  const none = accepted === 0 && problem !== null ? { type: 'illegal_argument_exception', reason: problem } : undefined;
  const items = operations.map(({ verb, target, id }, index) => {
    const place = { _index: target, _id: id ?? randomBytes(15).toString('base64url') };
    const error = refused.get(index) ?? none;
    if (error !== undefined) return { [verb]: { ...place, status: 400, error } };
    const shards = { total: 1, successful: 1, failed: 0 };
    return { [verb]: { ...place, _version: 1, result: 'created', _shards: shards, _seq_no: 0, _primary_term: 1, status: 201 } };
  });
  return { took: Math.max(0, Math.round(took)), errors: refused.size > 0 || none !== undefined, items };
}

/** Elasticsearch's names for why. */
const types: Readonly<Record<number, string>> = {
  400: 'illegal_argument_exception',
  401: 'security_exception',
  403: 'security_exception',
  408: 'timeout_exception',
  413: 'content_too_long_exception',
  415: 'media_type_header_exception',
  503: 'es_rejected_execution_exception',
};

async function answering(parts: HttpParts, run: () => Promise<object>): Promise<Response> {
  try {
    return Response.json(await run(), { headers: product });
  } catch (error) {
    const { status, message, path, headers } = refusalOf(error, parts.log);
    const cause = { type: types[status] ?? 'exception', reason: path === undefined ? message : `${path}: ${message}` };
    const challenge = status === 401 ? { 'WWW-Authenticate': 'Basic realm="tracepulse", ApiKey' } : {};
    return Response.json(
      { error: { root_cause: [cause], ...cause }, status },
      { status, headers: { ...headers, ...challenge, ...product } },
    );
  }
}
