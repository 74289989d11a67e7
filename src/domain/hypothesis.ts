import { fnv1a } from './evidence.ts';
import type { Change } from './change.ts';

/** What sort of fault a suspect has. */
export const faultKinds = ['error', 'latency', 'saturation', 'unavailable', 'change', 'configuration', 'dependency'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One step from the cause towards what people notice, with what shows it. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  readonly evidence: readonly string[];
}

export interface Hypothesis {
  /** Follows from incident and service, so votes stay with it when the order changes. */
  readonly id: string;
  readonly service: string;
  /** The part inside the service, where that is known. */
  readonly component: string | null;
  readonly kind: FaultKind;
  /** Calibrated probability in [0, 1] that this service is the cause. */
  readonly confidence: number;
  readonly summary: string;
  readonly change: Change | null;
  /** Evidence ids for and against. */
  readonly evidence: readonly string[];
  readonly against: readonly string[];
  /** The missing signal or query that would settle it. */
  readonly wouldChangeMyMind: string | null;
  /** Cause to symptom. */
  readonly path: readonly Hop[];
  /** The feature vector it was scored on, stored so that a verdict becomes a labelled example. */
  readonly features: Readonly<Record<string, number>>;
}

export const verdicts = ['cause', 'inconclusive', 'healthy'] as const;
export type Verdict = (typeof verdicts)[number];

export function hypothesisId(incidentId: string, service: string): string {
  return `h${fnv1a(`${incidentId}\n${service}`).toString(36)}`;
}
