import { describe, expect, it } from 'vitest';
import { createBaseline, restoreBaseline } from '../../../src/domain/baseline/baseline.ts';
import { leftOf, rightOf } from '../../../src/domain/baseline/counts.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from '../ranking/window-from-otlp.ts';

const start = 1_800_000_000_000;
const nanos = (ms: number): string => `${ms}000000`;

/** `visits` traces a second apart: shop calls cart, which writes one line each time. */
function traffic(visits: number, fromMs = start) {
  const spanOf = (trace: number, spanId: string, parentSpanId: string, name: string, at: number, ms: number): OtlpSpan => ({
    traceId: `t${fromMs}${trace}`,
    spanId,
    parentSpanId,
    name,
    kind: spanId === 'b' ? 3 : 2,
    startTimeUnixNano: nanos(at),
    endTimeUnixNano: nanos(at + ms),
  });
  const of = (service: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: service } }] });
  const rows = Array.from({ length: visits }, (_, i) => ({ i, at: fromMs + i * 1000 }));
  return flatten({
    traces: [
      {
        resourceSpans: [
          {
            resource: of('shop'),
            scopeSpans: [
              { spans: rows.flatMap(({ i, at }) => [spanOf(i, 'a', '', 'GET /buy', at, 60), spanOf(i, 'b', 'a', 'GET', at + 5, 40)]) },
            ],
          },
          {
            resource: of('cart'),
            scopeSpans: [{ spans: rows.map(({ i, at }) => spanOf(i, 'c', 'b', `GET /items/${1000 + i}`, at + 10, 30)) }],
          },
        ],
      },
    ],
    logs: [
      {
        resourceLogs: [
          {
            resource: of('cart'),
            scopeLogs: [
              {
                logRecords: rows.map(({ i, at }) => ({
                  timeUnixNano: nanos(at + 20),
                  severityNumber: 9,
                  body: { stringValue: `loaded ${i} entries` },
                  traceId: `t${fromMs}${i}`,
                  spanId: 'c',
                })),
              },
            ],
          },
        ],
      },
    ],
    metrics: [],
  });
}

function learned(visits: number) {
  const tables = new Tables();
  const flat = traffic(visits);
  const baseline = createBaseline();
  atOnce(baseline.learn(windowOf(flat, tables, start, start + 90_000), start, start + 60_000));
  return { baseline, tables, flat };
}

/** What is counted, by name, so that two baselines with other numbers can be compared. */
function counted({ normal, lexicon }: ReturnType<typeof createBaseline>): Record<string, number> {
  const name = (id: number): string => lexicon.names.text(id);
  return Object.fromEntries([...normal.items.keys()].map((key) => [`${name(leftOf(key))} | ${name(rightOf(key))}`, normal.items.sum(key)]));
}

describe('a baseline', () => {
  it('learns only the stretch it is asked to, and each trace where it begins', () => {
    const { baseline } = learned(80);
    expect(baseline.normal.traces.sum(0)).toBe(60);
    expect(baseline.learnedUntil).toBe(start + 60_000);
    expect(baseline.minutes).toBe(1);
  });

  it('counts presence by visit with ids masked, and times own work apart from the gap in front of a callee', () => {
    const { baseline } = learned(20);
    const counts = Object.entries(counted(baseline));
    const line = counts.find(([name]) => name.includes('loaded'));
    expect(line?.[0]).toContain('GET /items/*');
    expect(line?.[1]).toBe(20);
    const series = [...baseline.normal.delays.keys()].map((id) => baseline.lexicon.parts(id).join(' '));
    expect(series).toContain('D cart GET /items/*');
    expect(series).toContain('G shop cart GET /items/*');
    const gap = [...baseline.normal.delays].find(([id]) => baseline.lexicon.parts(id)[0] === 'G')?.[1];
    expect(gap?.total).toBe(20);
    expect(gap?.quantiles(0.5)[0]).toBeCloseTo(10, 0);
  });

  it('is the same after JSON and back, and goes on counting under the same names', () => {
    const { baseline, flat } = learned(60);
    const restored = restoreBaseline(JSON.parse(JSON.stringify(baseline.snapshot())));
    expect(counted(restored)).toEqual(counted(baseline));
    expect(restored.minutes).toBe(baseline.minutes);
    expect(restored.learnedUntil).toBe(baseline.learnedUntil);
    expect(restored.snapshot()).toEqual(baseline.snapshot());
    // A restarted process numbers templates and strings anew.
    atOnce(restored.learn(windowOf(flat, new Tables(), start, start + 90_000), start, start + 60_000));
    expect(Object.keys(counted(restored)).sort()).toEqual(Object.keys(counted(baseline)).sort());
    expect(Object.values(counted(restored))).toEqual(Object.values(counted(baseline)).map((n) => 2 * n));
  });

  it('starts anew from what is no snapshot', () => {
    for (const broken of [null, {}, { format: 2 }, 'x']) expect(restoreBaseline(broken).learnedUntil).toBeNull();
  });

  it('does not grow with the number of minutes when they are alike', () => {
    const { baseline, tables } = learned(60);
    const size = () => JSON.stringify(baseline.snapshot()).length;
    const early = size();
    for (let minute = 1; minute < 70; minute++) {
      const from = start + minute * 60_000;
      atOnce(baseline.learn(windowOf(traffic(60, from), tables, from, from + 90_000), from, from + 60_000));
    }
    expect(baseline.minutes).toBe(70);
    expect(size()).toBeLessThan(early * 1.6);
  });
});
