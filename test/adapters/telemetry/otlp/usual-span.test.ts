/** A span as everybody writes it and the same written otherwise give the same row, and what is broken is refused in both. */
import { describe, expect, it } from 'vitest';
import { decodeOtlp } from '../../../../src/adapters/telemetry/otlp/otlp.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import { SpanBatch } from '../../../../src/domain/span-batch.ts';

type Write = (field: number, ...parts: readonly (number | readonly number[])[]) => number[];

const flat = (parts: readonly (number | readonly number[])[]) => parts.flat();
/** A field with a length, as short as it can be written. */
const usual: Write = (field, ...parts) => {
  const bytes = flat(parts);
  const { length } = bytes;
  return [field * 8 + 2, ...(length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7]), ...bytes];
};
/** The same with a length of three bytes, of which zeros in front count nothing. */
const padded: Write = (field, ...parts) => {
  const bytes = flat(parts);
  return [field * 8 + 2, (bytes.length & 0x7f) | 0x80, ((bytes.length >> 7) & 0x7f) | 0x80, 0, ...bytes];
};

const text = (value: string) => [...Buffer.from(value)];
const fixed64 = (field: number, ns: bigint) => [field * 8 + 1, ...new Uint8Array(BigUint64Array.of(ns).buffer)];
const id = (length: number, first: number) => Array.from({ length }, (_, i) => (first + i) & 0xff);
const startNs = 1_700_000_000_123_456_789n;

interface Kind {
  readonly kind?: readonly number[];
  readonly attributes?: (write: Write) => readonly number[];
  readonly status?: readonly number[];
  readonly name?: readonly number[];
  readonly traceId?: readonly number[];
}

function spanBytes(write: Write, { kind = [2], attributes = () => [], status = [], name = text('GET /'), traceId = id(16, 1) }: Kind) {
  return flat([
    write(1, traceId),
    write(2, id(8, 101)),
    write(4, id(8, 201)),
    write(5, name),
    [6 * 8, ...kind],
    fixed64(7, startNs),
    fixed64(8, startNs + 5_250_000n),
    attributes(write),
    write(15, status),
  ]);
}

const bodyOf = (span: readonly number[]) => {
  const resource = usual(1, usual(1, usual(1, text('service.name')), usual(2, usual(1, text('shop')))));
  return Uint8Array.from(usual(1, resource, usual(2, usual(2, span))));
};

function decoded(body: Uint8Array) {
  const batch = new SpanBatch();
  const { rejected } = decodeOtlp({ signal: 'traces', format: 'protobuf', body }, batch, 0);
  const { columns, texts } = batch;
  const cells = Object.entries(columns).map(([name, column]) => [name, [...column.subarray(0, name === 'ids' ? 8 : 1)]]);
  const named = [columns.operation, columns.peer, columns.component, columns.problem].map((column) => texts.text(column[0]!));
  return { rejected, length: batch.length, ...(batch.length === 0 ? {} : { cells: Object.fromEntries(cells), named }) };
}

const attribute = (write: Write, name: string, value: readonly number[]) => write(9, write(1, text(name)), write(2, value));
const kinds: Record<string, Kind> = {
  'with nothing more': {},
  'of a kind that nobody knows': { kind: [9] },
  'of a kind written in two bytes': { kind: [0x83, 0] },
  'that failed': { status: [3 * 8, 2] },
  'with a status that nobody knows': { status: [3 * 8, 77] },
  'with a message of its status': { status: [2 * 8 + 2, 2, ...text('no'), 3 * 8, 2] },
  'with a code of one byte': { attributes: (write) => attribute(write, 'http.status_code', [3 * 8, 100]) },
  'with a code of two bytes': { attributes: (write) => attribute(write, 'http.response.status_code', [3 * 8, 0xf7, 3]) },
  'with a code as text': { attributes: (write) => attribute(write, 'http.status_code', write(1, text('503'))) },
  'with a code as a double': {
    attributes: (write) => attribute(write, 'http.status_code', [4 * 8 + 1, ...new Uint8Array(Float64Array.of(503).buffer)]),
  },
  'with a code of many bytes': { attributes: (write) => attribute(write, 'http.status_code', [3 * 8, 0xc8, 0x81, 0x80, 0]) },
  'with a negative code': { attributes: (write) => attribute(write, 'http.status_code', [3 * 8, ...new Array<number>(9).fill(0xff), 1]) },
  'that calls a database': { kind: [3], attributes: (write) => attribute(write, 'db.system', write(1, text('postgresql'))) },
  'with a long text nobody asks for': { attributes: (write) => attribute(write, 'db.statement', write(1, text('x'.repeat(5_000)))) },
  'with a long text': { kind: [3], attributes: (write) => attribute(write, 'peer.service', write(1, text('y'.repeat(300)))) },
  'with an empty value': { attributes: (write) => attribute(write, 'http.status_code', []) },
  'with an empty text': { kind: [3], attributes: (write) => attribute(write, 'peer.service', write(1, [])) },
  'with a value before its name': {
    attributes: (write) => write(9, write(2, [3 * 8, 100]), write(1, text('http.status_code'))),
  },
  'with two values, of which the last counts': {
    attributes: (write) => write(9, write(1, text('http.status_code')), write(2, [3 * 8, 100]), write(2, [3 * 8, 101])),
  },
  'with two kinds of value in one': { attributes: (write) => attribute(write, 'http.status_code', [...write(1, text('1')), 3 * 8, 102]) },
  'with an attribute of no name': { attributes: (write) => write(9, write(2, [3 * 8, 100])) },
  'with fields nobody knows': { attributes: (write) => [...write(3, text('a=b')), 10 * 8, 4, 0x85, 1, 1, 0, 0, 0] },
  'whose trace id is zero': { traceId: new Array<number>(16).fill(0) },
  'whose trace id is short': { traceId: id(8, 1) },
};

describe('a span', () => {
  it.each(Object.entries(kinds))('%s is the same in whatever way it is written', (_, kind) => {
    expect(decoded(bodyOf(spanBytes(usual, kind)))).toEqual(decoded(bodyOf(spanBytes(padded, kind))));
  });

  it.each([usual, padded])('whose name is no UTF-8 is refused with its place', (write) => {
    const body = bodyOf(spanBytes(write, { name: [0x61, 0xff] }));
    expect(() => decoded(body)).toThrow(
      expect.objectContaining({ code: 'rejected', path: 'resourceSpans[0].scopeSpans[0].spans[0].name' }),
    );
  });

  it.each([usual, padded])('whose value is no UTF-8 is refused with its place', (write) => {
    const attributes = () => attribute(write, 'peer.service', write(1, [0xff]));
    expect(() => decoded(bodyOf(spanBytes(write, { attributes })))).toThrow(Failure);
  });

  it.each([usual, padded])('that is cut short is refused, or says no more than it says up to there', (write) => {
    const attributes = () => attribute(write, 'http.status_code', [3 * 8, 0xf7, 3]);
    const whole = spanBytes(write, { attributes, status: [3 * 8, 2] });
    const ends = new Set([0]);
    let last: unknown = null;
    for (let length = 0; length < whole.length; length++) {
      try {
        last = decoded(bodyOf(whole.slice(0, length)));
        ends.add(length);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }
    // Behind each field and nowhere else: four with a length, kind, two times, attribute.
    expect(ends.size).toBe(9);
    expect(last).toMatchObject({ length: 1 });
  });
});
