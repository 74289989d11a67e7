/** One request in both encodings gives the same rows; protobuf that is none is refused with its place. */
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/domain/failure.ts';
import type { Signal, Telemetry } from '../../../../src/ports.ts';
import { createTelemetry } from '../../../../src/telemetry.ts';
import { protobufOf } from '../../../support/otlp-protobuf.ts';
import { randomRequest } from '../../../support/random-otlp.ts';
import { bytesOf, minute, spanJson, start, traceId, tracesJson } from '../bodies.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const requestsPerSignal = 150;
const open = () => createTelemetry({ file: null, now: () => start + minute, windowMinutes: 60, maxBytes: 2 ** 28 });

/** All that can be read of a store. */
async function contents(telemetry: Telemetry) {
  const { spans, logs, metrics, strings, templateText } = await telemetry.window(everything);
  const cells = Object.entries(spans).filter((entry): entry is [string, Int32Array] => ArrayBuffer.isView(entry[1]));
  const isText = new Set(['service', 'instance', 'version', 'operation', 'peer', 'component', 'problem']);
  const ids = new Set(Array.from({ length: spans.length }, (_, row) => spans.traceId(row)));
  return {
    stats: { ...telemetry.stats(), bytes: 0 },
    spans: Array.from({ length: spans.length }, (_, row) => [
      spans.traceId(row),
      spans.spanId(row),
      ...cells.map(([name, column]) => [name, isText.has(name) ? strings.text(column[row]!) : column[row]]),
    ]),
    logs: Array.from({ length: logs.length }, (_, row) => [
      ...[logs.service, logs.instance, logs.version, logs.component, logs.correlation].map((column) => strings.text(column[row]!)),
      ...[logs.timeMs[row], logs.severity[row], logs.trace[row], logs.span[row], templateText(logs.template[row]!), logs.text(row)],
    ]),
    metrics: metrics.map((series) => ({ ...series, timeMs: [...series.timeMs], values: [...series.values] })),
    map: (await telemetry.knowledge()).map,
    traces: await Promise.all([...ids].map((id) => telemetry.trace(id))),
  };
}

describe('the same request as JSON and as protobuf', () => {
  it.each(['traces', 'logs', 'metrics'] as const)('gives the same %s, answers, map and attributes', async (signal) => {
    let rows = 0;
    let leftOut = 0;
    for (let seed = 1; seed <= requestsPerSignal; seed++) {
      const request = randomRequest(signal, seed);
      const [asJson, asProtobuf] = [open(), open()];
      const answer = await asJson.ingest(signal, bytesOf(request), 'json');
      expect(await asProtobuf.ingest(signal, protobufOf(signal, request), 'protobuf'), `seed ${seed}`).toEqual(answer);
      expect(await contents(asProtobuf), `seed ${seed}`).toEqual(await contents(asJson));
      rows += answer.accepted;
      leftOut += answer.rejected;
    }
    expect(rows).toBeGreaterThan(requestsPerSignal);
    // Log lines have nothing without which they are none.
    if (signal !== 'logs') expect(leftOut).toBeGreaterThan(requestsPerSignal / 10);
  });

  it('is stored once, whichever comes second', async () => {
    const telemetry = open();
    const request = tracesJson({ shop: [{ span: 1 }, { span: 2, parent: 1 }] });
    await telemetry.ingest('traces', bytesOf(request), 'json');
    await telemetry.ingest('traces', protobufOf('traces', request), 'protobuf');
    expect(telemetry.stats()).toMatchObject({ spans: 2, duplicates: 2 });
  });
});

const utf8 = (text: string) => new TextEncoder().encode(text);
const { Writer } = protobuf;
/** A message of fields, each a number and the bytes of a message, a text or ready-made ones. */
const message = (...fields: readonly (readonly [number, Uint8Array | string])[]) => {
  const writer = Writer.create();
  for (const [field, value] of fields) writer.uint32(field * 8 + 2).bytes(typeof value === 'string' ? utf8(value) : value);
  return new Uint8Array(writer.finish());
};
const good = spanJson({ span: 1 });
const goodSpan = () => {
  const body = protobufOf('traces', { resourceSpans: [{ scopeSpans: [{ spans: [good] }] }] });
  // 1 resource_spans { 2 scope_spans { 2 spans { … } } }: three keys and lengths of one byte each.
  return body.slice(6);
};
const withSpan = (span: Uint8Array) => message([1, message([2, message([2, goodSpan()], [2, span])])]);
const deep = (levels: number): Uint8Array => {
  let value = message([1, 'bottom']);
  for (let i = 0; i < levels; i++) value = message([5, message([1, value])]);
  return value;
};
const attribute = (key: string, value: Uint8Array) => message([1, key], [2, value]);
const many = (byte: number, count: number) => new Uint8Array(count).fill(byte);
const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const at = 'resourceSpans[0].scopeSpans[0].spans[1].';

