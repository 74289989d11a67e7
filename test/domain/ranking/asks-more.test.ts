/** `shelf` and `till` take calls and ask `prices` and the cache `quick`; all that is known is how many calls each takes and makes. */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change.ts';
import type { MetricSeries } from '../../../src/domain/telemetry.ts';
import { about, rankMetrics, released, series } from './made-metrics.ts';

/** Lately each asks so many times as often, by `client>target`; `fails`: of what `shelf` asks `prices`, so much. */
interface Plan {
  readonly times?: Readonly<Record<string, number>>;
  readonly users?: number;
  readonly fails?: number;
  readonly from?: number;
  readonly changes?: readonly Change[];
}

const usually: Readonly<Record<string, number>> = { 'shelf>prices': 30, 'shelf>quick': 90, 'till>prices': 20 };

function rising(perMinute: (before: number) => number, since = 15): (before: number) => number {
  return (before) => {
    let total = 5000;
    for (let at = since; at >= before; at--) total += Math.round(perMinute(at));
    return total;
  };
}

function ranked({ times = {}, users = 1, fails = 0, from = 2, changes = [] }: Plan) {
  const isLate = (before: number): boolean => before < from;
  const load = (before: number): number => (isLate(before) ? users : 1);
  const metrics: MetricSeries[] = ['shelf', 'till'].map((service, salt) =>
    series({
      ...{ service, pod: `${service}-0`, name: 'http_server_requests_seconds_count', labels: { status: '200' } },
      value: rising((before) => about(100 * load(before), before, salt)),
    }),
  );
  for (const [edge, usual] of Object.entries(usually)) {
    const [service = '', target = ''] = edge.split('>');
    const made = (before: number): number => about(usual * load(before) * (isLate(before) ? (times[edge] ?? 1) : 1), before, edge.length);
    const failed = (before: number): number => (isLate(before) && edge === 'shelf>prices' ? fails * made(before) : 0);
    for (const [outcome, count] of [
      ['success', (before: number) => made(before) - failed(before)],
      ['error', failed],
    ] as const)
      metrics.push(
        series({
          ...{ service, pod: `${service}-0`, name: 'client_requests_seconds_count', labels: { target, outcome } },
          value: rising(count),
        }),
      );
  }
  // Who is asked tells of itself as well.
  for (const service of ['prices', 'quick'])
    metrics.push(series({ service, pod: `${service}-0`, name: 'process_open_fds', value: (before) => about(40, before) }));
  const { verdict, hypotheses, evidence } = rankMetrics(metrics, changes);
  return { verdict, first: hypotheses[0]?.service, says: evidence.map(({ text }) => text).join(' ') };
}

describe('a service that asks another more often for each call it takes', () => {
  it('is at fault', () => {
    const { verdict, first, says } = ranked({ times: { 'shelf>prices': 3.5 } });
    expect({ verdict, first }).toEqual({ verdict: 'cause', first: 'shelf' });
    expect(says).toContain('shelf asks prices');
  });

  it('is so the more where it has left off asking another', () => {
    expect(ranked({ times: { 'shelf>prices': 2.2 } }).verdict).not.toBe('cause');
    expect(ranked({ times: { 'shelf>prices': 2.2, 'shelf>quick': 0 } })).toMatchObject({ verdict: 'cause', first: 'shelf' });
  });

  it.each<[string, Plan]>([
    ['more users come', { users: 3.5 }],
    ['several do at once', { times: { 'shelf>prices': 3.5, 'till>prices': 3.5 } }],
    ['its calls fail and it asks again', { times: { 'shelf>prices': 3.5 }, fails: 0.6 }],
    ['it asks a little more', { times: { 'shelf>prices': 1.4 } }],
    ['it was released, and is judged by its pods', { times: { 'shelf>prices': 3.5 }, changes: [released('shelf', 2)] }],
  ])('is not said so where %s', (_, plan) => expect(ranked(plan).says).not.toContain('for each call it takes'));
});
