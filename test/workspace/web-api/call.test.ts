/** Tokens, scopes, faults, rates and how arguments arrive: what holds for every method. */
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/workspace/clock.ts';
import { defaultManifest } from '../../../src/workspace/manifest.ts';
import { createWorkspace } from '../../../src/workspace/workspace.ts';
import { call, request } from '../call.ts';

const withScopes = (...bot: string[]) => ({ ...defaultManifest, oauth_config: { scopes: { bot } }, settings: {}, features: {} });

describe('a call of the Web API', () => {
  it.each([
    ['a wrong token', 'auth.test', 'other', 'invalid_auth'],
    ['the app token where a bot token is asked for', 'chat.postMessage', 'app', 'not_allowed_token_type'],
    ['the bot token for a socket', 'apps.connections.open', 'bot', 'not_allowed_token_type'],
    ['an unknown method', 'chat.shout', 'bot', 'unknown_method'],
    ['a method of Object', 'constructor', 'bot', 'unknown_method'],
  ])('refuses %s', async (_name, method, kind, error) => {
    const workspace = createWorkspace();
    const token = kind === 'other' ? createWorkspace().tokens.bot : kind === 'app' ? workspace.tokens.app : workspace.tokens.bot;
    expect(await call(workspace, method, {}, token)).toMatchObject({ ok: false, error });
  });

  it('refuses a call without any token, and takes one in the body', async () => {
    const workspace = createWorkspace();
    const send = (body: string) =>
      workspace.handle(
        new Request('http://w.invalid/api/auth.test', { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
      );
    expect(await (await send('{}')).json()).toMatchObject({ error: 'not_authed' });
    expect(await (await send(JSON.stringify({ token: workspace.tokens.bot }))).json()).toMatchObject({
      ok: true,
      user_id: 'U0TRACE',
      team_id: 'T0WORK',
    });
  });

  it('takes the same arguments as form, as JSON and as multipart', async () => {
    const workspace = createWorkspace();
    const blocks = [{ type: 'divider' }];
    const headers = { authorization: `Bearer ${workspace.tokens.bot}` };
    const form = new FormData();
    form.set('channel', 'C0DEBUG');
    form.set('text', 'x');
    form.set('blocks', JSON.stringify(blocks));
    const json = {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ channel: 'C0DEBUG', text: 'x', blocks }),
    };
    await call(workspace, 'chat.postMessage', { channel: 'C0DEBUG', text: 'x', blocks });
    await workspace.handle(new Request('http://w.invalid/api/chat.postMessage', json));
    await workspace.handle(new Request('http://w.invalid/api/chat.postMessage', { method: 'POST', headers, body: form }));
    expect(workspace.messages('debug').map((message) => [message.text, message.blocks[0]?.['type']])).toEqual(
      Array(3).fill(['x', 'divider']),
    );
  });

  it('refuses bodies that are not JSON', async () => {
    const workspace = createWorkspace();
    const send = (body: string) =>
      workspace.handle(
        new Request('http://w.invalid/api/auth.test', { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
      );
    expect(await (await send('{')).json()).toMatchObject({ error: 'invalid_json' });
    expect(await (await send('[]')).json()).toMatchObject({ error: 'json_not_object' });
  });

  it('names the scope that is missing and those that are there', async () => {
    const workspace = createWorkspace({ manifest: withScopes('chat:write', 'channels:read') });
    expect(await call(workspace, 'users.list')).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'users:read',
      provided: 'chat:write,channels:read',
    });
    expect(await call(workspace, 'conversations.list', { types: 'public_channel,im' })).toMatchObject({
      error: 'missing_scope',
      needed: 'im:read',
    });
    expect(await call(workspace, 'conversations.list')).toMatchObject({ ok: true });
    expect((await request(workspace, 'auth.test', {})).headers.get('x-oauth-scopes')).toBe('chat:write,channels:read');
  });

  it('grants optional scopes only when told so', async () => {
    const manifest = {
      ...defaultManifest,
      oauth_config: { scopes: { ...defaultManifest.oauth_config.scopes, bot_optional: ['channels:join'] } },
    };
    expect(await call(createWorkspace({ manifest }), 'conversations.join', { channel: 'C0GENERAL' })).toMatchObject({
      error: 'missing_scope',
    });
    expect(
      await call(createWorkspace({ manifest, grantOptionalScopes: true }), 'conversations.join', { channel: 'C0GENERAL' }),
    ).toMatchObject({ ok: true });
  });

  it('refuses a manifest that subscribes without the scope to read', () => {
    const manifest = {
      settings: { event_subscriptions: { bot_events: ['message.im'] } },
      oauth_config: { scopes: { bot: ['chat:write'] } },
    };
    expect(() => createWorkspace({ manifest })).toThrow('message.im needs im:history');
  });

  it('answers token_revoked after the installation was taken back', async () => {
    const workspace = createWorkspace();
    workspace.revokeTokens();
    expect(await call(workspace, 'auth.test')).toMatchObject({ error: 'token_revoked' });
    workspace.restoreTokens();
    expect(await call(workspace, 'auth.test')).toMatchObject({ ok: true });
  });
});

