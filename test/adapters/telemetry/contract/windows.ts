/** What was taken is in the windows it belongs to, once and in order, with all it says. */
import { expect, it } from 'vitest';
import { bytesOf, gauge, logs, minute, spanId, start, traceId, traces } from '../bodies.ts';
import { everything, type Open } from './open.ts';

export function windowsContract(open: Open): void {
  it('answers what it took and between which times', async () => {
    const telemetry = await open();
    const answer = await telemetry.ingest('traces', traces({ shop: [{ at: 5 }, { span: 2, at: 900 }] }), 'json');
    expect(answer).toEqual({ accepted: 2, rejected: 0, problem: null, oldestAt: start + 5, newestAt: start + 900 });
    expect(await telemetry.ingest('traces', bytesOf({}), 'json')).toMatchObject({ accepted: 0, oldestAt: null, newestAt: null });
  });

  it('gives a window its spans with parents, links and what each says', async () => {
    const telemetry = await open();
    const failed = { status: { code: 2, message: 'no stock' }, links: [{ traceId: traceId(1), spanId: spanId(2) }] };
    await telemetry.ingest(
      'traces',
      traces({
        cart: [{ span: 3, parent: 2, at: 2, more: failed, attributes: { 'http.response.status_code': 503 } }],
        shop: [
          { span: 2, parent: 9, at: 1, kind: 3, name: 'POST /buy', attributes: { 'server.address': 'cart.svc' } },
          { span: 1, at: 0.25, lasts: 30 },
        ],
      }),
      'json',
    );
    const { spans, strings, traces: count } = await telemetry.window(everything);
    const rowOf = (id: number) => Array.from({ length: spans.length }, (_, row) => row).find((row) => spans.spanId(row) === spanId(id))!;
    const [first, second, third] = [rowOf(1), rowOf(2), rowOf(3)];
    expect(spans.length).toBe(3);
    expect(count).toBe(1);
    expect([spans.parent[first], spans.parent[second], spans.parent[third]]).toEqual([-1, -2, second]);
    expect([spans.link[first], spans.link[third]]).toEqual([-1, second]);
    expect([spans.trace[first], spans.traceId(first)]).toEqual([spans.trace[third], traceId(1)]);
    expect(strings.text(spans.service[third]!)).toBe('cart');
    expect(strings.text(spans.operation[second]!)).toBe('POST /buy');
    expect([spans.kind[second], spans.status[third], spans.statusCode[third]]).toEqual([3, 2, 503]);
    expect([strings.text(spans.peer[second]!), spans.peerKind[second], spans.peer[first]]).toEqual(['ext:cart.svc', 4, -1]);
    expect([strings.text(spans.problem[third]!), spans.problem[first]]).toEqual(['no stock', -1]);
    expect([spans.startMs[first], spans.durationMs[first]]).toEqual([start + 0.25, 30]);
    expect(strings.text(spans.component[first]!)).toBe('scope');
  });

  it('gives a window what lies in it and nothing else, its end excluded', async () => {
    const telemetry = await open();
    await telemetry.ingest('traces', traces({ shop: [0, 10, 20, 30].map((at) => ({ at, span: at + 1, parent: 1 })) }), 'json');
    await telemetry.ingest('logs', logs({ shop: [{ at: 9 }, { at: 10 }, { at: 29 }, { at: 30 }] }), 'json');
    const window = await telemetry.window({ fromMs: start + 10, toMs: start + 30 });
    expect([...window.spans.startMs]).toEqual([start + 10, start + 20]);
    expect([...window.spans.parent]).toEqual([-2, -2]);
    expect([...window.logs.timeMs]).toEqual([start + 10, start + 29]);
    expect(window.dropped).toEqual({ spans: 0, logs: 0, points: 0 });
  });

  it('ties log lines to traces and spans, in time order', async () => {
    const telemetry = await open();
    await telemetry.ingest(
      'logs',
      logs({
        shop: [
          { at: 7, text: 'second', trace: 5, span: 2 },
          { at: 3, text: 'first', trace: 6, attributes: { 'x-request-id': 'r-1', 'logger.name': 'Till' }, severity: 17 },
          { at: 8, text: 'third' },
        ],
      }),
      'json',
    );
    await telemetry.ingest('traces', traces({ shop: [{ trace: 5, span: 2 }] }), 'json');
    const { logs: lines, spans, strings, traces: count, templateText } = await telemetry.window(everything);
    expect([0, 1, 2].map((row) => lines.text(row))).toEqual(['first', 'second', 'third']);
    expect([lines.trace[1], lines.trace[2], lines.traceId(1)]).toEqual([spans.trace[0], -1, traceId(5)]);
    expect([...lines.span]).toEqual([-1, 0, -1]);
    expect(count).toBe(2);
    expect([strings.text(lines.correlation[0]!), strings.text(lines.component[0]!), lines.severity[0]]).toEqual(['r-1', 'Till', 17]);
    expect(lines.correlation[2]).toBe(-1);
    expect(templateText(lines.template[2]!)).toBe('third');
  });

  it('gives metric points by series in time order, each once', async () => {
    const telemetry = await open();
    const points = [
      { at: 20, value: 2, labels: { pod: 'a' } },
      { at: 10, value: 1, labels: { pod: 'a' } },
      { at: 10, value: 7, labels: { pod: 'b' } },
    ];
    for (let i = 0; i < 2; i++) await telemetry.ingest('metrics', gauge('shop', 'cpu', points), 'json');
    const { metrics } = await telemetry.window({ fromMs: start, toMs: start + 21 });
    const a = metrics.find(({ labels }) => labels['pod'] === 'a')!;
    expect([a.service, a.name, a.unit, [...a.timeMs], [...a.values]]).toEqual(['shop', 'cpu', 's', [start + 10, start + 20], [1, 2]]);
    expect(metrics).toHaveLength(2);
    expect(telemetry.stats().points).toBe(3);
  });

  it('puts late arrivals in their place and takes times that lie ahead', async () => {
    const telemetry = await open();
    for (const at of [50, 10, 30, 10 * minute])
      await telemetry.ingest('traces', traces({ shop: [{ at, span: at + 1, parent: 11 }] }), 'json');
    const window = await telemetry.window({ fromMs: start, toMs: start + 60 });
    expect([...window.spans.startMs].sort()).toEqual([start + 10, start + 30, start + 50]);
    expect(telemetry.stats()).toMatchObject({ spans: 4, oldestAt: start + 10, newestAt: start + 10 * minute });
  });

  it('counts a span that is delivered twice once, everywhere', async () => {
    const telemetry = await open();
    const body = traces({ shop: [{ span: 1, kind: 3 }], cart: [{ span: 2, parent: 1 }] });
    for (let i = 0; i < 3; i++) await telemetry.ingest('traces', body, 'json');
    const { map } = await telemetry.knowledge();
    expect(telemetry.stats()).toMatchObject({ spans: 2, duplicates: 4 });
    expect(map.edges).toMatchObject([{ caller: 'shop', callee: 'cart', calls: 1 }]);
    expect((await telemetry.window(everything)).spans.length).toBe(2);
  });

  it('keeps time to the microsecond', async () => {
    const telemetry = await open();
    const more = { startTimeUnixNano: '1787738358881107000', endTimeUnixNano: '1787738358924433900' };
    await telemetry.ingest(
      'traces',
      traces({ shop: [{ more }, { span: 2, more: { ...more, startTimeUnixNano: 1787738358881107000 } }] }),
      'json',
    );
    const { spans } = await telemetry.window(everything);
    expect([...spans.startMs].map((ms) => Math.round((ms - 1787738358000) * 1000))).toEqual([881107, 881107]);
    expect(spans.durationMs[0]).toBeCloseTo(43.3269, 3);
  });

  it('keeps any text, short or huge', async () => {
    const telemetry = await open();
    const huge = 'ä'.repeat(2 ** 19);
    await telemetry.ingest('logs', logs({ 'café ☕ カート': [{ text: `${huge}!` }, { text: '💥 \u0000 "\\' }] }), 'json');
    const lines = await telemetry.logs({ window: everything, service: 'café ☕ カート', limit: 5 });
    expect(lines.map(({ text }) => text)).toEqual([`${huge}!`, '💥 \u0000 "\\']);
  });

  it('knows nothing at first', async () => {
    const telemetry = await open();
    expect(telemetry.stats()).toMatchObject({ spans: 0, logs: 0, points: 0, oldestAt: null, newestAt: null, duplicates: 0 });
    expect((await telemetry.window(everything)).spans.length).toBe(0);
    expect((await telemetry.knowledge()).map).toEqual({ services: [], edges: [] });
    expect(await telemetry.trace(traceId(1))).toEqual([]);
    await telemetry.advance(start, []);
  });
}
