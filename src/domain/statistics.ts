/** How quickly incidents were explained and how often people agreed: arithmetic over incidents, first reports and verdicts. */
import type { Ratings } from './answer-rating.ts';
import type { Learning } from './learning/contest.ts';

export interface IncidentRecord {
  readonly service: string | null;
  readonly openedAt: number;
  /** When its first report stood; null where there is none. */
  readonly reportedAt: number | null;
  /** When somebody first confirmed a hypothesis, of the verdicts that stand; null where nobody did. */
  readonly confirmedAt: number | null;
  /** Whether the confirmed one was in first place. */
  readonly wasFirst: boolean;
  /** Somebody judged it. */
  readonly isJudged: boolean;
}

export interface Figures {
  readonly incidents: number;
  readonly judged: number;
  readonly confirmed: number;
  /** Of those confirmed, the hypothesis was in first place. */
  readonly confirmedFirst: number;
  /** Medians in ms; null where there is nothing to measure. */
  readonly toReportMs: number | null;
  readonly toConfirmMs: number | null;
}

export interface Statistics {
  readonly sinceAt: number;
  /** What was last learned from verdicts; absent before the first. */
  readonly learning?: Learning;
  /** What people said of answers; absent where nobody said anything. */
  readonly answers?: Ratings;
  readonly total: Figures;
  /** Most incidents first. */
  readonly byService: readonly (readonly [service: string, figures: Figures])[];
  /** Latest first; each by the start of its Monday, UTC. */
  readonly byWeek: readonly (readonly [weekAt: number, figures: Figures])[];
}

const dayMs = 86_400_000;
/** The epoch was a Thursday. */
const mondayOffsetMs = 3 * dayMs;
export const unnamedService = '(none named)';

export function statisticsOf(records: readonly IncidentRecord[], sinceAt: number): Statistics {
  const byService = Map.groupBy(records, ({ service }) => service ?? unnamedService);
  const byWeek = Map.groupBy(records, ({ openedAt }) => weekOf(openedAt));
  return {
    sinceAt,
    total: figuresOf(records),
    byService: [...byService]
      .map(([service, of]) => [service, figuresOf(of)] as const)
      .sort(([a, x], [b, y]) => y.incidents - x.incidents || (a < b ? -1 : 1)),
    byWeek: [...byWeek].map(([week, of]) => [week, figuresOf(of)] as const).sort(([a], [b]) => b - a),
  };
}

function figuresOf(records: readonly IncidentRecord[]): Figures {
  const confirmed = records.filter(({ confirmedAt }) => confirmedAt !== null);
  return {
    incidents: records.length,
    judged: records.filter(({ isJudged }) => isJudged).length,
    confirmed: confirmed.length,
    confirmedFirst: confirmed.filter(({ wasFirst }) => wasFirst).length,
    toReportMs: median(records.flatMap(({ openedAt, reportedAt }) => (reportedAt === null ? [] : [reportedAt - openedAt]))),
    toConfirmMs: median(records.flatMap(({ openedAt, confirmedAt }) => (confirmedAt === null ? [] : [confirmedAt - openedAt]))),
  };
}

function weekOf(at: number): number {
  const week = 7 * dayMs;
  return Math.floor((at + mondayOffsetMs) / week) * week - mondayOffsetMs;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
