import type { ReceiverEvent } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { entryId, keptBody, replayUnfinished, storeFirst } from '../../../src/surfaces/slack/inbox.ts';
import { fakeApp } from './fake-app.ts';
import { type Logged, makeTools } from './workspace-run.ts';

const message = (fields: Record<string, unknown> = {}) => ({
  type: 'event_callback',
  event_id: 'Ev1',
  token: 'verification',
  event: {
    type: 'message',
    user: 'U1',
    text: 'what changed',
    channel: 'C1',
    channel_type: 'channel',
    ts: '1.1',
    thread_ts: '1.0',
    ...fields,
  },
});
const pressed = (fields: Record<string, unknown> = {}) => ({
  type: 'block_actions',
  user: { id: 'U1' },
  channel: { id: 'C1' },
  container: { message_ts: '1.0' },
  message: { ts: '1.0', blocks: [{ type: 'divider' }], text: 'secret words' },
  actions: [{ action_id: 'hypothesis_confirm', action_ts: '9.1' }],
  trigger_id: 'T1',
  ...fields,
});

describe('entryId', () => {
  it('is one for a mention that arrives as two events', () => {
    expect(entryId(message({ type: 'app_mention' }))).toBe('slack:said:C1:1.1');
    expect(entryId({ ...message({ text: '<@U2> what changed', thread_ts: undefined }), event_id: 'Ev2' })).toBe('slack:said:C1:1.1');
  });
  it('is one for a press that is delivered again, and another for the next press', () => {
    expect(entryId(pressed({ trigger_id: 'T2' }))).toBe(entryId(pressed()));
    expect(entryId(pressed({ actions: [{ action_id: 'hypothesis_confirm', action_ts: '9.2' }] }))).not.toBe(entryId(pressed()));
    expect(entryId(pressed({ user: { id: 'U2' } }))).not.toBe(entryId(pressed()));
  });
  it.each([
    ['a command', { command: '/tracepulse', trigger_id: 'T1', text: 'help' }, 'slack:command:T1'],
    [
      'a submission',
      { type: 'view_submission', trigger_id: 'T1', user: { id: 'U1' }, view: { id: 'V1', hash: 'h' } },
      'slack:view_submission:T1',
    ],
    ['a shortcut', { type: 'shortcut', trigger_id: 'T1', user: { id: 'U1' } }, 'slack:shortcut:T1'],
    ['another event', { type: 'event_callback', event_id: 'Ev9', event: { type: 'app_uninstalled' } }, 'slack:event:Ev9'],
    ['what a bot says', message({ bot_id: 'B1' }), null],
    ['an edit', message({ subtype: 'message_changed' }), null],
    ['chatter of a channel', message({ thread_ts: undefined }), null],
    ['junk', 'hello', null],
    ['nothing', undefined, null],
  ])('of %s is as it should be', (_, body, id) => {
    expect(entryId(body)).toBe(id);
  });
});

describe('keptBody', () => {
  it('drops the verification token and what a message said', () => {
    expect(JSON.stringify(keptBody(message()))).not.toContain('verification');
    expect(keptBody(pressed())).toMatchObject({ message: { ts: '1.0' }, actions: pressed().actions });
    expect(JSON.stringify(keptBody(pressed()))).not.toMatch(/secret words|divider/);
  });
  it('keeps the text that a message shortcut is about', () => {
    expect(keptBody({ ...pressed(), type: 'message_action' })).toMatchObject({ message: { text: 'secret words' } });
  });
});

function guarded(run: (event: ReceiverEvent) => Promise<void> = async () => undefined) {
  const fake = fakeApp();
  const order: string[] = [];
  const log: Logged[] = [];
  const { accept, finish } = fake.app;
  const app = {
    ...fake.app,
    accept: async (entry: Parameters<typeof accept>[0]) => {
      order.push('stored');
      return accept(entry);
    },
    finish: async (id: string) => {
      order.push('finished');
      await finish(id);
    },
  };
  const process = storeFirst({
    app,
    now: () => 1,
    log: makeTools(log).log,
    handle: async (event) => {
      await event.ack();
      order.push('handled');
      await run(event);
    },
  });
  const deliver = (body: unknown) => process({ body: body as ReceiverEvent['body'], ack: async () => void order.push('acknowledged') });
  return { ...fake, order, log, deliver };
}

describe('storeFirst', () => {
  it('stores, then acknowledges, then acts, then finishes', async () => {
    const { deliver, order } = guarded();
    await deliver(pressed());
    expect(order).toEqual(['stored', 'acknowledged', 'handled', 'finished']);
  });

  it('acts once on what is delivered twice, and acknowledges both', async () => {
    const { deliver, order } = guarded();
    await Promise.all([deliver(pressed()), deliver(pressed())]);
    expect(order.filter((step) => step === 'handled')).toHaveLength(1);
    expect(order.filter((step) => step === 'acknowledged')).toHaveLength(2);
  });

  it('acknowledges nothing that could not be stored', async () => {
    const { deliver, order, failNext } = guarded();
    failNext('accept', new Error('disk full'));
    await expect(deliver(pressed())).rejects.toThrow('disk full');
    expect(order).toEqual(['stored']);
  });

  it('leaves unfinished what a listener failed at, and says so', async () => {
    const { deliver, finished, log } = guarded(async () => {
      throw new Error('broke');
    });
    await deliver(pressed());
    expect(finished).toEqual([]);
    expect(log).toMatchObject([{ level: 'error', fields: { entry: entryId(pressed()) } }]);
  });

  it('neither stores nor handles chatter', async () => {
    const { deliver, order } = guarded();
    await deliver(message({ thread_ts: undefined }));
    expect(order).toEqual(['acknowledged']);
  });
});

describe('replayUnfinished', () => {
  it('runs a stored entry through the listener again, with nobody to acknowledge to', async () => {
    const fake = fakeApp();
    const seen: unknown[] = [];
    replayUnfinished(fake.app, async (event) => {
      await event.ack();
      seen.push(event.body);
    });
    await fake.replay({ id: 'slack:command:T1', kind: 'slack', body: { command: '/tracepulse' }, at: 1 });
    expect(seen).toEqual([{ command: '/tracepulse' }]);
  });
});
