/** Posting, editing, deleting: who may, where, and what is left afterwards. */
import { describe, expect, it } from 'vitest';
import { defaultManifest } from '../../../src/workspace/manifest.ts';
import { createWorkspace } from '../../../src/workspace/workspace.ts';
import { call, postText } from '../call.ts';

const section = { type: 'section', text: { type: 'mrkdwn', text: 'x' } };

describe('chat.postMessage', () => {
  it.each([
    ['a channel that is not there', { channel: 'C0NOWHERE', text: 'x' }, 'channel_not_found'],
    ['a channel without the app', { channel: '#general', text: 'x' }, 'not_in_channel'],
    ['nothing to say', { channel: 'C0DEBUG' }, 'no_text'],
    ['blank text', { channel: 'C0DEBUG', text: '  ' }, 'no_text'],
    ['no channel', { text: 'x' }, 'invalid_arguments'],
    ['blocks that are no list', { channel: 'C0DEBUG', text: 'x', blocks: '{}' }, 'invalid_blocks_format'],
    ['blocks that are no JSON', { channel: 'C0DEBUG', text: 'x', blocks: '[' }, 'invalid_blocks_format'],
    ['a thread that is not there', { channel: 'C0DEBUG', text: 'x', thread_ts: '1.000001' }, 'thread_not_found'],
    ['metadata without a name', { channel: 'C0DEBUG', text: 'x', metadata: { event_payload: {} } }, 'invalid_metadata_format'],
    [
      'metadata nested twice',
      { channel: 'C0DEBUG', text: 'x', metadata: { event_type: 'e', event_payload: { a: { b: { c: 1 } } } } },
      'invalid_metadata_format',
    ],
    ['markdown next to text', { channel: 'C0DEBUG', text: 'x', markdown_text: 'y' }, 'markdown_text_conflict'],
  ])('refuses %s', async (_name, args, error) => {
    const workspace = createWorkspace();
    expect(await call(workspace, 'chat.postMessage', args)).toMatchObject({ ok: false, error });
    expect(workspace.messages('debug')).toEqual([]);
  });

  it('points to what is wrong in blocks', async () => {
    const blocks = [section, { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_001) } }];
    expect(await call(createWorkspace(), 'chat.postMessage', { channel: 'C0DEBUG', text: 'x', blocks })).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors: ['must be less than 3001 characters [json-pointer:/blocks/1/text/text]'],
      response_metadata: { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]'] },
    });
  });

  it('speaks in a channel by id, name and #name, in private to a person, uninvited only with the scope', async () => {
    const workspace = createWorkspace();
    for (const channel of ['C0DEBUG', 'debug', '#debug'])
      expect(await call(workspace, 'chat.postMessage', { channel, text: 'x' })).toMatchObject({ ok: true, channel: 'C0DEBUG' });
    const direct = await call(workspace, 'chat.postMessage', { channel: 'U0ANA', text: 'psst' });
    expect(workspace.directMessage('ana').id).toBe(direct['channel']);
    const scopes = { bot: [...defaultManifest.oauth_config.scopes.bot, 'chat:write.public'] };
    const open = createWorkspace({ manifest: { ...defaultManifest, oauth_config: { scopes } } });
    expect(await call(open, 'chat.postMessage', { channel: 'general', text: 'x' })).toMatchObject({ ok: true });
  });

  it('is refused in an archived channel', async () => {
    const workspace = createWorkspace();
    workspace.archiveChannel('debug');
    expect(await call(workspace, 'chat.postMessage', { channel: 'C0DEBUG', text: 'x' })).toMatchObject({ error: 'is_archived' });
    workspace.unarchiveChannel('debug');
    expect(await call(workspace, 'chat.postMessage', { channel: 'C0DEBUG', text: 'x' })).toMatchObject({ ok: true });
  });

  it('names blocks and elements, cuts very long text and asks for a text', async () => {
    const workspace = createWorkspace();
    await postText(workspace, 'x'.repeat(50_000), {
      blocks: [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'b' } }] }],
    });
    const [message] = workspace.messages('debug');
    expect(message?.text).toHaveLength(40_000);
    expect(message?.blocks[0]).toMatchObject({
      block_id: expect.stringMatching(/.+/),
      elements: [{ action_id: expect.stringMatching(/.+/) }],
    });
    expect(await call(workspace, 'chat.postMessage', { channel: 'C0DEBUG', blocks: [section] })).toMatchObject({
      ok: true,
      warning: 'missing_text_in_message',
    });
  });
});

