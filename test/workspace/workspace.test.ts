/** The real Bolt client cannot tell: every flow the product uses, driven through the workspace on a loopback port. */
import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../src/workspace/clock.ts';
import { startWorkspaceServer, type WorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { eventually, type RunningApp, startBolt } from './bolt.ts';

let server: WorkspaceServer;
let running: RunningApp | null = null;

beforeEach(async () => {
  server = await startWorkspaceServer({ workspace: createWorkspace() });
});
afterEach(async () => {
  await running?.stop();
  running = null;
  await server.stop();
});

async function withBolt(listen: (app: App) => void): Promise<App> {
  running = await startBolt(server, listen);
  return running.app;
}

const button = (actionId: string, value = 'v') => ({
  type: 'button' as const,
  text: { type: 'plain_text' as const, text: 'Press' },
  action_id: actionId,
  value,
});

describe('a Bolt app in the workspace', () => {
  it('opens two sockets', async () => {
    await withBolt(() => undefined);
    expect(server.workspace.connections()).toBe(2);
  });

  it('answers a slash command with its acknowledgement, for the asker alone', async () => {
    await withBolt((app) => app.command('/tracepulse', ({ ack, command }) => ack(`you said ${command.text}`)));
    const act = await server.workspace.command('ana', { channel: 'debug' }, '/tracepulse status now');
    expect(act).toEqual({ ok: true });
    expect(server.workspace.ephemerals('debug', 'ana').map((message) => message.text)).toEqual(['you said status now']);
    expect(server.workspace.messages('debug', 'ben')).toEqual([]);
  });

  it('hears a mention as app_mention and as message, and its own reply once more', async () => {
    const heard: string[] = [];
    await withBolt((app) => {
      app.event('app_mention', async ({ event, say }) => {
        heard.push(`app_mention ${event.user}`);
        await say({ text: 'here', thread_ts: event.ts });
      });
      app.message(async ({ message }) => void heard.push(`message ${'user' in message ? message.user : ''}`));
    });
    const root = server.workspace.say({ user: 'ana', channel: 'debug', text: 'hello @tracepulse' });
    const reply = await eventually(server, () => server.workspace.replies(root)[0]);
    expect(reply).toMatchObject({ text: 'here', botId: 'B0TRACE', threadTs: root.ts });
    await eventually(server, () => (heard.length >= 2 ? true : undefined));
    expect(heard.sort()).toEqual(['app_mention U0ANA', 'message U0ANA']);
  });

  it('opens a modal from a button, shows errors of a submission, then takes it and edits the card', async () => {
    const app = await withBolt((bolt) => {
      bolt.action('hypothesis_reject', async ({ ack, body, client }) => {
        await ack();
        if (body.type !== 'block_actions' || body.message === undefined) return;
        const input = {
          type: 'input' as const,
          block_id: 'reason',
          label: { type: 'plain_text' as const, text: 'What was it?' },
          element: { type: 'plain_text_input' as const, action_id: 'text' },
        };
        await client.views.open({
          trigger_id: body.trigger_id,
          view: {
            type: 'modal',
            callback_id: 'reject_reason',
            title: { type: 'plain_text', text: 'Reject' },
            submit: { type: 'plain_text', text: 'Send' },
            private_metadata: body.message['ts'],
            blocks: [input],
          },
        });
      });
      bolt.view('reject_reason', async ({ ack, view, client }) => {
        const text = view.state.values['reason']?.['text']?.value ?? '';
        if (text.length < 5) return ack({ response_action: 'errors', errors: { reason: 'Say more.' } });
        await ack();
        await client.chat.update({ channel: 'C0DEBUG', ts: view.private_metadata, text: `rejected: ${text}` });
      });
    });
    const { ts } = await app.client.chat.postMessage({
      channel: '#debug',
      text: 'report',
      blocks: [{ type: 'actions', elements: [button('hypothesis_reject')] }],
    });
    const at = { channel: 'debug', ts: ts ?? '' };
    expect(await server.workspace.click('ana', at, { actionId: 'hypothesis_reject' })).toEqual({ ok: true });
    await eventually(server, () => server.workspace.views('ana')[0]);
    expect(await server.workspace.submit('ana', {})).toMatchObject({
      error: 'invalid',
      errors: { reason: expect.stringContaining('required') },
    });
    expect(await server.workspace.submit('ana', { text: 'no' })).toEqual({ ok: false, error: 'invalid', errors: { reason: 'Say more.' } });
    expect(await server.workspace.submit('ana', { text: 'the database' })).toEqual({ ok: true, result: 'closed' });
    expect(server.workspace.views('ana')).toEqual([]);
    const card = await eventually(server, () =>
      server.workspace.message(at)?.text.startsWith('rejected') ? server.workspace.message(at) : undefined,
    );
    expect(card).toMatchObject({ text: 'rejected: the database', blocks: [] });
  });

  it('takes answers to a response URL five times, and edits and deletes the original by it', async () => {
    const answers: number[] = [];
    const app = await withBolt((bolt) => {
      bolt.action('incident_mute', async ({ ack, respond }) => {
        await ack();
        await respond({ text: 'muted', replace_original: true });
        for (const text of ['one', 'two', 'three']) await respond({ text });
        await respond({ delete_original: true });
        await respond({ text: 'too much' }).catch((error: { statusCode?: number }) => answers.push(error.statusCode ?? 0));
      });
    });
    const { ts } = await app.client.chat.postMessage({
      channel: 'C0DEBUG',
      text: 'report',
      blocks: [{ type: 'actions', elements: [button('incident_mute')] }],
    });
    const seen: string[] = [];
    server.workspace.subscribe((change) => void (change.kind === 'message' && seen.push(`${change.change} ${change.message.text}`)));
    await server.workspace.click('ben', { channel: 'debug', ts: ts ?? '' }, { actionId: 'incident_mute' });
    await eventually(server, () => answers[0]);
    expect(answers).toEqual([404]);
    expect(seen).toEqual(['edited muted', 'posted one', 'posted two', 'posted three', 'deleted muted']);
    expect(server.workspace.ephemerals('debug', 'ben').map((message) => message.text)).toEqual(['one', 'two', 'three']);
    expect(server.workspace.ephemerals('debug', 'ana')).toEqual([]);
    expect(server.workspace.refusals().at(-1)).toMatchObject({ method: 'response_url', code: 'used_url' });
  });

  it('uploads a file and shows it in the thread with its alt text', async () => {
    const app = await withBolt(() => undefined);
    const root = await app.client.chat.postMessage({ channel: 'C0DEBUG', text: 'report' });
    await app.client.filesUploadV2({
      channel_id: 'C0DEBUG',
      thread_ts: root.ts ?? '',
      file: Buffer.from('PNG'),
      filename: 'map.png',
      title: 'The map',
      alt_text: 'checkout calls payment',
    });
    const [reply] = server.workspace.replies({ channel: 'debug', ts: root.ts ?? '' });
    const file = server.workspace.file(reply?.files[0] ?? '');
    expect(file).toMatchObject({ name: 'map.png', title: 'The map', altText: 'checkout calls payment', mimetype: 'image/png', size: 3 });
    expect(Buffer.from(file?.content ?? '', 'base64').toString()).toBe('PNG');
  });

  it('streams an answer with tasks, and refuses to go on after the stop', async () => {
    const app = await withBolt(() => undefined);
    const root = server.workspace.say({ user: 'ana', channel: 'debug', text: 'what changed?' });
    const streamer = app.client.chatStream({
      channel: 'C0DEBUG',
      thread_ts: root.ts,
      recipient_team_id: 'T0WORK',
      recipient_user_id: 'U0ANA',
      buffer_size: 1,
      task_display_mode: 'plan',
    });
    await streamer.append({ chunks: [{ type: 'task_update', id: 't1', title: 'Read deploys', status: 'in_progress' }] });
    await streamer.append({ markdown_text: 'One **deploy**' });
    expect(server.workspace.replies(root)[0]?.stream?.state).toBe('streaming');
    await streamer.append({ chunks: [{ type: 'task_update', id: 't1', title: 'Read deploys', status: 'complete', output: '1 found' }] });
    await streamer.stop({ markdown_text: ' at noon.', blocks: [{ type: 'divider' }] });
    const reply = server.workspace.replies(root)[0];
    expect(reply?.stream).toMatchObject({ state: 'stopped', endedBy: 'app' });
    expect(reply?.blocks.map((block) => block['type'])).toEqual(['plan', 'markdown', 'divider']);
    expect(reply?.text).toBe('One **deploy** at noon.');
    const late = app.client.chat.appendStream({ channel: 'C0DEBUG', ts: reply?.ts ?? '', markdown_text: 'more' });
    await expect(late).rejects.toMatchObject({ data: { error: 'message_not_in_streaming_state' } });
  });

  it('is told to wait by a 429, once', async () => {
    const app = await withBolt(() => undefined);
    server.workspace.faults.inject('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 7 });
    await expect(app.client.chat.postMessage({ channel: 'C0DEBUG', text: 'a' })).rejects.toMatchObject({ retryAfter: 7 });
    await expect(app.client.chat.postMessage({ channel: 'C0DEBUG', text: 'b' })).resolves.toMatchObject({ ok: true });
    expect(server.workspace.messages('debug').map((message) => message.text)).toEqual(['b']);
  });

  it('tries again after a lost answer, so that the message stands twice', async () => {
    const app = await withBolt(() => undefined);
    server.workspace.faults.inject('chat.postMessage', { kind: 'lost_answer' });
    await app.client.chat.postMessage({ channel: 'C0DEBUG', text: 'twice' });
    expect(server.workspace.messages('debug').map((message) => message.text)).toEqual(['twice', 'twice']);
  });

  it('loses no click while a socket is refreshed, and comes back with two', async () => {
    const clicked: string[] = [];
    const app = await withBolt((bolt) => {
      bolt.action('incident_resolve', async ({ ack, action }) => {
        await ack();
        if (action.type === 'button') clicked.push(action.value ?? '');
      });
    });
    const { ts } = await app.client.chat.postMessage({
      channel: 'C0DEBUG',
      text: 'x',
      blocks: [{ type: 'actions', elements: [button('incident_resolve', 'inc-1')] }],
    });
    server.workspace.refreshSockets();
    for (let press = 0; press < 4; press++) {
      expect(await server.workspace.click('ana', { channel: 'debug', ts: ts ?? '' }, { actionId: 'incident_resolve' })).toEqual({
        ok: true,
      });
    }
    expect(clicked).toHaveLength(4);
  });

  it('is sent an event again with the same event_id when it does not acknowledge within three seconds', async () => {
    const clock = manualClock(Date.now());
    await server.stop();
    server = await startWorkspaceServer({ workspace: createWorkspace({ clock }) });
    const heard: { id: string; attempt: number | undefined; reason: string | undefined }[] = [];
    await withBolt((bolt) => {
      bolt.event(
        'app_mention',
        async ({ body, context }) => void heard.push({ id: body.event_id, attempt: context.retryNum, reason: context.retryReason }),
      );
    });
    server.workspace.pause();
    server.workspace.say({ user: 'ana', channel: 'debug', text: 'hi @tracepulse' });
    await eventually(server, () => (heard.length === 1 ? true : undefined));
    clock.advance(2_999);
    expect(heard).toHaveLength(1);
    clock.advance(1);
    await eventually(server, () => (heard.length === 2 ? true : undefined));
    server.workspace.resume();
    const [first, second] = heard;
    expect(first).toMatchObject({ attempt: 0 });
    expect(second).toEqual({ id: first?.id, attempt: 1, reason: 'timeout' });
  });

  it('publishes a Home tab when it is opened', async () => {
    await withBolt((bolt) => {
      bolt.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: [{ type: 'header', text: { type: 'plain_text', text: `Hello ${event.tab}` } }] },
        });
      });
    });
    server.workspace.openHome('chris');
    const home = await eventually(server, () => server.workspace.home('chris'));
    expect(home.view).toMatchObject({ blocks: [{ text: { text: 'Hello home' } }] });
  });

  it('answers shortcuts, on a message of another bot too', async () => {
    const seen: string[] = [];
    await withBolt((bolt) => {
      bolt.shortcut('investigate_message', async ({ ack, shortcut }) => {
        await ack();
        if (shortcut.type === 'message_action') seen.push(`${shortcut.message['username']}: ${shortcut.message.text}`);
      });
      bolt.shortcut('new_investigation', async ({ ack, shortcut, client }) => {
        await ack();
        await client.views.open({
          trigger_id: shortcut.trigger_id,
          view: { type: 'modal', title: { type: 'plain_text', text: 'New' }, blocks: [{ type: 'divider' }] },
        });
      });
    });
    const alert = server.workspace.sayAsBot('debug', { name: 'Grafana', text: 'checkout is slow' });
    expect(await server.workspace.messageShortcut('ana', alert, 'investigate_message')).toEqual({ ok: true });
    await server.workspace.shortcut('ana', 'new_investigation');
    await eventually(server, () => server.workspace.views('ana')[0]);
    expect(seen).toEqual(['Grafana: checkout is slow']);
  });

  it('gets invalid_auth for a wrong token, cleanly', async () => {
    server.workspace.faults.inject('auth.test', { kind: 'refuse', error: 'invalid_auth' });
    await expect(withBolt(() => undefined)).rejects.toMatchObject({ data: { error: 'invalid_auth' } });
  });
});
