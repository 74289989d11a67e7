/** The description of the API against the API: every operation is called, and what it answers is held against its schema. */
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { get, now, post, recorder, surface } from './fake-app.ts';
import { context, detail, unranked } from './incident-fixtures.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content: { readonly 'application/json': { readonly schema: object } } }>>;
}
interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const token = 'a-token-of-sufficient-length';
const anyWish = { project: 'OPS', type: 'Task', priority: null, assignee: null, summary: 'a', description: 'b' };
const known = async (id: string) => (id === 'INC-1' ? detail : id === 'INC-2' ? unranked : null);
const http = surface(
  {
    incidents: async () => ({ incidents: [detail, unranked], next: 'cursor' }),
    incident: known,
    context: async (id) => (id === 'INC-1' ? context : null),
    vote: async () => detail,
    deadLetters: async () => [{ id: 'round:INC-1', at: now, reason: 'it broke', attempts: 5 }],
    replay: async (ids) => [...(ids ?? [])],
    receive: recorder().receive,
    forget: async () => ({ withdrawn: ['slack #debug'], left: ['jira OPS-1'] }),
    ticketForm: async (id) => (id === 'INC-1' ? { ticket: { state: 'none' }, choices: null, wish: anyWish } : null),
    openTicket: async () => ({ state: 'made', key: 'OPS-1', url: null, status: 'To Do' }),
    map: async () => ({
      services: [{ name: 'cart', kind: 'service', firstSeenAt: now, lastSeenAt: now, versions: [], instances: ['a'], components: ['x'] }],
      edges: [
        { caller: 'a', callee: 'b', calls: 1, errors: 0, p50Ms: null, p95Ms: 2, sources: ['span'], confidence: 0.9, lastSeenAt: now },
      ],
    }),
  },
  { TRACEPULSE_API_TOKEN: token, TRACEPULSE_WEBHOOK_TOKEN: token },
);
const described = (await (await http.fetch(get('/openapi.json'))).json()) as Description;