describe('protobuf that is none', () => {
  it.each<{ what: string; of?: Signal; body: Uint8Array; path: string; hint: RegExp }>([
    { what: 'cut short', body: protobufOf('traces', tracesJson({ shop: [{}] })).slice(0, -1), path: '', hint: /cut short/ },
    { what: 'longer than the body', body: Uint8Array.of(0x0a, 0x05, 0x00), path: '', hint: /cut short/ },
    { what: 'of a length without end', body: joined(Uint8Array.of(0x0a), many(0xff, 12)), path: '', hint: /too long/ },
    { what: 'of a length beyond 32 bits', body: Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f), path: '', hint: /too long/ },
    { what: 'of a key without end', body: many(0xff, 12), path: '', hint: /too long/ },
    { what: 'of a number without end', body: joined(Uint8Array.of(0x10), many(0xff, 12)), path: '', hint: /64 bits/ },
    { what: 'of a number of 70 bits', body: joined(Uint8Array.of(0x10), many(0xff, 9), Uint8Array.of(0x7f)), path: '', hint: /64 bits/ },
    { what: 'field 0', body: Uint8Array.of(0x02, 0x00), path: '', hint: /number 0/ },
    { what: 'a group', body: Uint8Array.of(0x0b, 0x0c), path: '', hint: /kind/ },
    { what: 'wire type 7', body: Uint8Array.of(0x0f, 0x00), path: '', hint: /kind/ },
    {
      what: 'a resource that is a number',
      body: message([1, Uint8Array.of(0x08, 0x01)]),
      path: 'resourceSpans[0].resource',
      hint: /object/,
    },
    {
      what: 'a span that is a number',
      body: message([1, message([2, Uint8Array.of(0x10, 1)])]),
      path: 'resourceSpans[0].scopeSpans[0].spans[0].spans',
      hint: /object/,
    },
    { what: 'a name that is a number', body: withSpan(Uint8Array.of(0x28, 1)), path: `${at}name`, hint: /string/ },
    { what: 'a name that is no UTF-8', body: withSpan(message([5, Uint8Array.of(0xff, 0xfe)])), path: `${at}name`, hint: /UTF-8/ },
    { what: 'a time that is a varint', body: withSpan(Uint8Array.of(0x38, 1)), path: `${at}startTimeUnixNano`, hint: /64-bit/ },
    { what: 'an id that is a number', body: withSpan(Uint8Array.of(0x08, 1)), path: `${at}traceId`, hint: /bytes/ },
    { what: 'a span cut short', body: withSpan(Uint8Array.of(0x2a, 9, 0x61)), path: at, hint: /cut short/ },
    { what: 'a status that is text', body: withSpan(message([15, Uint8Array.of(0x1a, 0)])), path: `${at}status.code`, hint: /integer/ },
    {
      what: 'a metric that is a number',
      of: 'metrics',
      body: message([1, message([2, Uint8Array.of(0x10, 1)])]),
      path: 'resourceMetrics[0].scopeMetrics[0].metrics[0].metrics',
      hint: /bytes/,
    },
    {
      what: 'a count that is a varint',
      of: 'metrics',
      body: message([1, message([2, message([2, message([9, message([1, Uint8Array.of(0x20, 1)])])])])]),
      path: 'resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].count',
      hint: /64-bit/,
    },
    {
      what: 'a body that is a fixed32',
      of: 'logs',
      body: message([1, message([2, message([2, Uint8Array.of(0x2d, 0, 0, 0, 0)])])]),
      path: 'resourceLogs[0].scopeLogs[0].logRecords[0].body',
      hint: /object/,
    },
  ])('is refused with its place: $what', async ({ of = 'traces', body, path, hint }) => {
    const telemetry = open();
    const refused = await telemetry.ingest(of, body, 'protobuf').then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(Failure);
    expect(refused).toMatchObject({ code: 'rejected', path });
    expect((refused as Failure).hint).toMatch(hint);
    expect(telemetry.stats()).toMatchObject({ spans: 0, logs: 0, points: 0 });
    expect((await telemetry.knowledge()).map.services).toEqual([]);
  });

  it('is taken where it is only strange: nothing at all, the resource behind its spans, fields twice, values beyond depth', async () => {
    const telemetry = open();
    expect(await telemetry.ingest('traces', new Uint8Array(), 'protobuf')).toMatchObject({ accepted: 0, rejected: 0, problem: null });
    const named = message([1, attribute('service.name', message([1, 'late']))]);
    const span = joined(goodSpan(), message([5, 'renamed'], [9, attribute('deep', deep(1_000))], [9, attribute('deeper', deep(12))]));
    const body = message([1, joined(message([2, joined(message([2, span]), message([1, message([1, 'scope'])]))]), message([1, named]))]);
    expect(await telemetry.ingest('traces', body, 'protobuf')).toMatchObject({ accepted: 1, rejected: 0 });
    const [found] = await telemetry.trace(traceId(1));
    expect(found).toMatchObject({ service: 'late', operation: 'renamed', attributes: { 'service.name': 'late' } });
    expect(found?.attributes['deep']).toMatch(/^\[{17}null\]{17}$/);
    expect(found?.attributes['deeper']).toBe(`${'['.repeat(12)}"bottom"${']'.repeat(12)}`);
    const { spans, strings } = await telemetry.window(everything);
    expect(strings.text(spans.component[0]!)).toBe('scope');
  });
});
