/**
 * Verdicts on an incident whose telemetry is no longer kept. What was found stands; people's word moves it: what they
 * rejected goes below everything else, what they confirmed goes first. Nothing is ranked anew from an empty window.
 */
import type { Tally } from './feedback.ts';
import type { ContextHypothesis, IncidentContext } from './incident-context.ts';
import type { Report } from './report.ts';

/** At most this for what people rejected, at least that for what they confirmed. */
const rejectedAtMost = 0.05;
const confirmedAtLeast = 0.9;

const gap = { source: 'telemetry', reason: 'telemetry of that time is no longer kept; verdicts were applied to the report as it stood' };

export function reweigh(report: Report, tallies: ReadonlyMap<string, Tally>, rankedAt: number): Report {
  const { context } = report;
  const judged = context.hypotheses.map((hypothesis) => ({ hypothesis, balance: balanceOf(hypothesis, tallies) }));
  const ordered = judged
    .map(({ hypothesis, balance }) => ({
      ...hypothesis,
      confidence: confidenceOf(hypothesis.confidence, balance),
      feedback: feedbackOf(hypothesis, tallies),
    }))
    .sort((a, b) => b.confidence - a.confidence);
  const first = ordered[0];
  const was = context.hypotheses[0]?.service ?? null;
  const verdict: IncidentContext['verdict'] =
    first !== undefined && first.confidence >= 0.5 ? 'cause' : context.verdict === 'healthy' ? 'healthy' : 'inconclusive';
  const round = report.round + 1;
  return {
    ...report,
    round,
    rankedAt,
    context: {
      ...context,
      verdict,
      summary:
        verdict === 'cause' && first !== undefined
          ? first.summary
          : verdict === context.verdict
            ? context.summary
            : 'The cause is not clear: what was suspected has been rejected.',
      hypotheses: ordered,
      gaps: [...context.gaps.filter(({ source, reason }) => source !== gap.source || reason !== gap.reason), gap],
      ranking: {
        ...context.ranking,
        round,
        rankedAt: new Date(rankedAt).toISOString(),
        previousFirst: was !== null && was !== first?.service ? was : context.ranking.previousFirst,
      },
    },
  };
}

function balanceOf({ id }: ContextHypothesis, tallies: ReadonlyMap<string, Tally>): number {
  const tally = tallies.get(id);
  return tally === undefined ? 0 : tally.confirm - tally.reject;
}

function confidenceOf(confidence: number, balance: number): number {
  if (balance > 0) return Math.max(confidence, confirmedAtLeast);
  return balance < 0 ? Math.min(confidence, rejectedAtMost) : confidence;
}

function feedbackOf({ id }: ContextHypothesis, tallies: ReadonlyMap<string, Tally>) {
  return { confirm: tallies.get(id)?.confirm ?? 0, reject: tallies.get(id)?.reject ?? 0 };
}
