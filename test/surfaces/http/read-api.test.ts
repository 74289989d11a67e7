import { createHmac } from 'node:crypto';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { App, IncidentDetail } from '../../../src/app.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { emptyMap } from '../../../src/domain/service-map.ts';
import type { IncidentQuery } from '../../../src/ports.ts';
import { get, now, post, surface } from './fake-app.ts';
import { context, detail, unranked } from './incident-fixtures.ts';

const list = (incidents: IncidentDetail[], next: string | null = null) => {
  const queries: IncidentQuery[] = [];
  const verb: App['incidents'] = async (query) => {
    queries.push(query);
    return { incidents, next };
  };
  return { queries, incidents: verb };
};

describe('GET /api/incidents', () => {
  it('lists incidents with their hypotheses and verdicts', async () => {
    const answer = await surface(list([detail, unranked])).fetch(get('/api/incidents'));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      incidents: [
        {
          id: 'INC-1',
          title: expect.stringMatching(/^Orders fail, password=\[secret:\w+\]$/),
          state: 'open',
          severity: 'critical',
          service: 'checkout',
          startedAt: '2026-11-25T10:00:00.000Z',
          updatedAt: '2026-11-25T10:00:05.000Z',
          verdict: 'cause',
          hypotheses: [{ id: 'h1', service: 'payment', kind: 'error', confidence: 0.9, feedback: { confirm: 1, reject: 2 } }],
        },
        expect.objectContaining({ id: 'INC-2', verdict: null, hypotheses: [] }),
      ],
    });
  });

  it('hands the query on and says where the next page begins', async () => {
    const { queries, incidents } = list([], 'cursor');
    const answer = await surface({ incidents }).fetch(get('/api/incidents?state=resolved&service=cart&limit=5&after=x&other=y'));
    expect(await answer.json()).toEqual({ incidents: [], next: 'cursor' });
    expect(queries).toEqual([{ state: 'resolved', service: 'cart', limit: 5, after: 'x' }]);
  });

  it.each(['state=burning', 'limit=0', 'limit=1000', 'limit=many', 'service='])('refuses %s', async (query) => {
    const answer = await surface({}).fetch(get(`/api/incidents?${query}`));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'bad_request', path: query.split('=')[0] } });
  });
});

