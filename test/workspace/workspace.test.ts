/** The real Bolt client cannot tell: every flow the product uses, driven through the workspace on a loopback port. */
import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
});
