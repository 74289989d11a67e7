import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPage, type Page } from '../../../src/workspace/page/page.ts';
import type { PageHistory, PageState } from '../../../src/workspace/page/wire.ts';
import { createWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';

const origin = 'http://localhost:3000';
let workspace: Workspace;
let page: Page;

beforeEach(() => {
  workspace = createWorkspace();
  page = createPage(workspace);
});
afterEach(() => {
  page.close();
  workspace.close();
});

async function ask(path: string, init: RequestInit & { readonly host?: string; readonly address?: string } = {}): Promise<Response> {
  const { host, address, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (host !== undefined) headers.set('host', host);
  const response = await page.handle(new Request(`${origin}${path}`, { redirect: 'manual', ...rest, headers }), address);
  if (response === null) throw new Error(`${path} is not the page's`);
  return response;
}

/** A browser: keeps the cookie, knows the token. */
async function visitor(cookie?: string) {
  const held = cookie ?? ((await ask('/chat')).headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const get = (path: string): Promise<Response> => ask(path, { headers: { cookie: held } });
  const state = async (): Promise<PageState> => (await (await get('/chat/api/state')).json()) as PageState;
  const { csrf } = await state();
  const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    ask(`/chat/api/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { cookie: held, 'content-type': 'application/json', 'x-csrf-token': csrf, ...headers },
    });
  return { cookie: held, get, post, state, csrf };
}

const logIn = (name: string, password: string, more: object = {}): Promise<Response> =>
  ask('/chat/login', { method: 'POST', body: new URLSearchParams({ name, password }), ...more });

describe('createPage', () => {
  it('leaves every other path to others', async () => {
    expect(await page.handle(new Request(`${origin}/chatter`))).toBeNull();
    expect(await page.handle(new Request(`${origin}/api/chat`))).toBeNull();
  });

  it('serves the page under a policy without inline scripts', async () => {
    const response = await ask('/chat');
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(await response.text()).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
  });

  it('serves its scripts without types, its styles, and no other file', async () => {
    const script = await ask('/chat/assets/client/main.ts');
    expect(script.headers.get('content-type')).toContain('text/javascript');
    const source = await script.text();
    expect(source).toContain('async function start()');
    expect(source).not.toMatch(/import type|: Promise</);
    expect((await ask('/chat/assets/styles/page.css')).headers.get('content-type')).toContain('text/css');
    const paths = ['server/page.ts', '..%2f..%2fworkspace.ts', 'client%2f..%2fserver/session.ts', 'client/tsconfig.json', 'index.html'];
    for (const path of paths) expect((await ask(`/chat/assets/${path}`)).status, path).toBe(404);
  });

  it('answers an unchanged file in short', async () => {
    const etag = (await ask('/chat/assets/styles/page.css')).headers.get('etag') ?? '';
    expect((await ask('/chat/assets/styles/page.css', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('lets a person speak, and lets them act as another', async () => {
    const ana = await visitor();
    expect(await (await ana.post('say', { channel: 'C0DEBUG', text: 'hello @ben', threadTs: null })).json()).toEqual({ ok: true });
    expect(workspace.messages('debug').at(-1)).toMatchObject({ user: 'U0ANA', text: 'hello <@U0BEN>' });
    const switched = await ana.post('act-as', { person: 'U0BEN' });
    const ben = await visitor((switched.headers.get('set-cookie') ?? '').split(';')[0]);
    await ben.post('say', { channel: 'C0DEBUG', text: 'hi', threadTs: null });
    expect(workspace.messages('debug').at(-1)?.user).toBe('U0BEN');
  });

  it.each([
    { name: 'without its token', headers: { 'x-csrf-token': '' }, status: 403 },
    { name: 'with a wrong token', headers: { 'x-csrf-token': 'x' }, status: 403 },
    { name: 'from another site', headers: { origin: 'https://evil.example' }, status: 403 },
    { name: 'that the browser calls cross-site', headers: { 'sec-fetch-site': 'cross-site' }, status: 403 },
    { name: 'that is no JSON by its type', headers: { 'content-type': 'text/plain' }, status: 415 },
  ])('refuses a write $name', async ({ headers, status }) => {
    const ana = await visitor();
    expect((await ana.post('say', { channel: 'C0DEBUG', text: 'x', threadTs: null }, headers)).status).toBe(status);
    expect(workspace.messages('debug')).toEqual([]);
  });

  it.each([
    { name: 'a body of another shape', path: 'say', body: { channel: 1 }, status: 400 },
    { name: 'an act nobody knows', path: 'constructor', body: {}, status: 404 },
    { name: 'too much', path: 'say', body: { channel: 'C0DEBUG', text: 'x'.repeat(500_000), threadTs: null }, status: 413 },
  ])('refuses $name', async ({ path, body, status }) => expect((await (await visitor()).post(path, body)).status).toBe(status));

  it("says in a sentence what Slack's client would not let happen", async () => {
    const ana = await visitor();
    expect(await (await ana.post('command', { channel: 'C0DEBUG', line: '/nonsense', threadTs: null })).json()).toEqual({
      ok: false,
      message: '/nonsense is not a valid command.',
    });
    expect(await (await ana.post('command', { channel: 'C0DEBUG', line: '/tracepulse help', threadTs: null })).json()).toEqual({
      ok: false,
      message: 'The app is not connected right now, so it could not hear this.',
    });
  });

  it('shows direct messages, private channels and ephemerals to those they are for', async () => {
    const secret = workspace.createChannel('ben', 'secret', { isPrivate: true });
    workspace.say({ user: 'ben', channel: 'secret', text: 'psst' });
    workspace.sayDirectly('ben', 'between us');
    const ana = await visitor();
    const { channels } = await ana.state();
    expect(channels.map((channel) => channel.name).sort()).toEqual(['TracePulse', 'debug', 'general']);
    expect((await ana.get(`/chat/api/messages?channel=${secret.id}`)).status).toBe(404);
    expect((await ana.get(`/chat/api/messages?channel=${workspace.directMessage('ben').id}`)).status).toBe(404);
    expect((await ana.get(`/chat/api/thread?channel=${secret.id}&ts=1`)).status).toBe(404);
    expect((await ana.get('/chat/api/messages?channel=C0DEBUG')).status).toBe(200);
  });

  it('gives the last hundred messages, and earlier ones when asked', async () => {
    for (let count = 0; count < 130; count += 1) workspace.say({ user: 'ana', channel: 'debug', text: `message ${count}` });
    const ana = await visitor();
    const last = (await (await ana.get('/chat/api/messages?channel=C0DEBUG')).json()) as PageHistory;
    expect(last.messages.map((message) => message.text).slice(0, 1)).toEqual(['message 30']);
    expect(last.hasEarlier).toBe(true);
    const earlier = (await (await ana.get(`/chat/api/messages?channel=C0DEBUG&before=${last.messages[0]?.ts}`)).json()) as PageHistory;
    expect([earlier.messages.length, earlier.hasEarlier]).toEqual([30, false]);
  });

  it('keeps foreign names away where there is no password', async () => {
    for (const host of ['evil.example', 'evil.example:3000', '10.0.0.7:3000'])
      expect((await ask('/chat', { host })).status, host).toBe(403);
    for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000']) expect((await ask('/chat', { host })).status, host).toBe(200);
  });

  it('hands a file that is no picture over as a download', async () => {
    const ana = await visitor();
    expect((await ana.get('/chat/files/F0NONE')).status).toBe(404);
  });
});

describe('createPage with a password', () => {
  beforeEach(() => {
    page.close();
    page = createPage(workspace, { password: 'correct horse', now: () => 0 });
  });

  it('shows nothing before the login', async () => {
    expect((await ask('/chat')).headers.get('location')).toBe('/chat/login');
    for (const path of ['/chat/api/state', '/chat/stream', '/chat/files/F1', '/chat/api/messages?channel=C0DEBUG'])
      expect((await ask(path)).status, path).toBe(401);
    expect((await ask('/chat/login')).status).toBe(200);
  });

  it('lets a person in under their own name, which is theirs from then on', async () => {
    const response = await logIn('Zoë Q', 'correct horse');
    expect(response.status).toBe(303);
    const zoe = await visitor((response.headers.get('set-cookie') ?? '').split(';')[0]);
    const state = await zoe.state();
    expect(state.people.find((person) => person.id === state.me)).toMatchObject({ name: 'zoë.q', realName: 'Zoë Q' });
    expect(state.channels.every((channel) => channel.isMember)).toBe(true);
    await zoe.post('say', { channel: 'C0DEBUG', text: 'here', threadTs: null });
    expect(workspace.messages('debug').at(-1)?.user).toBe(state.me);
    const again = await visitor(((await logIn('Zoë Q', 'correct horse')).headers.get('set-cookie') ?? '').split(';')[0]);
    expect((await again.state()).me).toBe(state.me);
  });

  it.each([
    { asked: '/open/INC-1', to: '/open/INC-1' },
    { asked: '/open/INC-1/copilot', to: '/open/INC-1/copilot' },
    { asked: '//evil.example/', to: '/chat' },
    { asked: 'https://evil.example/open/INC-1', to: '/chat' },
    { asked: '/open/../chat/logout', to: '/chat' },
    { asked: '/open/INC-1\r\nset-cookie: a=b', to: '/chat' },
    { asked: '"><b>', to: '/chat' },
  ])('leads on to where somebody was going, as far as it is a page of ours: $asked', async ({ asked, to }) => {
    const shown = await (await ask(`/chat/login?${new URLSearchParams({ next: asked })}`)).text();
    expect(/name="next" value="([^"]*)"/.exec(shown)?.[1]).toBe(to);
    const sent = (password: string) =>
      ask('/chat/login', { method: 'POST', body: new URLSearchParams({ name: 'zoe', password, next: asked }) });
    expect(await (await sent('wrong')).text()).toContain(`name="next" value="${to}"`);
    expect((await sent('correct horse')).headers.get('location')).toBe(to);
  });

  it('does not let anybody act as somebody else', async () => {
    const zoe = await visitor(((await logIn('zoe', 'correct horse')).headers.get('set-cookie') ?? '').split(';')[0]);
    const response = await zoe.post('act-as', { person: 'U0ANA' });
    expect(await response.json()).toMatchObject({ ok: false });
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it.each([
    { name: 'a wrong password', person: 'ana', password: 'correct hors', status: 401 },
    { name: 'an empty name', person: ' ', password: 'correct horse', status: 400 },
    { name: 'markup as a name', person: '<b>', password: 'correct horse', status: 400 },
    { name: "the app's name", person: 'tracepulse', password: 'correct horse', status: 400 },
  ])('refuses $name, without a session', async ({ person, password, status }) => {
    const response = await logIn(person, password);
    expect([response.status, response.headers.get('set-cookie')]).toEqual([status, null]);
    expect(await response.text()).not.toContain('value="<b>');
  });

  it('slows guessing down, also for the right password', async () => {
    for (let tries = 0; tries < 5; tries += 1) expect((await logIn('ana', 'guess', { address: 'a' })).status).toBe(401);
    const response = await logIn('ana', 'correct horse', { address: 'a' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await logIn('ana', 'correct horse', { address: 'b' })).status).toBe(303);
  });

  it('refuses a login that another site sends', async () => {
    expect((await logIn('ana', 'correct horse', { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });

  it('logs out with a token, and the session is over', async () => {
    const ana = await visitor(((await logIn('ana', 'correct horse')).headers.get('set-cookie') ?? '').split(';')[0]);
    const out = (csrf: string): Promise<Response> =>
      ask('/chat/logout', { method: 'POST', body: new URLSearchParams({ csrf }), headers: { cookie: ana.cookie } });
    expect((await out('x')).status).toBe(403);
    expect((await out(ana.csrf)).headers.get('location')).toBe('/chat/login');
    expect((await ana.get('/chat/api/state')).status).toBe(401);
  });

  it('answers under any name', async () => expect((await ask('/chat/login', { host: 'chat.example' })).status).toBe(200));
});
