/** A card whose report can be drawn, and one whose cannot. */
import type { Card } from '../../../../src/domain/report.ts';
import { at, card, hypothesis, release } from './cards.ts';

const edge = (caller: string, callee: string, calls: number, errors: number, p95Ms: number) => ({
  caller,
  callee,
  calls,
  errors,
  p95Ms,
  sources: ['span' as const],
});

const minute = 60_000;
const minutes = (failed: readonly number[], hypothesisId: string | null) => ({
  hypothesisId,
  calls: failed.map(() => 60),
  failed,
  p95Ms: failed.map((count) => 40 + count),
  errorLines: failed.map(() => 0),
});

const shown = card({
  incident: { openedAt: Date.now() },
  context: {
    hypotheses: [hypothesis({ kind: 'change', change: release })],
    changes: [release],
    map: {
      total: { services: 9, edges: 14 },
      services: [
        { name: 'frontend', kind: 'service' },
        { name: 'checkout', kind: 'service' },
        { name: 'payment', kind: 'service' },
        { name: 'db:ledger', kind: 'database' },
        { name: 'ext:bank.example.com', kind: 'external' },
      ],
      edges: [
        edge('frontend', 'checkout', 900, 120, 310),
        edge('checkout', 'payment', 240, 212, 480),
        edge('payment', 'db:ledger', 410, 0, 12),
        edge('payment', 'ext:bank.example.com', 200, 0, 90),
      ],
    },
  },
});

export const illustrated: Card = {
  ...shown,
  report: {
    ...shown.report!,
    timeline: {
      fromMs: at - 13 * minute,
      stepMs: minute,
      series: [
        minutes([0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 31, 52, 53], 'h1aaaaa'),
        minutes([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 6, 9, 8], null),
      ],
    },
  },
};

export const plainIllustrated: Card = card();

/** So many quiet minutes before the alert that a chart of Slack's, which holds 20, would leave out when it was changed. */
export const longIllustrated: Card = {
  ...illustrated,
  report: {
    ...illustrated.report!,
    timeline: {
      fromMs: at - 13 * minute,
      stepMs: minute,
      series: illustrated.report!.timeline!.series.map(({ hypothesisId, failed }) =>
        minutes([...failed, ...new Array<number>(20).fill(0)], hypothesisId),
      ),
    },
  },
};

/** The same incident, with another service to blame. */
export function withSuspect(service: string, id: string): Card {
  const report = illustrated.report!;
  const series = report.timeline!.series.map((one) => (one.hypothesisId === null ? one : { ...one, hypothesisId: id }));
  return {
    ...illustrated,
    report: {
      ...report,
      context: { ...report.context, hypotheses: [hypothesis({ id, service })] },
      timeline: { ...report.timeline!, series },
    },
  };
}