describe('trouble on demand', () => {
  it('meets each kind of fault as often as asked', async () => {
    const workspace = createWorkspace();
    const post = () => request(workspace, 'chat.postMessage', { channel: 'C0DEBUG', text: 'x' });
    workspace.faults.inject('chat.postMessage', { kind: 'server_error', status: 503 }, 2);
    expect((await post()).status).toBe(503);
    expect((await post()).status).toBe(503);
    workspace.faults.inject('*', { kind: 'rate_limited', retryAfterSeconds: 3 });
    const limited = await post();
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
    workspace.faults.inject('chat.postMessage', { kind: 'lost_request' });
    await expect(post()).rejects.toThrow('dropped');
    expect(workspace.messages('debug')).toHaveLength(0);
    workspace.faults.inject('chat.postMessage', { kind: 'lost_answer' });
    await expect(post()).rejects.toThrow('dropped');
    expect(workspace.messages('debug')).toHaveLength(1);
    expect((await post()).status).toBe(200);
  });

  it('asks a rule about every call', async () => {
    const workspace = createWorkspace();
    workspace.faults.setRule(({ method, count }) =>
      method === 'auth.test' && count % 2 === 1 ? { kind: 'refuse', error: 'internal_error' } : null,
    );
    const answers = [await call(workspace, 'auth.test'), await call(workspace, 'auth.test'), await call(workspace, 'auth.test')];
    expect(answers.map((answer) => answer.ok)).toEqual([true, false, true]);
  });

  it('limits posting to about one a second and channel, by name or id, once switched on', async () => {
    const clock = manualClock(1_795_000_000_000);
    const workspace = createWorkspace({
      clock,
      channels: [
        { name: 'debug', hasApp: true },
        { name: 'other', hasApp: true },
      ],
    });
    const post = async (channel: string) => (await request(workspace, 'chat.postMessage', { channel, text: 'x' })).status;
    for (let index = 0; index < 10; index++) expect(await post('debug')).toBe(200);
    workspace.faults.limitRates(true);
    expect([await post('debug'), await post('#debug'), await post('C0DEBUG'), await post('debug')]).toEqual([200, 200, 200, 429]);
    expect(await post('other')).toBe(200);
    clock.advance(1_000);
    expect([await post('debug'), await post('debug')]).toEqual([200, 429]);
    expect(workspace.refusals().at(-1)).toMatchObject({ method: 'chat.postMessage', code: 'ratelimited' });
  });

  it('keeps what was refused, without the token', async () => {
    const workspace = createWorkspace();
    await call(workspace, 'chat.postMessage', { token: workspace.tokens.bot, channel: 'C0NOWHERE', text: 'x' });
    expect(workspace.refusals()).toMatchObject([
      { method: 'chat.postMessage', code: 'channel_not_found', sent: { channel: 'C0NOWHERE', text: 'x' } },
    ]);
    expect(JSON.stringify(workspace.refusals())).not.toContain(workspace.tokens.bot);
  });
});
