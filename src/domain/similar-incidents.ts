/**
 * Earlier incidents that look alike: by what their evidence is about and where it lies, not by words. An evidence id follows
 * from its subject (a template, a call, a metric), so that the same trouble has the same ids again.
 */
import type { IncidentContext } from './incident-context.ts';

export interface Past {
  readonly context: IncidentContext;
  /** The service that people confirmed, where they did. */
  readonly confirmed: string | null;
  /** What somebody said it really was, newest first. */
  readonly notes: readonly string[];
}

export interface Similar extends Past {
  /** From 0 to 1. */
  readonly likeness: number;
  readonly shared: readonly string[];
}

/** Shares of the likeness: what the evidence is about says most, then who is suspected of what, then who suffers. */
const parts = { evidence: 0.6, suspect: 0.3, radius: 0.1 } as const;
/** Less than this is chance: one shared service, say. */
const leastLikeness = 0.25;

export function similarTo(context: IncidentContext, past: readonly Past[], limit: number): Similar[] {
  const own = new Set(Object.keys(context.evidence));
  return past
    .filter((other) => other.context.incident.id !== context.incident.id)
    .map((other) => {
      const shared = Object.keys(other.context.evidence).filter((id) => own.has(id));
      return { ...other, shared, likeness: likenessOf(context, other, shared.length) };
    })
    .filter(({ likeness }) => likeness >= leastLikeness)
    .sort((a, b) => b.likeness - a.likeness || (a.context.incident.startedAt < b.context.incident.startedAt ? 1 : -1))
    .slice(0, limit);
}

function likenessOf(context: IncidentContext, { context: other, confirmed }: Past, shared: number): number {
  const total = Object.keys(context.evidence).length + Object.keys(other.evidence).length - shared;
  const first = context.hypotheses[0];
  const theirs = other.hypotheses.find(({ service }) => service === (confirmed ?? other.hypotheses[0]?.service));
  const isSameService = first !== undefined && first.service === (confirmed ?? theirs?.service);
  const suspect = isSameService ? (first.kind === theirs?.kind ? 1 : 0.5) : 0;
  return (
    parts.evidence * (total === 0 ? 0 : shared / total) +
    parts.suspect * suspect +
    parts.radius * overlap(context.blastRadius, other.blastRadius)
  );
}

/** Jaccard's index: shared of all. */
function overlap(a: readonly string[], b: readonly string[]): number {
  const all = new Set([...a, ...b]);
  const mine = new Set(a);
  return all.size === 0 ? 0 : b.filter((entry) => mine.has(entry)).length / all.size;
}
