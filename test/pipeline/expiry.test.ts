import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/adapters/alert-formats/prometheus.ts';
import { start, testProduct } from '../support/app.ts';

const minute = 60_000;

function pushing() {
  const product = testProduct();
  const push = (over: { endsAt?: number; startsAt?: number | null; alertname?: string } = {}) => {
    const at = product.now();
    const startsAt = over.startsAt === undefined ? start - minute : over.startsAt;
    const pushed = {
      labels: { alertname: over.alertname ?? 'ErrorsHigh', service: 'cart', severity: 'critical' },
      ...(startsAt === null ? {} : { startsAt: new Date(startsAt).toISOString() }),
      endsAt: new Date(over.endsAt ?? at + 4 * minute).toISOString(),
    };
    const body = new TextEncoder().encode(JSON.stringify([pushed]));
    return product.app.receive('prometheus', { route: '/api/v2/alerts', headers: {}, body, receivedAt: at });
  };
  const incident = async (id = 'INC-1') => (await product.app.incident(id))?.card.incident;
  return { ...product, push, incident };
}

describe('an alarm that is pushed', () => {
  it('stays one alarm however often it is pushed', async () => {
    const { push, pass, incident, memory, close } = pushing();
    for (let i = 0; i < 20; i++) {
      expect((await push()).ids).toEqual(['INC-1']);
      await pass(minute);
    }
    expect(await incident()).toMatchObject({ state: 'open', alertCount: 1 });
    expect(memory.shipped.filter((s) => s.kind === 'card').length).toBeLessThan(4);
    await close();
  });

  it('is over when it is not pushed again by its end, as of then', async () => {
    const { push, pass, incident, memory, close } = pushing();
    await push();
    await pass(minute);
    await push();
    await pass(4 * minute - 1_000);
    expect((await incident())?.state).toBe('open');
    await pass(2_000);
    expect(await incident()).toMatchObject({ state: 'resolved', resolvedAt: start + 5 * minute });
    const last = memory.shipped.filter((s) => s.kind === 'card').at(-1);
    expect(last?.kind === 'card' && last.card.incident.state).toBe('resolved');
    await close();
  });

  it('fires anew when it comes back under the same start, and once', async () => {
    const { push, pass, incident, close } = pushing();
    await push();
    await pass(6 * minute);
    expect((await incident())?.state).toBe('resolved');
    await push();
    await pass(minute);
    await push();
    expect(await incident()).toMatchObject({ state: 'open', alertCount: 3, resolvedAt: null });
    await pass(6 * minute);
    expect((await incident())?.state).toBe('resolved');
    await close();
  });

  it('fires anew long after, in an incident of its own', async () => {
    const { push, pass, incident, close } = pushing();
    await push();
    await pass(30 * minute);
    expect((await push()).ids).toEqual(['INC-2']);
    expect((await push()).ids).toEqual(['INC-2']);
    expect((await incident('INC-2'))?.state).toBe('open');
    await close();
  });

  it('stays over when its sender ended it and a push was held up', async () => {
    const { push, pass, incident, close } = pushing();
    await push();
    await pass(minute);
    await push({ endsAt: start + minute - 1 });
    expect((await incident())?.state).toBe('resolved');
    await push();
    expect((await incident())?.state).toBe('resolved');
    await pass(10 * minute);
    expect(await incident()).toMatchObject({ state: 'resolved', alertCount: 2 });
    await close();
  });

  it('that never says since when is one alarm, and one again after its end', async () => {
    const { push, pass, incident, close } = pushing();
    for (let i = 0; i < 5; i++) {
      await push({ startsAt: null });
      await pass(minute);
    }
    expect(await incident()).toMatchObject({ state: 'open', alertCount: 1 });
    await push({ startsAt: null, endsAt: start + 5 * minute });
    expect((await incident())?.state).toBe('resolved');
    await pass(minute);
    await push({ startsAt: null });
    expect((await incident())?.state).toBe('open');
    await close();
  });

  it('is one alarm with what a real Alertmanager tells of it, and is then ended there', async () => {
    const { app, push, pass, incident, now, close } = pushing();
    await push();
    const labels = { alertname: 'ErrorsHigh', service: 'cart', severity: 'critical' };
    const told = { status: 'firing', labels, startsAt: new Date(start - minute).toISOString(), fingerprint: '' };
    const body = new TextEncoder().encode(JSON.stringify({ alerts: [{ ...told, fingerprint: fingerprintOf(labels) }] }));
    const { ids } = await app.receive('alertmanager', { route: '/webhook/alertmanager', headers: {}, body, receivedAt: now() });
    expect(ids).toEqual(['INC-1']);
    expect((await incident())?.alerts).toHaveLength(1);
    await pass(10 * minute);
    expect((await incident())?.state).toBe('open');
    await close();
  });
});

describe('after a restart', () => {
  it('waits for the next push before it calls anything over', async () => {
    const before = pushing();
    await before.push();
    await before.pass(minute);
    // The same store, opened by a process that begins when the alarm's time has long passed.
    const later = testProduct({ ledger: before.ledger }, start + 20 * minute);
    await later.pass(minute);
    expect((await later.app.incident('INC-1'))?.card.incident.state).toBe('open');
    await later.pass(2 * minute);
    expect((await later.app.incident('INC-1'))?.card.incident.state).toBe('resolved');
    await before.close();
  });
});
