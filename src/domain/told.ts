/**
 * What readers of letters and tickets were told last, and what of a card as it now stands is news to them. A message that
 * can be edited is simply drawn again; a letter cannot be taken back, so it is written only for what people would act on:
 * it began, the report is there, another service is to blame, it is over, it is back.
 */
import { z } from 'zod';
import type { Card } from './report.ts';

export const Told = z.object({
  /** Letters so far; the first is 1. */
  count: z.number(),
  isReported: z.boolean(),
  /** The cause that was named last. Kept while there is none, so that one that comes and goes is not told each time. */
  cause: z.string().nullable(),
  isResolved: z.boolean(),
});
export type Told = Readonly<z.infer<typeof Told>>;

export const allNews = ['opened', 'reported', 'caused', 'changed', 'resolved', 'reopened'] as const;
export type News = (typeof allNews)[number];

/** Null: nothing that was not said already. */
export function newsOf({ incident, report }: Card, told: Told | null): News | null {
  if (told === null) return 'opened';
  if (incident.state === 'muted') return null;
  const isResolved = incident.state === 'resolved';
  if (isResolved !== told.isResolved) return isResolved ? 'resolved' : 'reopened';
  if (isResolved || report === null) return null;
  // Within the minute a model has worded it, or has not: a letter waits for that, since nothing can be added to it.
  if (report.context.diagnosis?.state === 'asked') return null;
  const cause = causeOf(report.context);
  if (cause !== null && cause !== told.cause) return told.cause === null ? 'caused' : 'changed';
  return told.isReported ? null : 'reported';
}

export function toldAfter({ incident, report }: Card, before: Told | null): Told {
  return {
    count: (before?.count ?? 0) + 1,
    isReported: report !== null,
    cause: (report === null ? null : causeOf(report.context)) ?? before?.cause ?? null,
    isResolved: incident.state === 'resolved',
  };
}

function causeOf({ verdict, hypotheses }: NonNullable<Card['report']>['context']): string | null {
  return verdict === 'cause' ? (hypotheses[0]?.service ?? null) : null;
}
