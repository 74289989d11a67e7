/** What people do with incidents, through the whole product. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderCard } from '../../src/adapters/sinks/slack/card.ts';
import { reportMarkdown } from '../../src/domain/report-text.ts';
import { start, testProduct } from '../support/app.ts';

const minute = 60_000;
let product: ReturnType<typeof testProduct>;
beforeEach(() => {
  product = testProduct();
});
afterEach(() => product.close());

function fire(service: string, over: Readonly<Record<string, unknown>> = {}) {
  const alert = {
    status: 'firing',
    labels: { alertname: 'Errors', service },
    annotations: {},
    startsAt: new Date(product.now()).toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: `f-${service}`,
    ...over,
  };
  const body = { version: '4', status: alert.status, receiver: 'r', groupLabels: {}, commonLabels: {}, alerts: [alert] };
  const delivery = { route: '/webhook/alertmanager', headers: {}, body: Buffer.from(JSON.stringify(body)), receivedAt: product.now() };
  return product.app.receive('alertmanager', delivery).then(({ ids }) => ids[0] ?? '');
}

const stateOf = async (id: string) => (await product.ledger.incident(id))?.state;
const cards = () => product.memory.shipped.filter((s) => s.kind === 'card').map((s) => [s.card.incident.id, s.card.incident.state]);

describe('what people say was done', () => {
  const facts = async (id: string) => (await product.app.context(id))?.facts?.map(({ person, text }) => [person, text]);

  it('is in the report and on the card, once, without secrets, and stays when the report is written again', async () => {
    const id = await fire('cart');
    await product.pass(3_000);
    expect(await facts(id)).toBeUndefined();
    const note = { incidentId: id, text: 'we restarted payment at 10:02, password=hunter2correct', person: 'slack:U1' };
    await product.app.note(note);
    await product.app.note(note);
    await product.pass(3_000);
    expect(await facts(id)).toEqual([['slack:U1', expect.stringMatching(/^we restarted payment at 10:02, password=\[secret:/)]]);
    const card = product.memory.shipped.filter((s) => s.kind === 'card').at(-1)?.card;
    expect(JSON.stringify(card === undefined ? null : renderCard(card))).toContain('Noted: “we restarted payment at 10:02');
    expect(reportMarkdown((await product.app.context(id))!)).toMatch(/What people did[\s\S]*we restarted payment at 10:02/);
    await fire('cart', { startsAt: new Date(product.now()).toISOString() });
    await product.pass(minute);
    expect(await facts(id)).toHaveLength(1);
  });

  it('is told of its own incident alone', async () => {
    const [one, other] = [await fire('cart'), await fire('mail')];
    await product.pass(3_000);
    await product.app.note({ incidentId: one, text: 'we restarted the cart', person: 'slack:U1' });
    await product.pass(minute);
    expect([await facts(one), await facts(other)]).toEqual(
      one === other ? [expect.anything(), expect.anything()] : [[['slack:U1', 'we restarted the cart']], undefined],
    );
  });
});

describe('resolving by hand', () => {
  it('ends the incident, draws its card once more, and is not undone by the same firing', async () => {
    const id = await fire('cart');
    await product.pass(3_000);
    expect(await product.app.resolve({ incidentId: id, person: 'slack:U1' })).toBe(true);
    await product.pass(2_000);
    expect(await stateOf(id)).toBe('resolved');
    expect(cards().at(-1)).toEqual([id, 'resolved']);
    expect(await fire('cart', { startsAt: new Date(start).toISOString() })).toBe(id);
    expect(await stateOf(id)).toBe('resolved');
    expect(await product.app.resolve({ incidentId: id, person: 'slack:U2' })).toBe(false);
    expect(await product.app.acts(0, 9)).toMatchObject([{ kind: 'resolve', person: 'slack:U1', incidentId: id }]);
  });

  it('is undone by a new occurrence', async () => {
    const id = await fire('cart');
    await product.pass(2_000);
    await product.app.resolve({ incidentId: id, person: 'slack:U1' });
    await product.pass(minute);
    expect(await fire('cart')).toBe(id);
    expect(await stateOf(id)).toBe('open');
  });

  it('holds against what is pushed as firing again and again', async () => {
    const push = async () => {
      const labels = { alertname: 'Errors', service: 'cart' };
      const endsAt = new Date(product.now() + 4 * minute).toISOString();
      const body = Buffer.from(JSON.stringify([{ labels, annotations: {}, startsAt: new Date(start).toISOString(), endsAt }]));
      const { ids } = await product.app.receive('prometheus', { route: '/api/v2/alerts', headers: {}, body, receivedAt: product.now() });
      return ids[0] ?? '';
    };
    const id = await push();
    await product.pass(minute);
    await product.app.resolve({ incidentId: id, person: 'slack:U1' });
    await product.pass(minute);
    await push();
    expect(await stateOf(id)).toBe('resolved');
  });

  it('refuses what is not there', async () => {
    await expect(product.app.resolve({ incidentId: 'INC-9', person: 'slack:U1' })).rejects.toMatchObject({ code: 'rejected' });
  });
});

describe('muting', () => {
  it('a service silences what is open and what comes, until its time; then what still fires is told', async () => {
    const open = await fire('cart');
    await product.pass(3_000);
    const untilAt = product.now() + 30 * minute;
    expect(await product.app.mute({ subject: { service: 'cart' }, untilAt, person: 'slack:U1' })).toBe(1);
    await product.pass(2_000);
    expect(cards().at(-1)).toEqual([open, 'muted']);
    const said = cards().length;
    await product.pass(20 * minute);
    const later = await fire('cart', { fingerprint: 'another' });
    const other = await fire('search');
    await product.pass(3_000);
    expect(await stateOf(later)).toBe('muted');
    expect(
      cards()
        .slice(said)
        .every(([id]) => id === other),
    ).toBe(true);
    await product.pass(10 * minute);
    await product.app.age();
    await product.pass(2_000);
    expect(await stateOf(later)).toBe('open');
    expect(
      cards()
        .slice(said)
        .some(([id]) => id === later),
    ).toBe(true);
  });

  it('a service that has nothing open silences what comes, but not a question of a person', async () => {
    expect(await product.app.mute({ subject: { service: 'cart' }, untilAt: start + minute, person: 'slack:U1' })).toBe(0);
    expect([...(await product.app.mutes())]).toEqual([['cart', start + minute]]);
    expect(await stateOf(await fire('cart'))).toBe('muted');
    const asked = await product.app.investigate({ subject: 'cart', minutes: 15, person: 'slack:U1' });
    expect(asked.state).toBe('open');
  });

  it('a service silences an incident that had ended and flaps', async () => {
    const id = await fire('cart');
    await product.pass(2_000);
    await product.app.resolve({ incidentId: id, person: 'slack:U1' });
    await product.pass(2 * minute);
    const untilAt = product.now() + 60 * minute;
    expect(await product.app.mute({ subject: { service: 'cart' }, untilAt, person: 'slack:U1' })).toBe(0);
    const said = cards().length;
    await product.pass(minute);
    expect(await fire('cart')).toBe(id);
    await product.pass(3_000);
    expect(await product.ledger.incident(id)).toMatchObject({ state: 'muted', mutedUntil: untilAt });
    expect(cards().slice(said)).toEqual([]);
  });

  it('posts no card of what came and went meanwhile, and tells one that stands of its end', async () => {
    const standing = await fire('search');
    await product.pass(3_000);
    for (const service of ['cart', 'search'])
      await product.app.mute({ subject: { service }, untilAt: product.now() + 60 * minute, person: 'slack:U1' });
    const silent = await fire('cart');
    await product.pass(3_000);
    for (const service of ['cart', 'search'])
      await fire(service, { status: 'resolved', startsAt: new Date(start).toISOString(), endsAt: new Date(product.now()).toISOString() });
    await product.pass(3_000);
    expect([await stateOf(silent), await stateOf(standing)]).toEqual(['resolved', 'resolved']);
    expect(cards().filter(([id]) => id === silent)).toEqual([]);
    expect(cards().at(-1)).toEqual([standing, 'resolved']);
  });

  it('is taken back', async () => {
    const id = await fire('cart');
    await product.pass(2_000);
    await product.app.mute({ subject: { incidentId: id }, untilAt: start + minute, person: 'slack:U1' });
    expect(await stateOf(id)).toBe('muted');
    expect(await product.app.unmute({ subject: { incidentId: id }, person: 'slack:U2' })).toBe(1);
    await product.pass(2_000);
    expect(cards().at(-1)).toEqual([id, 'open']);
    expect((await product.app.acts(0, 9)).map(({ kind, person }) => [kind, person])).toEqual([
      ['mute', 'slack:U1'],
      ['unmute', 'slack:U2'],
    ]);
  });

  it('is taken back of one that has ended: its next occurrence is heard', async () => {
    const id = await fire('cart');
    await product.pass(2_000);
    await product.app.mute({ subject: { incidentId: id }, untilAt: start + 60 * minute, person: 'slack:U1' });
    await fire('cart', { status: 'resolved', startsAt: new Date(start).toISOString(), endsAt: new Date(product.now()).toISOString() });
    expect(await product.ledger.incident(id)).toMatchObject({ state: 'resolved', mutedUntil: start + 60 * minute });
    expect(await product.app.unmute({ subject: { incidentId: id }, person: 'slack:U1' })).toBe(0);
    expect(await product.ledger.incident(id)).toMatchObject({ state: 'resolved', mutedUntil: null });
    await product.pass(minute);
    expect(await fire('cart')).toBe(id);
    expect(await stateOf(id)).toBe('open');
  });

  it('lasts a week at most', async () => {
    const ask = (untilAt: number) => product.app.mute({ subject: { service: 'cart' }, untilAt, person: 'slack:U1' });
    await expect(ask(start + 8 * 86_400_000)).rejects.toMatchObject({ code: 'rejected' });
    await expect(ask(start)).rejects.toMatchObject({ code: 'rejected' });
    expect([...(await product.app.mutes())]).toEqual([]);
  });
});

describe('statistics', () => {
  it('time the first report and the first confirmation that stands', async () => {
    const id = await fire('cart');
    await product.pass(2_000);
    const before = await product.app.statistics();
    expect(before.total).toMatchObject({ incidents: 1, judged: 0, confirmed: 0 });
    expect(before.total.toReportMs).not.toBeNull();
    expect(before.byService.map(([service]) => service)).toEqual(['cart']);
    expect((await product.ledger.report(id))?.firstRankedAt).toBeDefined();
  });
});
