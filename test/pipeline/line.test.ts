import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { alertBody, delivery, start, testProduct } from '../support/app.ts';

const fire = (over: Parameters<typeof alertBody>[0] = {}) => delivery('/webhook/alertmanager', alertBody(over));

describe('the line from alert to card', () => {
  it('posts a card at once, edits it into the report, and ranks again after 15 and 60 s', async () => {
    const { app, memory, pass, close } = testProduct();
    const { ids } = await app.receive('alertmanager', fire({ service: 'cart' }));
    expect(ids).toEqual(['INC-1']);
    await app.settle();
    await pass(90_000);
    const cards = memory.shipped.filter((s) => s.kind === 'card');
    expect(cards[0]?.at).toBe(start);
    expect(cards.map((s) => s.receipt === null)).toEqual([true, ...cards.slice(1).map(() => false)]);
    // Rounds that found nothing new leave the card alone.
    expect(cards.map((s) => s.card.report?.round ?? 0)).toEqual([0, 1]);
    const context = await app.context('INC-1');
    expect(context?.ranking.round).toBe(3);
    expect(context?.verdict).not.toBe('cause');
    expect(context?.gaps.map((gap) => gap.source)).toContain('changes');
    await close();
  });

  it('stores nothing for the same delivery again', async () => {
    const { app, memory, pass, close } = testProduct();
    const first = await app.receive('alertmanager', fire({ service: 'cart' }));
    await pass(70_000);
    const shipped = memory.shipped.length;
    const again = await app.receive('alertmanager', fire({ service: 'cart' }));
    await pass(10_000);
    expect(again.ids).toEqual(first.ids);
    expect((await app.incident('INC-1'))?.card.incident.alertCount).toBe(1);
    expect(memory.shipped.length).toBe(shipped);
    await close();
  });

  it('takes a storm as one incident with one ranking under way', async () => {
    const { app, close } = testProduct();
    const all = await Promise.all(
      Array.from({ length: 300 }, (_, i) => app.receive('alertmanager', fire({ service: 'cart', startsAt: start + i }))),
    );
    expect(new Set(all.flatMap((a) => a.ids))).toEqual(new Set(['INC-1']));
    await app.settle();
    expect((await app.context('INC-1'))?.ranking.round).toBe(1);
    expect((await app.incident('INC-1'))?.card.incident.alertCount).toBe(300);
    await close();
  });

  it('resolves, says so in the card, and never swallows a critical alert of another service', async () => {
    const { app, memory, pass, close } = testProduct();
    await app.receive('alertmanager', fire({ service: 'cart' }));
    const other = await app.receive('alertmanager', fire({ service: 'payment' }));
    expect(other.ids).toEqual(['INC-2']);
    await pass(20_000);
    await app.receive('alertmanager', fire({ service: 'cart', status: 'resolved' }));
    await pass(5_000);
    const last = memory.shipped.filter((s) => s.kind === 'card' && s.card.incident.id === 'INC-1').at(-1);
    expect(last?.kind === 'card' && last.card.incident.state).toBe('resolved');
    expect((await app.incident('INC-2'))?.card.incident.state).toBe('open');
    await close();
  });

  it('refuses a body of the wrong shape with its path and stores nothing', async () => {
    const { app, close } = testProduct();
    const wrong = delivery('/webhook/alertmanager', { alerts: [{ labels: { alertname: 7 } }] });
    await expect(app.receive('alertmanager', wrong)).rejects.toMatchObject({
      code: 'rejected',
      path: expect.stringContaining('alerts[0]'),
    });
    expect((await app.incidents({ limit: 10 })).incidents).toEqual([]);
    await close();
  });
});

describe('delivery', () => {
  it('tries again after a rate limit, no earlier than asked, and posts once', async () => {
    const { app, memory, pass, close } = testProduct();
    memory.refuseNext(new Failure('rate_limited', 'slack', 'post the report', { retryAfterMs: 7_000 }));
    await app.receive('alertmanager', fire({ service: 'cart' }));
    await pass(12_000);
    const cards = memory.shipped.filter((s) => s.kind === 'card');
    expect(cards[0]?.at).toBeGreaterThanOrEqual(start + 7_000);
    expect(cards.filter((s) => s.receipt === null)).toHaveLength(1);
    await close();
  });

  it('keeps one channel to its pace', async () => {
    const { app, memory, pass, close } = testProduct();
    for (let i = 0; i < 5; i++) await app.receive('alertmanager', fire({ service: `s${i}` }));
    await pass(30_000);
    const times = memory.shipped.map((s) => s.at);
    for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(1_000);
    await close();
  });

  it('says what cannot be delivered in readiness, and forgets it once it can', async () => {
    const { app, memory, pass, close } = testProduct();
    memory.refuseNext(new Failure('unauthorized', 'slack', 'post the report', { hint: 'SLACK_BOT_TOKEN was revoked' }));
    await app.receive('alertmanager', fire({ service: 'cart' }));
    await app.settle();
    expect((await app.readiness()).problems.join()).toContain('SLACK_BOT_TOKEN was revoked');
    await pass(70_000);
    expect((await app.readiness()).problems).toEqual([]);
    await close();
  });
});

describe('people', () => {
  it('stores a message before it is acknowledged, once', async () => {
    const { app, pass, close } = testProduct();
    const handled: string[] = [];
    app.onInbox('slack', async (entry) => void handled.push(entry.id));
    expect(await app.accept({ id: 'Ev1', kind: 'slack', body: { text: 'hi' }, at: start })).toBe(true);
    expect(await app.accept({ id: 'Ev1', kind: 'slack', body: { text: 'hi' }, at: start })).toBe(false);
    await app.accept({ id: 'Ev2', kind: 'slack', body: {}, at: start });
    await app.finish('Ev2');
    await pass(60_000);
    expect(handled).toEqual(['Ev1']);
    await close();
  });

  it('opens an incident by hand and answers questions about it', async () => {
    const { app, close } = testProduct();
    const incident = await app.investigate({ subject: 'txn-456', minutes: 10, person: 'slack:U1' });
    expect(incident.correlationIds).toEqual(['txn-456']);
    await app.settle();
    const status = await app.ask({ incidentId: incident.id, text: 'status', person: 'slack:U1' });
    expect(status.text).toContain(incident.id);
    const lost = await app.ask({ incidentId: incident.id, text: 'tell me a joke', person: 'slack:U1' });
    expect(lost.lines).toContain('what changed');
    const logs = await app.ask({ incidentId: incident.id, text: 'logs of nobody', person: 'slack:U1' });
    expect(logs.text).toContain('know no service');
    await close();
  });
});
