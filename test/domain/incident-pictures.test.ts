/** Both pictures of an incident as text: what they show, what they say in words, and that outside text breaks neither. */
import { describe, expect, it } from 'vitest';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { incidentMap } from '../../src/domain/incident-map.ts';
import type { Timeline } from '../../src/domain/timeline.ts';
import { timelineChart } from '../../src/domain/timeline-chart.ts';
import { at, context, hypothesis, release } from '../adapters/sinks/slack/cards.ts';

const edge = (caller: string, callee: string, calls = 100, errors = 0): IncidentContext['map']['edges'][number] => ({
  caller,
  callee,
  calls,
  errors,
  p95Ms: 40,
  sources: ['span'],
});

function mapped(edges: IncidentContext['map']['edges'], over: Partial<IncidentContext> = {}): IncidentContext {
  return context({ map: { total: { services: 9, edges: 9 }, services: [{ name: 'db:orders', kind: 'database' }], edges }, ...over });
}

const shop = [
  edge('frontend', 'checkout', 900, 120),
  edge('checkout', 'payment', 240, 212),
  edge('payment', 'db:orders'),
  edge('far', 'away'),
];
const nodeOf = (dot: string, name: string) =>
  dot.split('\n').find((line) => line.includes(`[label="${name}`) && line.includes('shape=')) ?? '';

describe('incidentMap', () => {
  it('names the role of each service, draws the way, and leaves out what has nothing to do with it', () => {
    const { dot, words } = incidentMap(mapped(shop))!;
    expect(nodeOf(dot, 'payment')).toContain('label="payment\\nmost likely cause"');
    expect(nodeOf(dot, 'checkout')).toContain('label="checkout\\nalert"');
    expect(nodeOf(dot, 'frontend')).toContain('label="frontend\\nalso hit"');
    expect(nodeOf(dot, 'db:orders')).toContain('shape=cylinder');
    expect(dot).not.toContain('far');
    expect(dot).toMatch(/n1 -> n0 \[label="  212 of 240 failed\\n  p95 40 ms", color="#b3261e".*penwidth=2.5/);
    expect(dot).toMatch(/n2 -> n1 \[label="  120 of 900 failed", color="#6b7680"/);
    expect(words).toBe('payment is most likely at fault. It reaches what was noticed by payment → checkout. Also hit: frontend.');
  });

  it('claims no more than the verdict', () => {
    const open = incidentMap(mapped(shop, { verdict: 'inconclusive' }))!;
    expect(nodeOf(open.dot, 'payment')).toContain('most suspect');
    expect(open.words).toContain('payment is most suspect so far.');
    expect(incidentMap(mapped(shop, { verdict: 'healthy' }))).toBeNull();
    expect(incidentMap(mapped(shop, { hypotheses: [] }))).toBeNull();
    expect(incidentMap(mapped([]))).toBeNull();
  });

  it('draws no more than can be read, the cause and the alert among it', () => {
    const callers = Array.from({ length: 80 }, (_, i) => edge(`caller-${i}`, 'payment'));
    const { dot } = incidentMap(mapped([...callers, edge('checkout', 'payment')], { blastRadius: callers.map(({ caller }) => caller) }))!;
    expect(dot.match(/ \[label="[^"]*", shape/g)).toHaveLength(22);
    expect(nodeOf(dot, 'payment')).not.toBe('');
    expect(nodeOf(dot, 'checkout')).not.toBe('');
  });
});

const minute = 60_000;
const from = at - 8 * minute;
const failing = (hypothesisId: string | null, failed: number[]) => ({
  hypothesisId,
  calls: failed.map(() => 50),
  failed,
  p95Ms: failed.map(() => 20),
  errorLines: failed.map(() => 0),
});
const timeline: Timeline = {
  fromMs: from,
  stepMs: minute,
  series: [failing('h1aaaaa', [0, 0, 1, 0, 0, 0, 25, 45, 40]), failing(null, [0, 0, 0, 0, 0, 0, 5, 10, 9])],
};

describe('timelineChart', () => {
  it('draws suspect and alert with onset, alert and change, and says the same in words', () => {
    const blamed = context({ hypotheses: [hypothesis({ change: release })], changes: [release] });
    const { svg, words } = timelineChart(blamed, timeline)!;
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    for (const text of ['payment (suspect)', 'checkout (alert)', 'begun 10:00', 'alert 10:02', 'release v2.4.1 of payment 09:57', '100 %'])
      expect(svg).toContain(`>${text}</text>`);
    expect(words).toBe(
      'Failed calls of payment: at most 2 % before, up to 90 % at 10:01 UTC. ' +
        'Failed calls of checkout: at most 0 % before, up to 20 % at 10:01 UTC. ' +
        'Times: release v2.4.1 of payment 09:57 UTC, begun 10:00 UTC, alert 10:02 UTC.',
    );
  });

  it('shows nothing that was not measured', () => {
    const silent = { ...timeline, series: [{ ...failing('h1aaaaa', [0, 0]), calls: [0, 0], p95Ms: [null, null] }] };
    expect(timelineChart(context(), silent)).toBeNull();
    expect(timelineChart(context({ hypotheses: [hypothesis({ id: 'unknown' })] }), timeline)).toBeNull();
    expect(timelineChart(context({ verdict: 'healthy' }), timeline)).toBeNull();
  });

  it('breaks the line where there were no calls, and draws one line where the alert is on the suspect', () => {
    const gap = { ...timeline, series: [{ ...failing('h1aaaaa', [1, 2, 3, 4, 5]), calls: [9, 9, 0, 9, 9] }] };
    expect(timelineChart(context(), gap)!.svg.match(/<polyline/g)).toHaveLength(2);
    const own = context({ incident: { ...context().incident, service: 'payment' } });
    expect(timelineChart(own, timeline)!.svg.match(/<polyline/g)).toHaveLength(1);
  });
});
