/** Incidents through the API: listed, one with all that is kept of it, its context for a machine, and a verdict on it. */
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { App, IncidentDetail } from '../../../src/app.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { IncidentQuery } from '../../../src/ports.ts';
import { get, post, surface } from './fake-app.ts';
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

  it.each([
    { query: 'state=burning', says: 'must be one of open, resolved, muted' },
    { query: 'limit=0', says: 'must be at least 1' },
    { query: 'limit=1000', says: 'must be at most 200' },
    { query: 'limit=many', says: 'must be a number' },
    { query: 'limit=2.5', says: 'must be a whole number' },
    { query: 'service=', says: 'must be at least 1 characters long' },
  ])('refuses $query in words', async ({ query, says }) => {
    const answer = await surface({}).fetch(get(`/api/incidents?${query}`));
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { code: string; path: string; message: string } };
    expect(error).toMatchObject({ code: 'bad_request', path: query.split('=')[0] });
    expect(error.message.endsWith(says)).toBe(true);
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