describe('GET /api/incidents/{id}', () => {
  it('adds alerts, deliveries under the names of their systems, and feedback', async () => {
    const answer = await surface({ incident: async () => detail }).fetch(get('/api/incidents/INC-1'));
    const body = await answer.json();
    expect(body).toMatchObject({
      id: 'INC-1',
      summary: 'payment fails',
      alerts: [{ fingerprint: 'f1', startsAt: '2026-11-25T10:00:00.000Z', endsAt: null, labels: { service: 'checkout' } }],
      deliveries: [
        { sink: 'slack', channel: '#debug', channelId: 'C1', ts: '1.2', url: 'https://slack.example/1', at: '2026-11-25T10:00:01.000Z' },
        { sink: 'jira', channel: 'OPS', jiraKey: 'OPS-7' },
        { sink: 'email', channel: 'oncall@example.net', mailId: '<a@b>' },
      ],
      feedback: [
        {
          hypothesis: 'h1',
          service: 'payment',
          verdict: 'confirm',
          person: 'slack:U1',
          note: expect.stringContaining('it was token=[secret:'),
        },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('is 404 for one that is not there', async () => {
    const answer = await surface({ incident: async () => null }).fetch(get('/api/incidents/INC-9'));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('GET /api/incidents/{id}/context', () => {
  const http = surface({ context: async (id) => (id === 'INC-1' ? context : null) });

  it('answers the context as the schema says', async () => {
    const schema = await (await http.fetch(get('/api/schema/incident-context.json'))).json();
    const body = await (await http.fetch(get('/api/incidents/INC-1/context'))).json();
    const ajv = new Ajv2020.default({ strict: false });
    addFormats.default(ajv);
    const isValid = ajv.compile(schema as object);
    expect(isValid(body)).toBe(true);
    expect(body).toEqual(context);
    expect(isValid({ ...(body as object), verdict: 'maybe' })).toBe(false);
  });

  it('is cut to the tokens that are asked for, and says so', async () => {
    const answer = await http.fetch(get('/api/incidents/INC-1/context?maxTokens=600'));
    const text = await answer.text();
    expect(text.length / 3).toBeLessThanOrEqual(600);
    expect(JSON.parse(text).flags.truncated).toContain('map');
  });

  it('is 404 before the first ranking and 400 for a senseless size', async () => {
    expect((await http.fetch(get('/api/incidents/INC-2/context'))).status).toBe(404);
    expect((await http.fetch(get('/api/incidents/INC-1/context?maxTokens=-1'))).status).toBe(400);
  });
});

describe('POST /api/incidents/{id}/feedback', () => {
  it('stores a verdict and answers with the incident after it', async () => {
    const votes: unknown[] = [];
    const vote: App['vote'] = async (request) => {
      votes.push(request);
      return detail;
    };
    const http = surface({ vote, incident: async () => detail });
    const answer = await http.fetch(
      post('/api/incidents/INC-1/feedback', { hypothesis: 'h1', verdict: 'reject', actualService: 'cart', note: 'n', extra: 1 }),
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: 'INC-1', hypotheses: [{ feedback: { confirm: 1, reject: 2 } }] });
    expect(votes).toEqual([
      { incidentId: 'INC-1', hypothesisId: 'h1', verdict: 'reject', person: 'api:local', actualService: 'cart', note: 'n' },
    ]);
  });

  it.each([
    { body: { verdict: 'reject' }, path: 'hypothesis' },
    { body: { hypothesis: 'h1', verdict: 'maybe' }, path: 'verdict' },
    { body: { hypothesis: 'h1', verdict: 'confirm', actualService: 7 }, path: 'actualService' },
    { body: { hypothesis: 'h1', verdict: 'confirm', note: 'x'.repeat(3_000) }, path: 'note' },
  ])('refuses a wrong $path', async ({ body, path }) => {
    const answer = await surface({}).fetch(post('/api/incidents/INC-1/feedback', body));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { path } });
  });

  it('refuses what is not JSON, an unknown incident and an unknown hypothesis', async () => {
    const vote = async () => {
      throw new Failure('rejected', 'vote', 'store', { hint: 'no such hypothesis', path: 'hypothesis' });
    };
    const http = surface({ incident: async (id) => (id === 'INC-1' ? detail : null), vote });
    const good = { hypothesis: 'h9', verdict: 'confirm' };
    expect((await http.fetch(post('/api/incidents/INC-1/feedback', '{'))).status).toBe(400);
    expect((await http.fetch(post('/api/incidents/INC-1/feedback', good, { 'content-type': 'text/plain' }))).status).toBe(415);
    expect((await http.fetch(post('/api/incidents/INC-9/feedback', good))).status).toBe(404);
    expect((await http.fetch(post('/api/incidents/INC-1/feedback', good))).status).toBe(400);
  });
});

describe('GET /api/map', () => {
  it('answers services and edges with times people can read', async () => {
    const map = {
      services: [{ name: 'cart', kind: 'service' as const, firstSeenAt: now, lastSeenAt: now, versions: ['v1'], instances: [] }],
      edges: [{ caller: 'a', callee: 'cart', calls: 2, errors: 1, p50Ms: 1, p95Ms: 2, sources: ['span' as const], lastSeenAt: now }],
    };
    const body = await (await surface({ map: async () => map }).fetch(get('/api/map'))).json();
    expect(body).toMatchObject({
      services: [{ name: 'cart', firstSeenAt: '2026-11-25T10:00:00.000Z' }],
      edges: [{ caller: 'a', callee: 'cart', calls: 2, lastSeenAt: '2026-11-25T10:00:00.000Z' }],
    });
  });
});

describe('GET /api/map in pages', () => {
  const edge = (caller: string, callee: string) => ({
    caller,
    callee,
    calls: 1,
    errors: 0,
    p50Ms: null,
    p95Ms: null,
    sources: ['span' as const],
    lastSeenAt: now,
  });
  const service = (name: string) => ({ name, kind: 'service' as const, firstSeenAt: now, lastSeenAt: now, versions: [], instances: [] });
  const names = ['a', 'b', 'c', 'd', 'lonely'];
  const map = { services: names.map(service), edges: [edge('c', 'd'), edge('a', 'b'), edge('b', 'c'), edge('a', 'c'), edge('b', 'd')] };
  const http = surface({ map: async () => map });

  it.each([1, 2, 3, 5, 50])('gives each edge once, %i at a time, and every service', async (limit) => {
    const edges: string[] = [];
    const services = new Set<string>();
    let after = '';
    for (let pages = 0; pages < 10; pages++) {
      const answer = (await (await http.fetch(get(`/api/map?limit=${limit}${after}`))).json()) as {
        services: { name: string }[];
        edges: { caller: string; callee: string }[];
        next?: string;
      };
      expect(answer.edges.length).toBeLessThanOrEqual(limit);
      edges.push(...answer.edges.map(({ caller, callee }) => `${caller}${callee}`));
      for (const { name } of answer.services) services.add(name);
      for (const { caller, callee } of answer.edges)
        expect(answer.services.map(({ name }) => name)).toEqual(expect.arrayContaining([caller, callee]));
      if (answer.next === undefined) break;
      after = `&after=${encodeURIComponent(answer.next)}`;
    }
    expect(edges).toEqual(['ab', 'ac', 'bc', 'bd', 'cd']);
    expect([...services].sort()).toEqual(names);
  });

  it.each(['limit=0', 'limit=many', 'after=x', `after=${Buffer.from('[1,2]').toString('base64url')}`])('refuses %s', async (query) => {
    expect((await http.fetch(get(`/api/map?${query}`))).status).toBe(400);
  });
});

describe('a reader', () => {
  const verbs: Partial<App> = { map: async () => emptyMap };
  const jwtSecret = 'a-jwt-secret-that-is-32-bytes-long';

  function jwt(claims: object, header: object = { alg: 'HS256', typ: 'JWT' }, key = jwtSecret): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part(header)}.${part(claims)}`;
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
  }

  it('needs the API token where one is set; the webhook token does not do', async () => {
    const http = surface(verbs, { TRACEPULSE_API_TOKEN: 'the-api-token-here', TRACEPULSE_WEBHOOK_TOKEN: 'the-webhook-token' });
    const status = async (headers: Record<string, string>) => (await http.fetch(get('/api/map', headers))).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: 'Bearer the-webhook-token' })).toBe(401);
    expect(await status({ authorization: 'Bearer the-api-token-here' })).toBe(200);
  });

  it.each(['/api/incidents', '/api/incidents/INC-1', '/api/incidents/INC-1/context', '/api/map'])('needs it for %s', async (path) => {
    expect((await surface({}, { TRACEPULSE_JWT_SECRET: jwtSecret }).fetch(get(path))).status).toBe(401);
  });

  it.each([
    { name: 'a valid one', token: jwt({ sub: 'ann' }), status: 200 },
    { name: 'one that still lasts', token: jwt({ exp: now / 1_000 + 60, nbf: now / 1_000 - 60 }), status: 200 },
    { name: 'one that is over', token: jwt({ exp: now / 1_000 - 60 }), status: 401 },
    { name: 'one of tomorrow', token: jwt({ nbf: now / 1_000 + 86_400 }), status: 401 },
    { name: 'one whose end is no number', token: jwt({ exp: 'never' }), status: 401 },
    { name: 'one signed with another key', token: jwt({}, undefined, 'x'.repeat(32)), status: 401 },
    { name: 'one that claims no algorithm', token: jwt({}, { alg: 'none' }), status: 401 },
    { name: 'one without a signature', token: `${jwt({}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`, status: 401 },
    {
      name: 'one with claims changed',
      token: jwt({ sub: 'ann' }).replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"bob"}').toString('base64url')}.`),
      status: 401,
    },
    { name: 'junk', token: 'a.b.c', status: 401 },
  ])('with a JWT gets $status for $name', async ({ token, status }) => {
    const http = surface(verbs, { TRACEPULSE_JWT_SECRET: jwtSecret });
    expect((await http.fetch(get('/api/map', { authorization: `Bearer ${token}` }))).status).toBe(status);
  });

  it('is named by the subject of its JWT', async () => {
    const people: string[] = [];
    const vote: App['vote'] = async ({ person }) => {
      people.push(person);
      return detail;
    };
    const http = surface({ vote, incident: async () => detail }, { TRACEPULSE_JWT_SECRET: jwtSecret });
    const headers = { authorization: `Bearer ${jwt({ sub: 'ann' })}` };
    await http.fetch(post('/api/incidents/INC-1/feedback', { hypothesis: 'h1', verdict: 'confirm' }, headers));
    expect(people).toEqual(['api:ann']);
  });

  it('with a token of its own may do what it is for, and is named by it', async () => {
    const people: string[] = [];
    const vote: App['vote'] = async ({ person }) => {
      people.push(person);
      return detail;
    };
    const tokens = [
      { name: 'dashboard', token: 'a-token-that-reads', scopes: ['read'] as const },
      { name: 'release-bot', token: 'a-token-that-judges', scopes: ['read', 'feedback'] as const },
    ].map(({ scopes, ...token }) => ({ ...token, scopes: [...scopes] }));
    const http = surface({ ...verbs, vote, incident: async () => detail }, { TRACEPULSE_API_TOKENS: tokens });
    const read = (token: string) => http.fetch(get('/api/map', { authorization: `Bearer ${token}` }));
    const judge = (token: string) =>
      http.fetch(post('/api/incidents/INC-1/feedback', { hypothesis: 'h1', verdict: 'confirm' }, { authorization: `Bearer ${token}` }));
    expect((await http.fetch(get('/api/map'))).status).toBe(401);
    expect((await read('a-token-of-nobody')).status).toBe(401);
    expect((await read('a-token-that-reads')).status).toBe(200);
    expect((await judge('a-token-that-reads')).status).toBe(403);
    expect((await judge('a-token-that-judges')).status).toBeLessThan(300);
    expect(people).toEqual(['api:release-bot']);
  });

  it.each([
    ['http://localhost:3000', 200],
    ['http://127.0.0.1:3000', 200],
    ['http://[::1]:3000', 200],
    ['http://evil.example', 403],
    ['http://localhost.evil.example', 403],
  ])('without any token may ask as %s: %d', async (origin, status) => {
    expect((await surface(verbs).fetch(new Request(`${origin}/api/map`))).status).toBe(status);
  });
});
