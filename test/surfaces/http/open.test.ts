import { describe, expect, it } from 'vitest';
import { createHttp, type Http } from '../../../src/surfaces/http/http.ts';
import type { HttpSettings, HttpTools } from '../../../src/surfaces/http/parts.ts';
import { reportPrompt } from '../../../src/domain/report-text.ts';
import { fakeApp, get, now } from './fake-app.ts';
import { context } from './incident-fixtures.ts';

const token = 'a-token-of-sufficient-length';
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}` });
const hostile = { ...context, summary: '</textarea><script>alert(1)</script> "quoted"' };
const log = { debug() {}, info() {}, warn() {}, error() {} };

function surface(settings: HttpSettings = {}, tools: Partial<HttpTools> = {}, shown = context): Http {
  const app = fakeApp({ context: async (id) => (id === 'INC-1' ? shown : null) });
  return createHttp(app, settings, { log, now: () => now, redact: (value) => ({ value }), ...tools });
}

const unescaped = (html: string) =>
  html
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
const linksIn = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => unescaped(href ?? ''));

describe('GET /open/{id}', () => {
  it('hands the incident on: to Cursor, to Copilot, by MCP, and as a prompt to be copied', async () => {
    const answer = await surface({ TRACEPULSE_URL: 'https://pulse.example/' }).fetch(get('/open/INC-1'));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await answer.text();
    const [cursor, copilot, install, code] = linksIn(html);
    expect(cursor).toMatch(/^cursor:\/\/anysphere\.cursor-deeplink\/prompt\?text=/);
    expect(new URL(cursor ?? '').searchParams.get('text')).toContain('A production incident needs a fix');
    expect(copilot).toBe('/open/INC-1/copilot');
    expect(atob(new URL(install ?? '').searchParams.get('config') ?? '')).toContain('"https://pulse.example/mcp"');
    expect(decodeURIComponent(code ?? '')).toContain('"https://pulse.example/mcp"');
    const prompt = unescaped(/<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(html)?.[1] ?? '');
    expect(prompt).toBe(reportPrompt(context));
  });

  it('says where it was reached when nothing else is known', async () => {
    const html = await (await surface().fetch(get('/open/INC-1'))).text();
    expect(decodeURIComponent(linksIn(html)[3] ?? '')).toContain('"http://localhost/mcp"');
  });

  it('shows text from outside as text, and runs and fetches nothing but its own', async () => {
    const answer = await surface({}, {}, hostile).fetch(get('/open/INC-1'));
    const html = await answer.text();
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<\/textarea>/g)).toHaveLength(1);
    const policy = answer.headers.get('content-security-policy') ?? '';
    const nonce = /<script nonce="([^"]+)"/.exec(html)?.[1];
    expect(policy).toContain(`script-src 'nonce-${nonce}'`);
    expect(policy).toContain("default-src 'none'");
    expect([answer.headers.get('cache-control'), answer.headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
  });

  it('gives Copilot its file', async () => {
    const answer = await surface().fetch(get('/open/INC-1/copilot'));
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="INC-1.prompt.md"');
    expect(await answer.text()).toContain('mode: agent');
  });

  it.each(['/open/INC-9', '/open/INC-9/copilot'])('has nothing at %s', async (path) => {
    expect((await surface().fetch(get(path))).status).toBe(404);
  });
});

describe('who may open it', () => {
  const secured = { TRACEPULSE_API_TOKEN: token };

  it.each(['/open/INC-1', '/open/INC-1/copilot'])('%s asks the browser for the token', async (path) => {
    const refused = await surface(secured).fetch(get(path));
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    expect(await refused.text()).not.toContain('cursor://');
    expect((await surface(secured).fetch(get(path, basic('wrong')))).status).toBe(401);
    expect((await surface(secured).fetch(get(path, basic(token)))).status).toBe(200);
  });

  it('takes the login of the workspace, and sends there who has no other', async () => {
    const withLogin = { isLoggedIn: (request: Request) => request.headers.get('cookie') === 'in' };
    const outside = await surface({}, withLogin).fetch(get('/open/INC-1'));
    expect([outside.status, outside.headers.get('location')]).toEqual([303, '/chat/login?next=%2Fopen%2FINC-1']);
    expect((await surface({}, withLogin).fetch(get('/open/INC-1', { cookie: 'in' }))).status).toBe(200);
    expect((await surface(secured, withLogin).fetch(get('/open/INC-1'))).status).toBe(401);
    expect((await surface(secured, withLogin).fetch(get('/open/INC-1', { cookie: 'in' }))).status).toBe(200);
  });

  it('is nobody under a foreign name while nothing guards it', async () => {
    expect((await surface().fetch(new Request('http://evil.example/open/INC-1'))).status).toBe(403);
  });
});
