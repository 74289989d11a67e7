/** Faults that were found by using it: each of these lost or held up something once. */
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { openRecording } from '../../src/cli/recording.ts';
import { fileURLToPath } from 'node:url';
import { alertBody, delivery, start, testProduct } from '../support/app.ts';

const fire = (over: Parameters<typeof alertBody>[0] = {}) => delivery('/webhook/alertmanager', alertBody(over));
const harbour = openRecording(fileURLToPath(new URL('../scenarios/harbour', import.meta.url)));

async function withHarbour(over: Parameters<typeof testProduct>[0] = {}) {
  const product = testProduct(over, harbour.alertAt);
  for (const signal of ['traces', 'logs'] as const)
    for (const body of harbour.bodies(signal)) await product.app.ingest(signal, body, 'json');
  const alert = { route: '/webhook/alertmanager', headers: {}, body: harbour.alertBody, receivedAt: harbour.alertAt };
  const [id = ''] = (await product.app.receive('alertmanager', alert)).ids;
  await product.app.settle();
  return { ...product, id, first: (await product.app.context(id))?.hypotheses[0] };
}

describe('a channel with a queue', () => {
  it('loses no root message when one of many waits long and then meets a rate limit', async () => {
    const { app, memory, pass, close } = testProduct();
    // Each in an environment of its own: they are no storm of one, which would be a handful of cards.
    for (let i = 0; i < 20; i++) await app.receive('alertmanager', fire({ service: `s${i}`, environment: `site-${i}` }));
    await pass(16_000);
    memory.refuseNext(new Failure('rate_limited', 'slack', 'post the report', { retryAfterMs: 2_000 }));
    await pass(120_000);
    const roots = new Set(memory.shipped.flatMap((s) => (s.kind === 'card' ? [s.card.incident.id] : [])));
    expect(roots.size).toBe(20);
    await close();
  });

  it('asks a sink to look for an earlier post only when there was an attempt', async () => {
    const { app, memory, pass, close } = testProduct();
    const asked: boolean[] = [];
    const send = memory.sink.deliver;
    memory.sink.deliver = (shipment, options) => {
      asked.push(options.mayExist);
      return send(shipment, options);
    };
    for (let i = 0; i < 5; i++) await app.receive('alertmanager', fire({ service: `s${i}` }));
    await pass(30_000);
    expect(asked).not.toContain(true);
    await close();
  });
});

describe('a verdict', () => {
  it('given while a ranking is under way counts at once, not at the next fixed round', async () => {
    let during: (() => Promise<unknown>) | null = null;
    // A source of changes is asked in the middle of a ranking: the place where a person's click may fall.
    const changes = async () => {
      const act = during;
      during = null;
      await act?.();
      return { changes: [], gaps: [] };
    };
    const { app, id, first, close } = await withHarbour({ changeSources: new Map([['here', { changes }]]) });
    const vote = { incidentId: id, hypothesisId: first?.id ?? '', person: 'slack:U1' };
    during = () => app.vote({ ...vote, verdict: 'reject' });
    await app.vote({ ...vote, person: 'slack:U2', verdict: 'withdraw' });
    await app.settle();
    expect((await app.context(id))?.hypotheses.find((h) => h.service === 'payment')?.confidence).toBeLessThan(0.5);
    await close();
  });

  it('long after the alert moves the report as it stood instead of wiping it', async () => {
    const { app, id, first, pass, close } = await withHarbour();
    await pass(90 * 60_000);
    const logs = {
      resourceLogs: [
        {
          resource: { attributes: [] },
          scopeLogs: [{ logRecords: [{ timeUnixNano: `${harbour.alertAt + 90 * 60_000}000000`, body: { stringValue: 'later' } }] }],
        },
      ],
    };
    await app.ingest('logs', new TextEncoder().encode(JSON.stringify(logs)), 'json');
    await app.age();
    await app.vote({ incidentId: id, hypothesisId: first?.id ?? '', verdict: 'confirm', person: 'slack:U1' });
    await app.settle();
    const context = await app.context(id);
    expect(context?.hypotheses[0]).toMatchObject({ service: 'payment', evidence: first?.evidence, feedback: { confirm: 1, reject: 0 } });
    expect(context?.verdict).toBe('cause');
    expect(context?.gaps.map((gap) => gap.reason).join()).toContain('no longer kept');
    await close();
  });
});

describe('an incident nobody resolves', () => {
  it('ends after a quiet hour when its sender has no word for it, and says so on its card', async () => {
    const { app, memory, pass, close } = testProduct();
    const event = { eventType: 'SESSION_DROP', correlationId: 'txn-456', details: { service: 'session', errorCode: 'TIMEOUT' } };
    await app.receive('event', delivery('/webhook/event', event));
    await app.receive('alertmanager', fire({ service: 'cart' }));
    await pass(61 * 60_000);
    await app.age();
    await pass(5_000);
    expect((await app.incident('INC-1'))?.card.incident.state).toBe('resolved');
    expect((await app.incident('INC-2'))?.card.incident.state).toBe('open');
    const last = memory.shipped.findLast((s) => s.kind === 'card' && s.card.incident.id === 'INC-1');
    expect(last?.kind === 'card' && last.card.incident.state).toBe('resolved');
    await close();
  });
});

describe('telemetry', () => {
  it('of the first second after an alert has the incident ranked again', async () => {
    const { app, pass, close } = testProduct();
    await app.ingest('logs', lines(start - 60_000), 'json');
    await app.receive('alertmanager', fire({ service: 'cart' }));
    await app.settle();
    await app.ingest('logs', lines(start - 2_000), 'json');
    await pass(4_000);
    expect((await app.context('INC-1'))?.ranking.round).toBe(2);
    await close();
  });

  it('teaches what is normal although an incident was never resolved', async () => {
    const { app, now, pass, close } = testProduct();
    await app.receive('alertmanager', fire({ service: 'cart' }));
    for (let minute = 0; minute < 60; minute++) {
      await app.ingest('logs', lines(now()), 'json');
      await pass(60_000);
      await app.age();
    }
    const incident = await app.investigate({ subject: 'cart', minutes: 10, person: 'slack:U1' });
    await app.settle();
    expect((await app.context(incident.id))?.gaps.map((gap) => gap.source)).not.toContain('baseline');
    await close();
  });
});

function lines(at: number): Uint8Array {
  const logRecords = Array.from({ length: 20 }, (_, i) => ({
    timeUnixNano: `${at + i}000000`,
    severityNumber: 9,
    body: { stringValue: `served page ${i}` },
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };
  return new TextEncoder().encode(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }));
}
