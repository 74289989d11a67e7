/** Reading channels: order, pages, threads, metadata, and who may. */
import { describe, expect, it } from 'vitest';
import { createWorkspace } from '../../../src/workspace/workspace.ts';
import { call, postText } from '../call.ts';

type Messages = readonly { text: string; ts: string; metadata?: unknown; reply_count?: number; latest_reply?: string }[];
const messagesOf = (answer: Record<string, unknown>) => answer['messages'] as Messages;

describe('conversations.history and replies', () => {
  it('gives roots newest first, page by page, with what is known of their threads', async () => {
    const workspace = createWorkspace();
    const roots = [];
    for (const text of ['a', 'b', 'c']) roots.push(await postText(workspace, text));
    const reply = await postText(workspace, 'reply', { thread_ts: roots[0] });
    await postText(workspace, 'loud', { thread_ts: roots[0], reply_broadcast: true });
    const first = await call(workspace, 'conversations.history', { channel: 'C0DEBUG', limit: 3 });
    expect(messagesOf(first).map((message) => message.text)).toEqual(['loud', 'c', 'b']);
    const cursor = (first['response_metadata'] as { next_cursor: string }).next_cursor;
    const rest = await call(workspace, 'conversations.history', { channel: 'C0DEBUG', limit: 3, cursor });
    expect(rest).toMatchObject({ has_more: false, messages: [{ text: 'a', thread_ts: roots[0], reply_count: 2 }] });
    const thread = await call(workspace, 'conversations.replies', { channel: 'C0DEBUG', ts: reply });
    expect(messagesOf(thread).map((message) => message.text)).toEqual(['a', 'reply', 'loud']);
  });

  it('cuts by oldest and latest, inclusive on demand', async () => {
    const workspace = createWorkspace();
    const [a, b, c] = [await postText(workspace, 'a'), await postText(workspace, 'b'), await postText(workspace, 'c')];
    const texts = async (args: Record<string, unknown>) =>
      messagesOf(await call(workspace, 'conversations.history', { channel: 'C0DEBUG', ...args })).map((message) => message.text);
    expect(await texts({ oldest: a })).toEqual(['c', 'b']);
    expect(await texts({ oldest: a, latest: c })).toEqual(['b']);
    expect(await texts({ oldest: b, latest: b, inclusive: true })).toEqual(['b']);
  });

  it('tells metadata only when asked', async () => {
    const workspace = createWorkspace();
    const metadata = { event_type: 'tracepulse_incident', event_payload: { incident_id: 'inc-1' } };
    await postText(workspace, 'a', { metadata });
    expect(messagesOf(await call(workspace, 'conversations.history', { channel: 'C0DEBUG' }))[0]).not.toHaveProperty('metadata');
    expect(messagesOf(await call(workspace, 'conversations.history', { channel: 'C0DEBUG', include_all_metadata: true }))[0]).toMatchObject(
      { metadata },
    );
  });

  it('is for members, and a thread must exist', async () => {
    const workspace = createWorkspace();
    expect(await call(workspace, 'conversations.history', { channel: 'C0GENERAL' })).toMatchObject({ error: 'not_in_channel' });
    expect(await call(workspace, 'conversations.replies', { channel: 'C0DEBUG', ts: '1.1' })).toMatchObject({ error: 'thread_not_found' });
    workspace.inviteApp('ana', 'general');
    expect(await call(workspace, 'conversations.history', { channel: 'C0GENERAL' })).toMatchObject({ ok: true, messages: [] });
  });

  it('hides private channels without the app', async () => {
    const workspace = createWorkspace({ channels: [{ name: 'secret', hasApp: false, isPrivate: true }] });
    expect(await call(workspace, 'conversations.info', { channel: 'C0SECRET' })).toMatchObject({ error: 'channel_not_found' });
    expect(await call(workspace, 'conversations.list', { types: 'public_channel,private_channel' })).toMatchObject({ channels: [] });
  });
});

describe('people and conversations', () => {
  it('lists channels and people in pages', async () => {
    const workspace = createWorkspace();
    const list = await call(workspace, 'conversations.list', { limit: 1 });
    expect(list).toMatchObject({ channels: [{ id: 'C0DEBUG', is_member: true }] });
    const cursor = (list['response_metadata'] as { next_cursor: string }).next_cursor;
    expect(await call(workspace, 'conversations.list', { limit: 1, cursor })).toMatchObject({
      channels: [{ id: 'C0GENERAL', is_member: false }],
      response_metadata: { next_cursor: '' },
    });
    expect(await call(workspace, 'users.conversations')).toMatchObject({ channels: [{ id: 'C0DEBUG' }] });
    expect(await call(workspace, 'users.info', { user: 'U0ANA' })).toMatchObject({
      user: { name: 'ana', profile: { email: 'ana@example.com' } },
    });
    expect(await call(workspace, 'users.lookupByEmail', { email: 'BEN@example.com' })).toMatchObject({ user: { id: 'U0BEN' } });
    expect(await call(workspace, 'users.info', { user: 'U0NOBODY' })).toMatchObject({ error: 'user_not_found' });
    expect(((await call(workspace, 'users.list'))['members'] as unknown[]).length).toBe(5);
  });

  it('opens one direct message per person', async () => {
    const workspace = createWorkspace();
    const [first, second] = [
      await call(workspace, 'conversations.open', { users: 'U0ANA' }),
      await call(workspace, 'conversations.open', { users: 'U0ANA' }),
    ];
    expect(first).toEqual(second);
    expect(await call(workspace, 'conversations.open', { users: 'U0NOBODY' })).toMatchObject({ error: 'user_not_found' });
    expect(await call(workspace, 'conversations.open', {})).toMatchObject({ error: 'users_list_not_supplied' });
  });
});