/** With nothing besides what is described: a field that is answered and not described fails. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const each = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return 'properties' in each && !('additionalProperties' in each) ? { ...each, additionalProperties: false } : each;
}

function check(path: string, method: string, status: number, body: unknown): void {
  const schema = described.paths[path]?.[method]?.responses[status]?.content['application/json'].schema;
  expect(schema, `${method} ${path} ${status} is described`).toBeDefined();
  const ajv = new Ajv2020.default({ strict: false });
  addFormats.default(ajv);
  const isValid = ajv.compile({ ...(strict(schema) as object), components: strict(described.components) });
  expect(isValid(body), `${method} ${path} ${status}: ${JSON.stringify(isValid.errors)}`).toBe(true);
}

const bearer = { authorization: `Bearer ${token}` };
const del = (path: string, headers: Record<string, string> = {}) => new Request(get(path, headers), { method: 'DELETE' });
const verdict = { hypothesis: 'h1', verdict: 'confirm' };
const event = { eventType: 'SESSION_DROP', correlationId: 'txn-456', details: { service: 'cart', errorCode: 'TIMEOUT' } };

const calls: readonly (readonly [path: string, method: string, status: number, request: () => Request])[] = [
  ['/api/incidents', 'get', 200, () => get('/api/incidents?limit=2', bearer)],
  ['/api/incidents', 'get', 400, () => get('/api/incidents?limit=0', bearer)],
  ['/api/incidents', 'get', 401, () => get('/api/incidents')],
  ['/api/incidents/{id}', 'get', 200, () => get('/api/incidents/INC-1', bearer)],
  ['/api/incidents/{id}', 'get', 200, () => get('/api/incidents/INC-2', bearer)],
  ['/api/incidents/{id}', 'get', 404, () => get('/api/incidents/INC-9', bearer)],
  ['/api/incidents/{id}', 'delete', 200, () => del('/api/incidents/INC-1', bearer)],
  ['/api/incidents/{id}', 'delete', 404, () => del('/api/incidents/INC-9', bearer)],
  ['/api/incidents/{id}', 'delete', 401, () => del('/api/incidents/INC-1')],
  ['/api/incidents/{id}/context', 'get', 200, () => get('/api/incidents/INC-1/context?maxTokens=5000', bearer)],
  ['/api/incidents/{id}/context', 'get', 400, () => get('/api/incidents/INC-1/context?maxTokens=1', bearer)],
  ['/api/incidents/{id}/context', 'get', 404, () => get('/api/incidents/INC-2/context', bearer)],
  ['/api/incidents/{id}/feedback', 'post', 200, () => post('/api/incidents/INC-1/feedback', verdict, bearer)],
  ['/api/incidents/{id}/feedback', 'post', 400, () => post('/api/incidents/INC-1/feedback', {}, bearer)],
  ['/api/incidents/{id}/feedback', 'post', 404, () => post('/api/incidents/INC-9/feedback', verdict, bearer)],
  [
    '/api/incidents/{id}/feedback',
    'post',
    415,
    () => post('/api/incidents/INC-1/feedback', 'x', { ...bearer, 'content-type': 'text/plain' }),
  ],
  ['/api/incidents/{id}/ticket', 'post', 202, () => post('/api/incidents/INC-1/ticket', {}, bearer)],
  ['/api/incidents/{id}/ticket', 'post', 404, () => post('/api/incidents/INC-9/ticket', {}, bearer)],
  ['/api/incidents/{id}/ticket', 'post', 401, () => post('/api/incidents/INC-1/ticket', {})],
  ['/api/dead-letters', 'get', 200, () => get('/api/dead-letters', bearer)],
  ['/api/dead-letters', 'get', 401, () => get('/api/dead-letters')],
  ['/api/dead-letters/replay', 'post', 200, () => post('/api/dead-letters/replay', { ids: ['round:INC-1'] }, bearer)],
  ['/api/dead-letters/replay', 'post', 400, () => post('/api/dead-letters/replay', { ids: 'all' }, bearer)],
  ['/api/map', 'get', 200, () => get('/api/map', bearer)],
  ['/api/map', 'get', 200, () => get('/api/map?limit=1', bearer)],
  ['/api/map', 'get', 400, () => get('/api/map?after=nonsense', bearer)],
  ['/api/schema/incident-context.json', 'get', 200, () => get('/api/schema/incident-context.json')],
  ['/webhook/event', 'post', 202, () => post('/webhook/event', event, bearer)],
  ['/webhook/event', 'post', 401, () => post('/webhook/event', event)],
];

describe('/openapi.json', () => {
  it.each(calls)('is true of %s %s %i', async (path, method, status, request) => {
    const answer = await http.fetch(request());
    expect(answer.status).toBe(status);
    check(path, method, status, await answer.json());
  });

  it('is walked whole: every operation is called, and none of the API is left out', () => {
    expect(described.openapi).toBe('3.1.0');
    const operations = Object.entries(described.paths).flatMap(([path, of]) => Object.keys(of).map((method) => `${method} ${path}`));
    expect(new Set(calls.map(([path, method]) => `${method} ${path}`))).toEqual(new Set(operations));
    const source = readFileSync(new URL('../../../src/surfaces/http/read-api.ts', import.meta.url), 'utf8');
    const routes = [...source.matchAll(/routes\.(get|post|put|delete|patch)\('(\/api[^']*)'/g)].map(
      ([, method, path]) => `${method} ${path?.replace(':id', '{id}')}`,
    );
    expect(routes.length).toBeGreaterThan(4);
    expect(operations).toEqual(expect.arrayContaining(routes));
  });

  it('names the parameters that the API reads', () => {
    const names = described.paths['/api/incidents']?.['get']?.parameters?.map(({ name }) => name);
    expect(names).toEqual(['state', 'service', 'limit', 'after']);
  });
});
