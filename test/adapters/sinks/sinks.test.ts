/** The contract of every sink, run for the whole list: a sink that is registered without a fixture fails here. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Tools } from '../../../src/adapter.ts';
import { sinks } from '../../../src/adapters/sinks/index.ts';
import { Failure, type FailureCode } from '../../../src/domain/failure.ts';
import type { Card, Receipt } from '../../../src/domain/report.ts';
import { fixture as emailFixture } from './email/fixture.ts';
import { fixture as jiraFixture } from './jira/fixture.ts';
import type { SinkFixture, StandIn, Trouble } from './fixture.ts';
import { card, states } from './slack/cards.ts';
import { fixture as slackFixture } from './slack/fixture.ts';

const fixtures: Readonly<Record<string, SinkFixture>> = { slack: slackFixture, email: emailFixture, jira: jiraFixture };

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const tools: Tools = { fetch: globalThis.fetch, now: Date.now, log: silent };
const patient = new AbortController().signal;

describe.each(sinks.map((sink) => sink.id))('the sink %s', (id) => {
  const fixture = fixtures[id];
  let standIn: StandIn;

  beforeEach(async () => {
    if (fixture === undefined) throw new Error(`there is no fixture for the sink ${id}`);
    standIn = await fixture.start(tools);
  });
  afterEach(() => standIn.stop());

  const show = (shown: Card, receipt: Receipt | null = null, mayExist = false, signal = patient) =>
    standIn.sink.deliver({ kind: 'card', channel: standIn.channel, card: shown, receipt }, { mayExist, signal });
  const receiptOf = (sent: { messageId: string; url: string | null }): Receipt => ({
    incidentId: 'INC-12',
    sink: id,
    channel: standIn.channel,
    at: 0,
    ...sent,
  });
  const failure = (delivery: Promise<unknown>): Promise<unknown> =>
    delivery.then(
      () => null,
      (error: unknown) => error,
    );
  /** Opened just now, as a card is that may have been posted a moment ago. */
  const recent = (): Card => card({ incident: { openedAt: Date.now() } });

  it('answers a harmless question that shows nobody anything', async () => {
    expect(await standIn.sink.probe?.(patient)).toMatch(/\w/);
    expect(standIn.shown()).toEqual([]);
  });

  it('shows every state a card can be in, and the system refuses none', async () => {
    for (const [i, state] of Object.values(states).entries())
      await show({ ...state, incident: { ...state.incident, id: `INC-${100 + i}` } });
    expect(standIn.refusals()).toEqual([]);
    expect(standIn.shown()).toHaveLength(Object.keys(states).length);
  });

  it.runIf(fixture?.messages === 'editable')('changes what it showed instead of showing it twice', async () => {
    const sent = await show(states['investigating']!);
    const again = await show(states['one-cause']!, receiptOf(sent));
    expect(again.messageId).toBe(sent.messageId);
    expect(standIn.shown()).toHaveLength(1);
    expect(standIn.shown()[0]).toContain('payment');
    expect(standIn.refusals()).toEqual([]);
  });

  it.runIf(fixture?.messages === 'letters')('says once what has changed, as part of the same', async () => {
    const sent = await show(states['investigating']!);
    const again = await show(states['one-cause']!, receiptOf(sent));
    const same = await show(states['one-cause']!, receiptOf(again));
    expect([again.messageId, same.messageId]).toEqual([sent.messageId, sent.messageId]);
    expect(standIn.shown()).toHaveLength(2);
    expect(standIn.shown()[1]).toContain('payment');
    expect(standIn.refusals()).toEqual([]);
  });

  it.runIf(fixture?.messages === 'editable')('shows anew what people took away', async () => {
    const sent = await show(states['one-cause']!);
    standIn.removeLast();
    const again = await show(states['one-cause']!, receiptOf(sent));
    expect(again.messageId).not.toBe(sent.messageId);
    expect(standIn.shown().filter((text) => text.includes('INC-12'))).toHaveLength(1);
  });

  it('finds what it showed when the answer was lost', async () => {
    standIn.misbehave('answer lost');
    const shown = recent();
    expect(await failure(show(shown))).toMatchObject({ isRetryable: true });
    await show(shown, null, true);
    expect(standIn.shown()).toHaveLength(1);
  });

  it('shows at the second try what never arrived', async () => {
    standIn.misbehave('request lost');
    const shown = recent();
    expect(await failure(show(shown))).toMatchObject({ isRetryable: true });
    await show(shown, null, true);
    expect(standIn.shown()).toHaveLength(1);
  });

  it('is told when it comes too often, and for how long to wait', async () => {
    standIn.misbehave('too busy');
    const error = await failure(show(states['one-cause']!));
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ ...fixture?.tooBusy, system: id });
    expect(standIn.shown()).toEqual([]);
  });

  it.each<[Trouble, FailureCode]>([
    ['broken', 'unavailable'],
    ['refuses our key', 'unauthorized'],
    ['refuses the message', 'rejected'],
  ])('says of a system that %s: %s', async (trouble, code) => {
    standIn.misbehave(trouble);
    const error = await failure(show(states['one-cause']!));
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code, system: id });
    expect(String(error)).not.toContain(fixture?.secret);
    expect(standIn.shown()).toEqual([]);
  });

  it('waits no longer than its deadline', async () => {
    standIn.misbehave('silent');
    const deadline = new AbortController();
    const delivery = failure(show(states['one-cause']!, null, false, deadline.signal));
    deadline.abort(new DOMException('late', 'TimeoutError'));
    expect(await delivery).toMatchObject({ code: 'timeout' });
    standIn.recover();
  });

  it('lets no secret of an alert through', async () => {
    await show(
      card({ context: null, incident: { title: 'login failed: password=hunter2hunter2 Authorization: Bearer abcdef0123456789abcdef' } }),
    );
    expect(standIn.shown().join()).not.toMatch(/hunter2|abcdef0123456789/);
  });

  it('says a text once, however often it is asked to', async () => {
    const root = await show(recent());
    const text = { kind: 'text' as const, channel: standIn.channel, text: 'Nothing changed.', threadId: root.messageId, id: 'answer:1' };
    const first = await standIn.sink.deliver(text, { mayExist: false, signal: patient });
    const again = await standIn.sink.deliver(text, { mayExist: true, signal: patient });
    expect(again.messageId).toBe(first.messageId);
    expect(standIn.shown().filter((shown) => shown === 'Nothing changed.')).toHaveLength(1);
  });
});
