/** The small tables beside the columns of spans: what rows have in common, where they came from, which traces a chunk may hold. */
import { describe, expect, it } from 'vitest';
import { SpanOrigins } from '../../../src/adapters/telemetry/span-origins.ts';
import { BatchShapes, outcomeOf, SpanShapes } from '../../../src/adapters/telemetry/span-shapes.ts';
import { TraceFilter } from '../../../src/adapters/telemetry/trace-filter.ts';
import { SpanBatch } from '../../../src/domain/span-batch.ts';
import { StringTable } from '../../../src/domain/telemetry.ts';
import { Chance } from '../../support/random-otlp.ts';

describe('shapes of spans', () => {
  it('are one number for what is the same, and say it all again', () => {
    const shapes = new SpanShapes();
    const chance = new Chance(3);
    const made = Array.from({ length: 5_000 }, () => {
      const [operation, peer, component, problem] = [0, 1, 2, 3].map(() => chance.below(12) - 1) as [number, number, number, number];
      const [kind, peerKind, status] = [chance.below(6), chance.below(5), chance.below(6)] as const;
      return { operation, peer, component, problem, kind, peerKind, status, statusCode: chance.of([0, 200, 503, 1_016, 65_535]) };
    });
    const numbers = made.map((shape) => {
      const outcome = outcomeOf(shape.kind, shape.peerKind, shape.status, shape.statusCode);
      return shapes.number(shape.operation, shape.peer, shape.component, shape.problem, outcome);
    });
    expect(numbers.map((number) => shapes.at(number))).toEqual(made);
    expect(new Set(numbers).size).toBe(new Set(made.map((shape) => JSON.stringify(shape))).size);
    const spread = shapes.spread(Int32Array.from(numbers));
    expect(made.map((_, i) => Object.fromEntries(Object.entries(spread).map(([name, column]) => [name, column[i]])))).toEqual(made);
  });

  it('of a batch are those that the store gives, with the store’s texts', () => {
    const [shapes, store, batch, chance] = [new SpanShapes(), new StringTable(), new SpanBatch(), new Chance(4)];
    store.id('in the store before');
    const text = () => (chance.is(3) ? -1 : batch.texts.id(`text ${chance.below(200)}`));
    const rows = 5_000;
    for (; batch.length < rows; batch.length++) {
      const [columns, row] = [batch.room(), batch.length];
      columns.operation[row] = batch.texts.id(`text ${chance.below(200)}`);
      for (const name of ['peer', 'component', 'problem'] as const) columns[name][row] = text();
      for (const name of ['kind', 'peerKind', 'status'] as const) columns[name][row] = chance.below(3);
      columns.statusCode[row] = chance.of([0, 200, 503]);
    }
    const ofBatch = new BatchShapes(shapes, batch, (name) => (name === null ? -1 : store.id(name)));
    const said = Array.from({ length: rows }, (_, row) => shapes.at(ofBatch.number(row)));
    const { columns, texts } = batch;
    const names = ['operation', 'peer', 'component', 'problem'] as const;
    expect(said.map((shape) => names.map((name) => store.text(shape[name])))).toEqual(
      said.map((_, row) => names.map((name) => texts.text(columns[name][row]!))),
    );
    const numbers = ['kind', 'peerKind', 'status', 'statusCode'] as const;
    expect(said.map((shape) => numbers.map((name) => shape[name]))).toEqual(
      said.map((_, row) => numbers.map((name) => columns[name][row])),
    );
  });

  it('lose names that are without end, and keep the outcome', () => {
    const shapes = new SpanShapes(10);
    const numbers = Array.from({ length: 100 }, (_, i) => shapes.number(i, -1, -1, i, outcomeOf(2, 0, i % 3, 200)));
    expect(shapes.at(numbers[5]!)).toMatchObject({ operation: 5, problem: 5, status: 2, statusCode: 200 });
    expect(shapes.at(numbers[50]!)).toMatchObject({ operation: -1, problem: -1, kind: 2, status: 2, statusCode: 200 });
    expect(new Set(numbers).size).toBe(13);
  });
});

describe('where spans came from', () => {
  it('is found for every row, of whole bodies and of those with gaps', () => {
    const origins = new SpanOrigins();
    const chance = new Chance(5);
    const added: { chunk: number; place: number; segment: number; ordinal: number }[] = [];
    let ordinal = 0;
    let segment = 1;
    for (let i = 0; i < 4_000; i++) {
      if (chance.is(2)) {
        segment++;
        ordinal = chance.below(3);
      } else ordinal += chance.is(5) ? 2 : 1;
      const origin = { chunk: i >> 10, place: i & 1_023, segment, ordinal };
      added.push(origin);
      origins.add(origin.chunk, origin.place, segment, ordinal);
    }
    for (const { chunk, place, ...from } of added) expect(origins.of(chunk, place)).toEqual(from);
    expect(origins.bytes).toBeLessThan(4_000 * 4);
    for (const chunk of [0, 1, 2, 3]) origins.drop(chunk);
    expect(origins.bytes).toBe(0);
  });
});

describe('which chunks may hold a trace', () => {
  it('never says no of one it holds, and seldom yes of one it does not', () => {
    const filter = new TraceFilter();
    const chance = new Chance(9);
    const ids = Int32Array.from({ length: 3_000 * 4 }, () => chance.below(2 ** 32) | 0);
    for (let i = 0; i < 1_500; i++) filter.add(7, ids, i * 4);
    const may = (i: number) => filter.mayHold(7, ids, i * 4);
    expect(Array.from({ length: 1_500 }, (_, i) => may(i))).not.toContain(false);
    expect(Array.from({ length: 1_500 }, (_, i) => may(1_500 + i)).filter(Boolean).length).toBeLessThan(60);
    expect(filter.mayHold(8, ids, 0)).toBe(false);
    filter.drop(7);
    expect([may(0), filter.bytes]).toEqual([false, 0]);
  });
});
