/** What is wrong is refused with the place of the error, and nothing of it is stored; what is only odd is read. */
import { expect, it } from 'vitest';
import { Failure } from '../../../../src/domain/failure.ts';
import { bytesOf, gaugeJson, spanJson, traceId, traces, tracesJson } from '../bodies.ts';
import { everything, type Open } from './open.ts';

export function refusalsContract(open: Open): void {
  const good = spanJson({ at: 3 });
  const inSpans = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans: [good] }, { spans }] }] });
  const inLogs = (log: unknown) => ({ resourceLogs: [{}, { scopeLogs: [{ logRecords: [log] }] }] });
  const inMetrics = (metric: unknown) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics: [gaugeJson('a', 'b', []), metric] }] }] });
  const at = 'resourceSpans[0].scopeSpans[1].spans';
  it.each([
    { of: 'traces', body: [], path: '' },
    { of: 'traces', body: { resourceSpans: {} }, path: 'resourceSpans' },
    { of: 'traces', body: { resourceSpans: [{ resource: [] }] }, path: 'resourceSpans[0].resource' },
    { of: 'traces', body: { resourceSpans: [{ scopeSpans: [7] }] }, path: 'resourceSpans[0].scopeSpans[0]' },
    {
      of: 'traces',
      body: { resourceSpans: [{}, { resource: { attributes: [{ value: {} }] } }] },
      path: 'resourceSpans[1].resource.attributes[0]',
    },
    { of: 'traces', body: inSpans(good, 'x'), path: `${at}[1]` },
    { of: 'traces', body: inSpans(good, good, good, { ...good, name: 7 }), path: `${at}[3].name` },
    { of: 'traces', body: inSpans({ ...good, traceId: 7 }), path: `${at}[0].traceId` },
    { of: 'traces', body: inSpans({ ...good, kind: 'SERVER' }), path: `${at}[0].kind` },
    { of: 'traces', body: inSpans({ ...good, status: { code: 1.5 } }), path: `${at}[0].status.code` },
    { of: 'traces', body: inSpans({ ...good, status: 2 }), path: `${at}[0].status` },
    { of: 'traces', body: inSpans({ ...good, attributes: [{ key: 'a' }, { key: 3 }] }), path: `${at}[0].attributes[1]` },
    { of: 'traces', body: inSpans({ ...good, attributes: {} }), path: `${at}[0].attributes` },
    { of: 'traces', body: inSpans({ ...good, links: [{ traceId: 1 }] }), path: `${at}[0].links[0].traceId` },
    { of: 'traces', body: inSpans({ ...good, status: { code: 2 }, events: [{}, 5] }), path: `${at}[0].events[1]` },
    {
      of: 'traces',
      body: inSpans({ ...good, status: { code: 2 }, events: [{ name: 'exception', attributes: [{}] }] }),
      path: `${at}[0].events[0].attributes[0]`,
    },
    {
      of: 'logs',
      body: inLogs({ timeUnixNano: '1787738358881107000', spanId: {} }),
      path: 'resourceLogs[1].scopeLogs[0].logRecords[0].spanId',
    },
    {
      of: 'logs',
      body: inLogs({ timeUnixNano: '1787738358881107000', severityText: 4 }),
      path: 'resourceLogs[1].scopeLogs[0].logRecords[0].severityText',
    },
    { of: 'metrics', body: inMetrics({ name: 3 }), path: 'resourceMetrics[0].scopeMetrics[0].metrics[1].name' },
    {
      of: 'metrics',
      body: inMetrics({ name: 'x', sum: { dataPoints: [3] } }),
      path: 'resourceMetrics[0].scopeMetrics[0].metrics[1].sum.dataPoints[0]',
    },
    {
      of: 'metrics',
      body: inMetrics({ name: 'x', gauge: { dataPoints: [{ timeUnixNano: '1787738358881107000', asDouble: 1, attributes: 4 }] } }),
      path: 'resourceMetrics[0].scopeMetrics[0].metrics[1].gauge.dataPoints[0].attributes',
    },
  ] as const)('refuses $of wrong at "$path" and stores nothing of them', async ({ of, body, path }) => {
    const telemetry = await open();
    const refused = await telemetry.ingest(of, bytesOf(body), 'json').then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(Failure);
    expect(refused).toMatchObject({ code: 'rejected', path });
    expect(telemetry.stats()).toMatchObject({ spans: 0, logs: 0, points: 0 });
    expect((await telemetry.knowledge()).map.services).toEqual([]);
  });

  it.each([
    { what: 'no JSON', body: new TextEncoder().encode('{"resourceSpans":[') },
    { what: 'no UTF-8', body: Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
    { what: 'empty', body: new Uint8Array() },
  ])('refuses a body that is $what', async ({ body }) => {
    const telemetry = await open();
    await expect(telemetry.ingest('traces', body, 'json')).rejects.toMatchObject({ code: 'rejected' });
  });

  it.each([
    { what: 'a trace id of zeros', more: { traceId: '0'.repeat(32) } },
    { what: 'a span id that is too short', more: { spanId: 'abc' } },
    { what: 'a span id in base64', more: { spanId: 'q83vEjRWeJA=+/==' } },
    { what: 'no start', more: { startTimeUnixNano: undefined } },
    { what: 'a time that is none', more: { endTimeUnixNano: 'soon' } },
  ])('leaves out a span with $what and takes the rest', async ({ more }) => {
    const telemetry = await open();
    const answer = await telemetry.ingest('traces', traces({ shop: [{ span: 1 }, { span: 2, more }, { span: 3 }] }), 'json');
    expect(answer).toMatchObject({ accepted: 2, rejected: 1 });
    expect(answer.problem).toMatch(/1 entr/);
    expect(telemetry.stats().spans).toBe(2);
  });

  it('passes by unknown fields and reads enum names, upper-case ids and numbers as numbers', async () => {
    const telemetry = await open();
    const more = {
      traceId: traceId(1).toUpperCase(),
      kind: 'SPAN_KIND_CLIENT',
      status: { code: 'STATUS_CODE_ERROR' },
      flags: 257,
      zzz: [{}],
    };
    const body = { ...tracesJson({ shop: [{ more }] }), extra: { deep: [1] } };
    expect(await telemetry.ingest('traces', bytesOf(body), 'json')).toMatchObject({ accepted: 1, rejected: 0, problem: null });
    const { spans } = await telemetry.window(everything);
    expect([spans.traceId(0), spans.kind[0], spans.status[0]]).toEqual([traceId(1), 3, 2]);
  });
}
