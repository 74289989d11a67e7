import { describe, expect, it } from 'vitest';
import { LogEdges } from '../../src/domain/log-edges.ts';
import { madeTopology, type TopologyStyle } from '../accuracy/made-topology.ts';

/** Lines as [service, ms], request by request; answers the edges found. */
function edgesOf(requests: readonly (readonly (readonly [string, number])[])[]): string[] {
  const log = new LogEdges();
  requests.forEach((lines, i) => {
    for (const [service, at] of lines) log.line(`id-${i}`, service, 1_000 * i + at);
  });
  const found = [...log.settle(0), ...log.settle(40_000), ...log.settle(80_000)];
  return [...new Set(found.map(({ caller, callee }) => `${caller} → ${callee}`))].sort();
}
/** `'a0 b10'`: a line of a at 0 ms, one of b at 10; so many requests of the kind. */
const like = (lines: string, n: number) =>
  Array.from({ length: n }, () => lines.split(' ').map((line) => [line[0]!, Number(line.slice(1))] as const));

describe('edges from log lines that share an id', () => {
  it('a chain, and calls one after the other', () => {
    expect(edgesOf(like('a0 b10 c20 c30 b40 a50', 8))).toEqual(['a → b', 'b → c']);
    expect(edgesOf(like('a0 b10 b20 c30 c40 a50', 8))).toEqual(['a → b', 'a → c']);
  });

  it('one or two requests prove nothing', () => {
    expect(edgesOf(like('a0 b10 a50', 2))).toEqual([]);
    expect(edgesOf(like('a0 b10 a50', 3))).toEqual(['a → b']);
  });

  it('what happens to lie within another now and then is no call of it', () => {
    expect(edgesOf([...like('a0 b10 b20 c30 a50', 12), ...like('a0 b10 c15 b20 a50', 2)])).toEqual(['a → b', 'a → c']);
  });

  it('lines of one moment have no direction, and lines of one service no edge', () => {
    expect(edgesOf(like('a0 b0', 8))).toEqual([]);
    expect(edgesOf(like('a0 a9', 8))).toEqual([]);
  });

  it('a request that is still written to is not judged yet', () => {
    const log = new LogEdges();
    for (const part of ['a', 'b']) for (let i = 0; i < 5; i++) log.line(`id-${i}`, part, part === 'a' ? 0 : 10);
    expect(log.settle(0)).toEqual([]);
    for (let i = 0; i < 5; i++) log.line(`id-${i}`, 'a', 60);
    expect(log.settle(40_000)).toEqual([]);
    expect(log.settle(80_000)).toEqual([{ caller: 'a', callee: 'b', requests: 5 }]);
  });
});

describe('a known system, its traces taken away', () => {
  const style = (seed: string, logs: 'plain' | 'json'): TopologyStyle => ({ seed, services: 14, statuses: true, logs, closed: false });
  it.each([style('made-1', 'json'), style('logs-2', 'plain'), style('logs-3', 'plain'), style('logs-4', 'json')])('$seed', (made) => {
    const world = madeTopology(made);
    const log = new LogEdges();
    const truth = new Map<string, number>();
    world.normal.forEach(({ spans, logs }, i) => {
      const writers = new Set(logs.map(({ service }) => service));
      const called = new Set<string>();
      for (const { service, parent } of spans) {
        const caller = spans[parent]?.service;
        if (caller !== undefined && caller !== service && writers.has(caller) && writers.has(service)) called.add(`${caller} → ${service}`);
      }
      for (const edge of called) truth.set(edge, (truth.get(edge) ?? 0) + 1);
      for (const { service, at } of logs) log.line(`id-${i}`, service, i * 1000 + at);
    });
    const found = new Set(
      [log.settle(0), log.settle(40_000), log.settle(80_000)].flat().map(({ caller, callee }) => `${caller} → ${callee}`),
    );
    const wanted = [...truth].filter(([, n]) => n >= 3).map(([edge]) => edge);
    const right = [...found].filter((edge) => truth.has(edge)).length;
    const [precision, recall] = [right / found.size, wanted.filter((edge) => found.has(edge)).length / wanted.length];
    console.log(
      `${made.seed}: ${found.size} edges from lines, precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)} of ${wanted.length}`,
    );
    expect(precision).toBeGreaterThanOrEqual(0.75);
    expect(recall).toBeGreaterThanOrEqual(0.65);
  });
});