describe('chat.update and chat.delete', () => {
  it('takes blocks away when only text comes, and marks the edit', async () => {
    const workspace = createWorkspace();
    const ts = await postText(workspace, 'one', {
      blocks: [section],
      metadata: { event_type: 'tracepulse_incident', event_payload: { incident_id: 'inc-1' } },
    });
    await call(workspace, 'chat.update', { channel: 'C0DEBUG', ts, blocks: [section, section] });
    expect(workspace.message({ channel: 'debug', ts })).toMatchObject({
      text: '',
      editedTs: null,
      blocks: [{ type: 'section' }, { type: 'section' }],
    });
    await call(workspace, 'chat.update', { channel: 'C0DEBUG', ts, text: 'two' });
    const message = workspace.message({ channel: 'debug', ts });
    expect(message).toMatchObject({ text: 'two', blocks: [], metadata: { event_type: 'tracepulse_incident' } });
    expect(message?.editedTs).not.toBeNull();
  });

  it.each([
    ['a name instead of an id', { channel: '#debug', ts: '1.1', text: 'x' }, 'channel_not_found'],
    ['a message that is not there', { channel: 'C0DEBUG', ts: '1.1', text: 'x' }, 'message_not_found'],
  ])('refuses %s', async (_name, args, error) => {
    expect(await call(createWorkspace(), 'chat.update', args)).toMatchObject({ ok: false, error });
  });

  it('refuses what others wrote, ephemerals, and more than 4,000 characters', async () => {
    const workspace = createWorkspace();
    const { ts } = workspace.say({ user: 'ana', channel: 'debug', text: 'mine' });
    const own = await postText(workspace, 'ours');
    const hidden = await call(workspace, 'chat.postEphemeral', { channel: 'C0DEBUG', user: 'U0ANA', text: 'psst' });
    const update = (args: Record<string, unknown>) => call(workspace, 'chat.update', { channel: 'C0DEBUG', text: 'x', ...args });
    expect(await update({ ts })).toMatchObject({ error: 'cant_update_message' });
    expect(await call(workspace, 'chat.delete', { channel: 'C0DEBUG', ts })).toMatchObject({ error: 'cant_delete_message' });
    expect(await update({ ts: hidden['message_ts'] })).toMatchObject({ error: 'message_not_found' });
    expect(await update({ ts: own, text: 'x'.repeat(4_001) })).toMatchObject({ error: 'msg_too_long' });
  });

  it('leaves a tombstone for a root with replies, nothing for one without', async () => {
    const workspace = createWorkspace();
    const root = await postText(workspace, 'root');
    const alone = await postText(workspace, 'alone');
    await postText(workspace, 'reply', { thread_ts: root });
    workspace.deleteMessage('ana', { channel: 'debug', ts: root }, { asAdmin: true });
    workspace.deleteMessage('ana', { channel: 'debug', ts: alone }, { asAdmin: true });
    expect(workspace.messages('debug').map((message) => message.subtype ?? message.text)).toEqual(['tombstone', 'reply']);
    expect(await call(workspace, 'chat.update', { channel: 'C0DEBUG', ts: root, text: 'x' })).toMatchObject({ error: 'message_not_found' });
    expect(await call(workspace, 'chat.postMessage', { channel: 'C0DEBUG', thread_ts: root, text: 'still' })).toMatchObject({ ok: true });
  });
});

describe('chat.postEphemeral and chat.getPermalink', () => {
  it('is seen by one person, and only by members', async () => {
    const workspace = createWorkspace();
    workspace.removeFrom('debug', 'chris');
    expect(await call(workspace, 'chat.postEphemeral', { channel: 'C0DEBUG', user: 'U0CHRIS', text: 'x' })).toMatchObject({
      error: 'user_not_in_channel',
    });
    expect(await call(workspace, 'chat.postEphemeral', { channel: 'C0DEBUG', user: 'U0ANA', text: 'for ana' })).toMatchObject({ ok: true });
    expect(workspace.messages('debug', 'ana').map((message) => message.text)).toEqual(['for ana']);
    expect(workspace.messages('debug', 'ben')).toEqual([]);
    expect(await call(workspace, 'conversations.history', { channel: 'C0DEBUG' })).toMatchObject({ messages: [] });
  });

  it('links to a message and to a reply', async () => {
    const workspace = createWorkspace();
    const root = await postText(workspace, 'root');
    const reply = await postText(workspace, 'reply', { thread_ts: root });
    const link = async (ts: string) => (await call(workspace, 'chat.getPermalink', { channel: 'C0DEBUG', message_ts: ts }))['permalink'];
    expect(await link(root)).toContain(`/archives/C0DEBUG/p${root.replace('.', '')}`);
    expect(await link(reply)).toContain(`thread_ts=${root}`);
  });
});
