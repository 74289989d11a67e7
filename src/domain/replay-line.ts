/** One line of `replay --json`: a projection of the incident's context in the contract's shape. */
import type { IncidentContext } from './incident-context.ts';

export function replayLine(folder: string, context: IncidentContext, elapsedMs: number): object {
  return {
    schemaVersion: context.schemaVersion,
    incident: folder,
    verdict: context.verdict,
    elapsedMs: Math.round(elapsedMs),
    alertAt: context.incident.alertAt,
    hypotheses: context.hypotheses.map((h) => ({
      id: h.id,
      service: h.service,
      component: h.component,
      kind: h.kind,
      confidence: h.confidence,
      summary: h.summary,
      change: h.change,
      evidence: h.evidence,
      against: h.against,
      wouldChangeMyMind: h.wouldChangeMyMind,
      path: h.path,
    })),
    evidence: context.evidence,
    map: context.map.total,
    gaps: context.gaps,
    timings: context.timings,
  };
}
