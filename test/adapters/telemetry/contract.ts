/** What every store of pushed telemetry does, whatever it keeps things in. */
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { Telemetry } from '../../../src/ports.ts';
import { bytesOf, gauge, gaugeJson, logs, logsJson, minute, spanId, spanJson, start, traceId, traces, tracesJson } from './bodies.ts';

export interface Setting {
  readonly now: () => number;
  readonly windowMinutes: number;
  readonly maxBytes: number;
}

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

export function telemetryContract(name: string, make: (setting: Setting) => Promise<Telemetry>): void {
  describe(`${name} keeps the contract of telemetry`, () => {
    let opened: Telemetry[] = [];
    const open = async (over: Partial<Setting> = {}) => {
      const telemetry = await make({ now: () => start + minute, windowMinutes: 60, maxBytes: 2 ** 28, ...over });
      opened.push(telemetry);
      return telemetry;
    };
    afterEach(async () => {
      for (const telemetry of opened) await telemetry.close();
      opened = [];
    });
    reading(open);
    refusing(open);
    naming(open);
    looking(open);
  });
}

type Open = (over?: Partial<Setting>) => Promise<Telemetry>;

function reading(open: Open): void {
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

function refusing(open: Open): void {
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

function naming(open: Open): void {
  const peerCases = [
    [3, { 'db.system.name': 'postgresql', 'db.namespace': 'orders' }, 'db:orders', 2],
    [3, { 'db.system': 'mysql', 'db.name': 'orders' }, 'db:orders', 2],
    [3, { 'db.system': 'redis', 'net.peer.name': 'cache-1' }, 'db:cache-1', 2],
    [3, { 'db.system.name': 'redis' }, 'db:redis', 2],
    [3, { 'db.namespace': 'new', 'db.name': 'old', 'db.system': 'x' }, 'db:new', 2],
    [4, { 'messaging.system': 'kafka', 'messaging.destination.name': 'pay' }, 'queue:kafka/pay', 3],
    [5, { 'messaging.system': 'rabbitmq', 'messaging.destination': 'pay' }, 'queue:rabbitmq/pay', 3],
    [3, { 'service.peer.name': 'new', 'peer.service': 'old' }, 'new', 1],
    [3, { 'peer.service': 'old' }, 'old', 1],
    [3, { 'server.address': 'api.example.com', 'net.peer.name': 'x' }, 'ext:api.example.com', 4],
    [3, { 'net.sock.peer.addr': '10.0.0.7' }, 'ext:10.0.0.7', 4],
    [3, { 'url.full': 'https://user:pw@api.example.com:8443/a?b' }, 'ext:api.example.com', 4],
    [3, { 'http.url': 'http://old.example.com/' }, 'ext:old.example.com', 4],
    [2, { 'server.address': 'me' }, '', 0],
    [3, { 'http.route': '/x' }, '', 0],
  ] as const;
  it.each(peerCases)('reads the peer of a span of kind %i with %j as "%s"', async (kind, attributes, peer, peerKind) => {
    const telemetry = await open();
    await telemetry.ingest('traces', traces({ shop: [{ kind, attributes }] }), 'json');
    const { spans, strings } = await telemetry.window(everything);
    expect([strings.text(spans.peer[0]!), spans.peerKind[0]]).toEqual([peer, peerKind]);
  });

  it.each([
    [2, { 'http.response.status_code': 200 }, 200, 0],
    [2, { 'http.status_code': 404 }, 404, 0],
    [3, { 'http.response.status_code': 404 }, 404, 2],
    [2, { 'http.status_code': '500' }, 500, 2],
    [3, { 'rpc.grpc.status_code': 14 }, 1014, 0],
    [3, { 'error.type': 'timeout' }, 0, 2],
    [3, { error: true }, 0, 2],
  ] as const)('reads status of a span of kind %i with %j as %i, %i', async (kind, attributes, code, status) => {
    const telemetry = await open();
    await telemetry.ingest('traces', traces({ shop: [{ kind, attributes }] }), 'json');
    const { spans } = await telemetry.window(everything);
    expect([spans.statusCode[0], spans.status[0]]).toEqual([code, status]);
  });

  it('names a service by namespace, name and environment, with its version and instance', async () => {
    const telemetry = await open();
    const of = { 'service.namespace': 'shop', 'deployment.environment': 'staging', 'service.version': '2', 'k8s.pod.name': 'cart-1' };
    await telemetry.ingest('traces', traces({ cart: [{}] }, of), 'json');
    await telemetry.ingest('logs', logs({ cart: [{ at: 1 }] }, of), 'json');
    const { spans, logs: lines, strings } = await telemetry.window(everything);
    for (const view of [spans, lines])
      expect([view.service[0], view.version[0], view.instance[0]].map((id) => strings.text(id!))).toEqual([
        'shop/cart@staging',
        '2',
        'cart-1',
      ]);
    expect((await telemetry.knowledge()).map.services).toMatchObject([
      { name: 'shop/cart@staging', versions: ['2'], instances: ['cart-1'] },
    ]);
  });

  it('reads the problem of a failed span from its exception, its status or its class, in that order', async () => {
    const telemetry = await open();
    const exception = (values: object) => ({
      events: [{ name: 'exception', attributes: Object.entries(values).map(([key, v]) => ({ key, value: { stringValue: v } })) }],
    });
    const failed = { status: { code: 2, message: 'said' } };
    await telemetry.ingest(
      'traces',
      traces({
        shop: [
          { span: 1, more: { ...failed, ...exception({ 'exception.type': 'E', 'exception.message': 'm' }) } },
          { span: 2, more: failed, attributes: { 'error.type': 'T' } },
          { span: 3, more: { status: { code: 2 } }, attributes: { 'error.type': 'T' } },
          { span: 4, more: exception({ 'exception.type': 'E' }) },
          { span: 5, more: { status: { code: 2, message: 'x'.repeat(1_000) } } },
        ],
      }),
      'json',
    );
    const { spans, strings } = await telemetry.window(everything);
    expect([0, 1, 2, 3, 4].map((row) => strings.text(spans.problem[row]!))).toEqual(['E: m', 'said', 'T', '', 'x'.repeat(300)]);
  });

  it.each([
    [{ severityNumber: undefined, severityText: 'WARNING' }, 13],
    [{ severityNumber: undefined, severityText: 'crit' }, 21],
    [{ severityNumber: '17' }, 17],
    [{ severityNumber: 0, severityText: 'verbose' }, 0],
  ])('reads severity of %j as %i', async (more, severity) => {
    const telemetry = await open();
    await telemetry.ingest('logs', logs({ shop: [{ more }] }), 'json');
    expect((await telemetry.window(everything)).logs.severity[0]).toBe(severity);
  });

  it('reads a line from text, structure, event name and exception, at its own or its observed time', async () => {
    const telemetry = await open();
    const structured = { body: { kvlistValue: { values: [{ key: 'a', value: { arrayValue: { values: [{ intValue: '1' }] } } }] } } };
    const body = logsJson({
      shop: [
        { at: 1, more: structured },
        { at: 2, more: { body: undefined, eventName: 'paid' } },
        { at: 3, text: 'no', attributes: { 'exception.type': 'E', 'exception.message': 'm' } },
        { more: { timeUnixNano: '0', observedTimeUnixNano: `${start + 4}000000` }, text: 'observed' },
      ],
    });
    await telemetry.ingest('logs', bytesOf(body), 'json');
    const { logs: lines } = await telemetry.window(everything);
    expect([0, 1, 2, 3].map((row) => lines.text(row))).toEqual(['{"a":[1]}', 'paid', 'no\nE: m', 'observed']);
  });
}

function looking(open: Open): void {
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
