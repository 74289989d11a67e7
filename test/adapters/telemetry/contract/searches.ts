/** Lines by their fields, traces by their ids, and what is known of services from elsewhere. */
import { expect, it } from 'vitest';
import { logs, spanId, start, traceId, traces } from '../bodies.ts';
import { everything, type Open } from './open.ts';

export function searchesContract(open: Open): void {
  it('finds log lines by each field', async () => {
    const telemetry = await open();
    await telemetry.ingest(
      'logs',
      logs({
        shop: [
          { at: 10, text: 'Ordered AB-17', severity: 9, trace: 1 },
          { at: 20, text: 'failed', severity: 17, attributes: { correlationId: 'AB-17' } },
          { at: 30, text: 'bye', severity: 0 },
        ],
        cart: [{ at: 15, text: 'ordered too', severity: 13, trace: 2 }],
      }),
      'json',
    );
    const window = everything;
    const found = async (query: object) => (await telemetry.logs({ window, limit: 9, ...query })).map(({ text }) => text);
    expect(await found({})).toEqual(['Ordered AB-17', 'ordered too', 'failed', 'bye']);
    expect(await found({ service: 'cart' })).toEqual(['ordered too']);
    expect(await found({ service: 'nobody' })).toEqual([]);
    expect(await found({ contains: 'ORDERED' })).toEqual(['Ordered AB-17', 'ordered too']);
    expect(await found({ correlationId: 'AB-17' })).toEqual(['Ordered AB-17', 'failed']);
    expect(await found({ traceId: traceId(2).toUpperCase() })).toEqual(['ordered too']);
    expect(await found({ minSeverity: 13 })).toEqual(['ordered too', 'failed']);
    expect(await found({ window: { fromMs: start + 15, toMs: start + 30 } })).toEqual(['ordered too', 'failed']);
    expect(await found({ limit: 2 })).toEqual(['failed', 'bye']);
    expect(await telemetry.logs({ window, limit: 1, contains: 'failed' })).toEqual([
      { timeMs: start + 20, service: 'shop', severity: 17, text: 'failed', traceId: null, correlationId: 'AB-17' },
    ]);
  });

  it("shows a trace in start order with all attributes, its resource's too", async () => {
    const telemetry = await open();
    await telemetry.ingest(
      'traces',
      traces({ cart: [{ trace: 2, span: 2, parent: 1, at: 5, attributes: { retry: true, share: 0.5 } }] }),
      'json',
    );
    await telemetry.ingest(
      'traces',
      traces({
        shop: [
          { trace: 3, span: 7 },
          { trace: 2, span: 1, attributes: { 'user.id': 'u', n: 3 } },
        ],
      }),
      'json',
    );
    const shown = await telemetry.trace(traceId(2));
    expect(shown).toMatchObject([
      { spanId: spanId(1), parentSpanId: null, service: 'shop', attributes: { 'service.name': 'shop', 'user.id': 'u', n: 3 } },
      { spanId: spanId(2), parentSpanId: spanId(1), service: 'cart', attributes: { retry: true, share: 0.5 } },
    ]);
    expect(shown[0]).toMatchObject({ operation: 'GET /', kind: 2, startMs: start, durationMs: 10, peer: null, problem: null });
    expect(await telemetry.trace(traceId(2).toUpperCase())).toHaveLength(2);
    for (const none of [traceId(9), '', 'no hex', 'a'.repeat(40)]) expect(await telemetry.trace(none)).toEqual([]);
  });

  it('finds a trace by the beginning of its id where only one begins so', async () => {
    const telemetry = await open();
    const ids = ['0123456789'.padEnd(32, 'a'), '0123456780'.padEnd(32, 'b')];
    await telemetry.ingest('traces', traces({ shop: ids.map((id, i) => ({ span: i + 1, more: { traceId: id } })) }), 'json');
    expect((await telemetry.trace('0123456789')).map((span) => span.traceId)).toEqual([ids[0]]);
    expect(await telemetry.trace('01234567')).toEqual([]);
  });

  it('adds what is known of services from elsewhere, silent ones too', async () => {
    const telemetry = await open();
    await telemetry.ingest('traces', traces({ shop: [{ kind: 3, attributes: { 'server.address': '10.0.0.7' } }] }), 'json');
    await telemetry.know([{ name: 'cart', addresses: ['10.0.0.7'], ports: [80] }]);
    await telemetry.know([{ name: 'till', addresses: [], ports: [] }]);
    const { map, directory } = await telemetry.knowledge();
    expect(map.edges).toMatchObject([{ caller: 'shop', callee: 'cart', calls: 1 }]);
    expect(directory.map((entry) => entry.name).sort()).toEqual(['cart', 'shop', 'till']);
  });
}
