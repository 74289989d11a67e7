/** Who may read and judge through the API: tokens, JWTs, scopes, and this machine alone where no secret is set. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { App } from '../../../src/app.ts';
import { emptyMap } from '../../../src/domain/service-map.ts';
import { get, now, post, surface } from './fake-app.ts';
import { detail } from './incident-fixtures.ts';

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
    {
      name: 'one that must be understood in a way we do not know',
      token: jwt({}, { alg: 'HS256', crit: ['b64'], b64: false }),
      status: 401,
    },
  ])('with a JWT gets $status for $name', async ({ token, status }) => {
    const http = surface(verbs, { TRACEPULSE_JWT_SECRET: jwtSecret });
    expect((await http.fetch(get('/api/map', { authorization: `Bearer ${token}` }))).status).toBe(status);
  });

  it.each([
    { name: 'no scope', claims: {}, read: 200, judge: 200 },
    { name: 'a word', claims: { scope: 'read' }, read: 200, judge: 403 },
    { name: 'two words', claims: { scope: 'read feedback' }, read: 200, judge: 200 },
    { name: 'a list', claims: { scope: ['read'] }, read: 200, judge: 403 },
    { name: 'an empty list', claims: { scope: [] }, read: 403, judge: 403 },
    { name: 'no words', claims: { scope: '' }, read: 403, judge: 403 },
    { name: 'null', claims: { scope: null }, read: 403, judge: 403 },
    { name: 'a number', claims: { scope: 1 }, read: 403, judge: 403 },
    { name: 'an object', claims: { scope: { read: true } }, read: 403, judge: 403 },
  ])('whose JWT has $name as its scope gets $read to read and $judge to judge', async ({ claims, read, judge }) => {
    const http = surface({ ...verbs, vote: async () => detail, incident: async () => detail }, { TRACEPULSE_JWT_SECRET: jwtSecret });
    const headers = { authorization: `Bearer ${jwt(claims)}` };
    expect((await http.fetch(get('/api/map', headers))).status).toBe(read);
    const judged = post('/api/incidents/INC-1/feedback', { hypothesis: 'h1', verdict: 'confirm' }, headers);
    expect((await http.fetch(judged)).status).toBe(judge);
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
