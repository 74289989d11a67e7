/** What people do, as the app hears of it; and what Slack's client would not let them do. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/workspace/json.ts';
import { defaultManifest } from '../../../src/workspace/manifest.ts';
import { createWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { call, postText } from '../call.ts';
import { plug, type Plugged } from '../plug.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const option = (value: string) => ({ text: plain(value), value });

let workspace: Workspace;
let socket: Plugged;
beforeEach(() => {
  workspace = createWorkspace();
  socket = plug(workspace);
});

const happenings = () =>
  socket
    .payloads()
    .map((payload) => payload['event'] as JsonObject | undefined)
    .filter((event) => event !== undefined);
const last = (): JsonObject => socket.payloads().at(-1) ?? {};
const at = (ts: string) => ({ channel: 'debug', ts });

describe('saying something', () => {
  it('reaches the app as Slack wraps it, a mention twice under one ts', () => {
    const { ts } = workspace.say({ user: 'ana', channel: '#debug', text: 'hey @tracepulse look at checkout@10.0.0.1' });
    expect(happenings().map((event) => [event['type'], event['ts'], event['text'], event['channel']])).toEqual([
      ['message', ts, 'hey <@U0TRACE> look at checkout@10.0.0.1', 'C0DEBUG'],
      ['app_mention', ts, 'hey <@U0TRACE> look at checkout@10.0.0.1', 'C0DEBUG'],
    ]);
    expect(socket.payloads()[0]).toMatchObject({
      type: 'event_callback',
      team_id: 'T0WORK',
      api_app_id: 'A0TRACE',
      event_id: expect.stringMatching(/^Ev/),
      authorizations: [{ user_id: 'U0TRACE', is_bot: true }],
    });
    expect(socket.envelopes[0]).toMatchObject({ type: 'events_api', accepts_response_payload: false, retry_attempt: 0 });
    expect(new Set(socket.payloads().map((payload) => payload['event_id'])).size).toBe(2);
  });

  it('reaches the app in direct messages as message.im, without app_mention', () => {
    workspace.sayDirectly('ben', 'hello @tracepulse');
    expect(happenings()).toMatchObject([{ type: 'message', channel_type: 'im', user: 'U0BEN' }]);
  });

  it('reaches the app only where it is a member and only by subscription', () => {
    workspace.say({ user: 'ana', channel: 'general', text: 'hi @tracepulse' });
    expect(happenings()).toEqual([]);
    const deaf = createWorkspace({ manifest: { ...defaultManifest, settings: { event_subscriptions: { bot_events: ['app_mention'] } } } });
    const other = plug(deaf);
    deaf.say({ user: 'ana', channel: 'debug', text: 'hi @tracepulse' });
    expect(other.payloads().map((payload) => (payload['event'] as JsonObject)['type'])).toEqual(['app_mention']);
  });

  it('comes back to the app for its own and for other bots, edits and deletions too', async () => {
    const ts = await postText(workspace, 'report <@U0TRACE>');
    workspace.sayAsBot('debug', { name: 'Grafana', text: 'alert', attachments: [{ text: 'checkout' }] });
    await call(workspace, 'chat.update', { channel: 'C0DEBUG', ts, text: 'edited' });
    workspace.deleteMessage('ana', at(ts), { asAdmin: true });
    expect(happenings()).toMatchObject([
      { type: 'message', user: 'U0TRACE', bot_id: 'B0TRACE', app_id: 'A0TRACE' },
      { type: 'message', subtype: 'bot_message', username: 'Grafana', attachments: [{ text: 'checkout' }] },
      { subtype: 'message_changed', message: { text: 'edited' }, previous_message: { text: 'report <@U0TRACE>' } },
      { subtype: 'message_deleted', deleted_ts: ts },
    ]);
  });

  it('needs a member, a channel that is not archived, words, and a thread that is there', () => {
    expect(() => workspace.say({ user: 'nobody', channel: 'debug', text: 'x' })).toThrow('user_not_found');
    expect(() => workspace.say({ user: 'ana', channel: 'nowhere', text: 'x' })).toThrow('channel_not_found');
    expect(() => workspace.say({ user: 'ana', channel: 'debug', text: ' ' })).toThrow('no_text');
    expect(() => workspace.reply('ana', at('1.1'), 'x')).toThrow('thread_not_found');
    workspace.removeFrom('debug', 'ben');
    expect(() => workspace.say({ user: 'ben', channel: 'debug', text: 'x' })).toThrow('not_in_channel');
    workspace.archiveChannel('debug');
    expect(() => workspace.say({ user: 'ana', channel: 'debug', text: 'x' })).toThrow('is_archived');
  });

  it('is edited and deleted by its author alone', () => {
    const mine = workspace.say({ user: 'ana', channel: 'debug', text: 'mine' });
    expect(() => workspace.editMessage('ben', mine, 'x')).toThrow('cant_update_message');
    expect(() => workspace.deleteMessage('ben', mine)).toThrow('cant_delete_message');
    expect(workspace.editMessage('ana', mine, 'still mine').text).toBe('still mine');
  });

  it('can be a reaction, told to the app', async () => {
    const ts = await postText(workspace, 'x');
    workspace.react('ana', at(ts), 'eyes');
    expect(() => workspace.react('ana', at(ts), 'eyes')).toThrow('already_reacted');
    expect(await call(workspace, 'reactions.add', { channel: 'C0DEBUG', timestamp: ts, name: 'eyes' })).toMatchObject({ ok: true });
    expect(await call(workspace, 'reactions.add', { channel: 'C0DEBUG', timestamp: ts, name: 'No Such' })).toMatchObject({
      error: 'invalid_name',
    });
    expect(workspace.message(at(ts))?.reactions).toEqual([{ name: 'eyes', users: ['U0ANA', 'U0TRACE'] }]);
    expect(happenings().filter((event) => event['type'] === 'reaction_added')).toMatchObject([
      { user: 'U0ANA', reaction: 'eyes', item: { ts } },
      { user: 'U0TRACE' },
    ]);
    expect(await call(workspace, 'reactions.remove', { channel: 'C0DEBUG', timestamp: ts, name: 'eyes' })).toMatchObject({ ok: true });
    expect(await call(workspace, 'reactions.remove', { channel: 'C0DEBUG', timestamp: ts, name: 'eyes' })).toMatchObject({
      error: 'no_reaction',
    });
  });

  it('starts with being invited', () => {
    workspace.inviteApp('ana', 'general');
    expect(happenings()).toMatchObject([{ type: 'member_joined_channel', user: 'U0TRACE', channel: 'C0GENERAL', inviter: 'U0ANA' }]);
  });
});

describe('pressing and choosing', () => {
  const blocks = [
    {
      type: 'actions',
      block_id: 'act',
      elements: [
        { type: 'button', action_id: 'hypothesis_confirm', text: plain('Confirm'), value: 'h1', style: 'primary' },
        { type: 'overflow', action_id: 'more', options: [option('mute'), option('resolve')] },
        { type: 'static_select', action_id: 'duration', placeholder: plain('How long'), options: [option('1h'), option('1d')] },
      ],
    },
    {
      type: 'context_actions',
      block_id: 'fb',
      elements: [
        {
          type: 'feedback_buttons',
          action_id: 'feedback',
          positive_button: { text: plain('Good'), value: 'good' },
          negative_button: { text: plain('Bad'), value: 'bad' },
        },
      ],
    },
  ];

  it('tells the app who pressed what in which message, and what stood in its fields', async () => {
    const root = await postText(workspace, 'root');
    const ts = await postText(workspace, 'report', {
      blocks,
      thread_ts: root,
      metadata: { event_type: 'tracepulse_incident', event_payload: { incident_id: 'inc-1' } },
    });
    expect(await workspace.click('ana', at(ts), { actionId: 'hypothesis_confirm', inputs: { duration: '1d' } })).toEqual({ ok: true });
    expect(last()).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0ANA', name: 'ana', team_id: 'T0WORK' },
      api_app_id: 'A0TRACE',
      team: { id: 'T0WORK' },
      container: { type: 'message', message_ts: ts, channel_id: 'C0DEBUG', is_ephemeral: false, thread_ts: root },
      channel: { id: 'C0DEBUG', name: 'debug' },
      message: { ts, text: 'report', thread_ts: root, metadata: { event_payload: { incident_id: 'inc-1' } }, bot_id: 'B0TRACE' },
      state: { values: { act: { duration: { type: 'static_select', selected_option: option('1d') } } } },
      trigger_id: expect.any(String),
      response_url: expect.stringContaining('/response/'),
      actions: [
        {
          type: 'button',
          action_id: 'hypothesis_confirm',
          block_id: 'act',
          value: 'h1',
          style: 'primary',
          text: plain('Confirm'),
          action_ts: expect.any(String),
        },
      ],
    });
  });

  it.each([
    ['overflow', { actionId: 'more', value: 'resolve' }, { type: 'overflow', selected_option: option('resolve') }],
    [
      'a menu',
      { actionId: 'duration', value: '1h' },
      { type: 'static_select', selected_option: option('1h'), placeholder: plain('How long') },
    ],
    ['feedback', { actionId: 'feedback', value: 'bad' }, { type: 'feedback_buttons', block_id: 'fb', value: 'bad', text: plain('Bad') }],
  ])('says what was chosen in %s', async (_name, click, action) => {
    const ts = await postText(workspace, 'report', { blocks });
    await workspace.click('ana', at(ts), click);
    expect(last()).toMatchObject({ actions: [action] });
  });

  it.each([
    ['an element that is not there', { actionId: 'nothing' }, 'no_such_element'],
    ['an option that is not offered', { actionId: 'more', value: 'explode' }, 'no_such_option'],
    ['a menu without a choice', { actionId: 'duration' }, 'no_such_option'],
    ['feedback that is neither', { actionId: 'feedback', value: 'so so' }, 'no_such_option'],
  ])('cannot use %s', async (_name, click, code) => {
    const ts = await postText(workspace, 'report', { blocks });
    await expect(workspace.click('ana', at(ts), click)).rejects.toThrow(code);
    expect(socket.payloads().every((payload) => payload['type'] !== 'block_actions')).toBe(true);
  });

  it('keeps ephemerals to their reader, and tells the app no message, only where it stood', async () => {
    const { message_ts: ts } = await call(workspace, 'chat.postEphemeral', { channel: 'C0DEBUG', user: 'U0ANA', text: 'x', blocks });
    await expect(workspace.click('ben', at(String(ts)), { actionId: 'hypothesis_confirm' })).rejects.toThrow('message_not_found');
    await workspace.click('ana', at(String(ts)), { actionId: 'hypothesis_confirm' });
    expect(last()).toMatchObject({ container: { is_ephemeral: true, message_ts: ts } });
    expect(last()).not.toHaveProperty('message');
  });

  it('tells the person when the app is gone', async () => {
    const ts = await postText(workspace, 'report', { blocks });
    workspace.cutSockets();
    expect(await workspace.click('ana', at(ts), { actionId: 'hypothesis_confirm' })).toEqual({ ok: false, error: 'no_connection' });
  });
});

describe('commands and shortcuts', () => {
  it('sends a command with mentions escaped, and shows the answer as it asks', async () => {
    socket.answer = () => ({ response_type: 'in_channel', text: 'for all' });
    await workspace.command('ana', { channel: 'debug' }, '/tracepulse mute #general for @ben');
    expect(socket.payloads()[0]).toMatchObject({
      command: '/tracepulse',
      text: 'mute <#C0GENERAL|general> for <@U0BEN|ben>',
      user_name: 'ana',
      channel_name: 'debug',
      is_enterprise_install: 'false',
    });
    expect(workspace.messages('debug').map((message) => [message.text, message.visibleTo])).toEqual([['for all', null]]);
    socket.answer = () => ({ text: 'for you' });
    await workspace.command('ana', { channel: 'general' }, '/tracepulse help');
    expect(workspace.messages('general', 'ana').map((message) => [message.text, message.visibleTo])).toEqual([['for you', 'U0ANA']]);
  });

  it('logs an answer that Slack would not show', async () => {
    socket.answer = () => ({ blocks: [{ type: 'header', text: plain('h'.repeat(151)) }] });
    await workspace.command('ana', { channel: 'debug' }, '/tracepulse help');
    expect(workspace.messages('debug', 'ana')).toEqual([]);
    expect(workspace.refusals().at(-1)).toMatchObject({ method: 'ack', code: 'invalid_blocks' });
  });

  it('knows no app commands in threads, and none that the manifest does not list', async () => {
    const ts = await postText(workspace, 'root');
    await expect(workspace.command('ana', { channel: 'debug', threadTs: ts }, '/tracepulse help')).rejects.toThrow(
      'command_not_supported_in_threads',
    );
    await expect(workspace.command('ana', { channel: 'debug' }, '/other help')).rejects.toThrow('no_such_command');
    await expect(workspace.shortcut('ana', 'investigate_message')).rejects.toThrow('no_such_shortcut');
  });

  it('hands the whole message to a message shortcut', async () => {
    const alert = workspace.sayAsBot('debug', { name: 'Grafana', text: 'checkout is slow' });
    await workspace.messageShortcut('ana', alert, 'investigate_message');
    expect(last()).toMatchObject({
      type: 'message_action',
      callback_id: 'investigate_message',
      message_ts: alert.ts,
      message: { text: 'checkout is slow' },
      channel: { id: 'C0DEBUG' },
      response_url: expect.any(String),
    });
  });

  it('opens the Home and Messages tabs', () => {
    workspace.openHome('ana');
    workspace.openHome('ana', 'messages');
    const im = workspace.directMessage('ana').id;
    expect(happenings()).toMatchObject([
      { type: 'app_home_opened', user: 'U0ANA', tab: 'home', channel: im },
      { type: 'app_home_opened', tab: 'messages', channel: im },
    ]);
  });
});
