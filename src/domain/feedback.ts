/** What people said of hypotheses, and what ranking makes of it. Votes are a log; everything else is computed from it. */
import type { FaultKind } from './hypothesis.ts';

export interface Vote {
  readonly id: string;
  readonly incidentId: string;
  readonly hypothesisId: string;
  readonly service: string;
  /** `withdraw` takes the person's earlier verdict back. */
  readonly verdict: 'confirm' | 'reject' | 'withdraw';
  /** Who: `slack:U123`, `api:<token name>`. One person counts once per hypothesis, latest first. */
  readonly person: string;
  readonly at: number;
  /** What it really was, where the person said so. */
  readonly actualService: string | null;
  readonly note: string | null;
  /** What sort of fault it really was, where the person said so. */
  readonly actualKind?: FaultKind | null;
  /** What the ranking saw when the person judged it: numbers alone. Absent in votes of before. */
  readonly suspects?: readonly { readonly service: string; readonly features: Readonly<Record<string, number>> }[];
}

/** What a person added to a verdict that stands. */
export type Remark = Pick<Vote, 'person' | 'verdict' | 'actualService' | 'actualKind' | 'note'>;

/** How many people stand on each side of one hypothesis. */
export interface Tally {
  readonly confirm: number;
  readonly reject: number;
  /** Persons by side, oldest first. */
  readonly confirmedBy: readonly string[];
  readonly rejectedBy: readonly string[];
  /** Of those who said more than that, oldest first. */
  readonly remarks?: readonly Remark[];
}

/** Signal weights and per-service offsets in force; version 0 is the tuned start. */
export interface Weights {
  readonly version: number;
  /** Multiplier per feature name; a name that is not listed has 1. */
  readonly signals: Readonly<Record<string, number>>;
  /** Added evidence per service, by what people said of this very incident; a service that is not listed has 0. */
  readonly services: Readonly<Record<string, number>>;
  /** Learned from other incidents of a service: added once something speaks against it. */
  readonly leanings?: Readonly<Record<string, number>>;
}

export const initialWeights: Weights = { version: 0, signals: {}, services: {} };

/** The standing verdict of each person on each hypothesis: hypothesis id → tally. */
export function tallies(votes: readonly Vote[]): Map<string, Tally> {
  const latest = new Map<string, Vote>();
  for (const vote of [...votes].sort((a, b) => a.at - b.at)) {
    const key = `${vote.hypothesisId}\n${vote.person}`;
    latest.delete(key); // so that insertion order is the order of the standing verdicts
    if (vote.verdict !== 'withdraw') latest.set(key, vote);
  }
  const sides = new Map<string, { confirmedBy: string[]; rejectedBy: string[]; remarks: Remark[] }>();
  for (const { hypothesisId, verdict, person, actualService, actualKind = null, note } of latest.values()) {
    const side = sides.get(hypothesisId) ?? { confirmedBy: [], rejectedBy: [], remarks: [] };
    (verdict === 'confirm' ? side.confirmedBy : side.rejectedBy).push(person);
    if (actualService !== null || actualKind !== null || note !== null)
      side.remarks.push({ person, verdict, actualService, actualKind, note });
    sides.set(hypothesisId, side);
  }
  return new Map(
    [...sides].map(([id, { remarks, ...s }]) => [
      id,
      { confirm: s.confirmedBy.length, reject: s.rejectedBy.length, ...s, ...(remarks.length === 0 ? {} : { remarks }) },
    ]),
  );
}
