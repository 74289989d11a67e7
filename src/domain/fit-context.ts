/**
 * A context cut to what a reader can take, counted in tokens. What explains the first hypothesis stays longest; what is
 * left out is named in `flags`, so that a machine never takes a part for the whole.
 */
import type { ContextChange, IncidentContext } from './incident-context.ts';

/**
 * Tokens are counted as bytes of JSON over 3. English prose takes about 4 bytes a token, but ids, numbers and punctuation,
 * of which this JSON has much, take 2 to 3; too high a count only leaves out a little more.
 */
const bytesPerToken = 3;

export function tokensIn(context: IncidentContext): number {
  return Math.ceil(new TextEncoder().encode(JSON.stringify(context)).length / bytesPerToken);
}

/** From the least needed to the most; each gives the context without one more thing, or null when it has nothing left to give. */
const cuts: readonly { readonly what: string; readonly cut: (context: IncidentContext) => IncidentContext | null }[] = [
  { what: 'map', cut: withoutEdges },
  { what: 'hunks', cut: (c) => withoutHunks(c, 1) },
  { what: 'evidence', cut: (c) => withoutEvidence(c, 1) },
  { what: 'changes', cut: (c) => (c.changes.length <= 3 ? null : { ...c, changes: halved(c.changes) }) },
  { what: 'blastRadius', cut: (c) => (c.blastRadius.length <= 5 ? null : { ...c, blastRadius: halved(c.blastRadius) }) },
  { what: 'hypotheses', cut: (c) => (c.hypotheses.length <= 1 ? null : withHypotheses(c, c.hypotheses.slice(0, -1))) },
  { what: 'hunks', cut: (c) => withoutHunks(c, 0) },
  { what: 'evidence', cut: (c) => withoutEvidence(c, 0) },
  { what: 'changes', cut: (c) => (c.changes.length === 0 ? null : { ...c, changes: halved(c.changes) }) },
  { what: 'blastRadius', cut: (c) => (c.blastRadius.length === 0 ? null : { ...c, blastRadius: halved(c.blastRadius) }) },
  { what: 'map', cut: (c) => (c.map.services.length === 0 ? null : { ...c, map: { ...c.map, services: [] } }) },
  { what: 'diagnosis', cut: withoutDiagnosis },
  { what: 'gaps', cut: (c) => (c.gaps.length === 0 ? null : { ...c, gaps: halved(c.gaps) }) },
  { what: 'timings', cut: (c) => (Object.keys(c.timings).length === 0 ? null : { ...c, timings: {} }) },
  { what: 'correlationIds', cut: withoutCorrelationIds },
];

export function fitContext(context: IncidentContext, maxTokens: number): IncidentContext {
  let fitted = context;
  for (const { what, cut } of cuts) {
    while (tokensIn(fitted) > maxTokens) {
      const smaller = cut(fitted);
      if (smaller === null) break;
      fitted = { ...smaller, flags: { ...smaller.flags, truncated: [...new Set([...smaller.flags.truncated, what])] } };
    }
  }
  return fitted;
}

/** Each hunk stands twice, in the list and at its hypothesis. Those of the first `keep` hypotheses stay there. */
function withoutHunks(context: IncidentContext, keep: number): IncidentContext | null {
  const without = ({ suspect: _, ...change }: ContextChange): ContextChange => change;
  const hasHunk = (change: ContextChange | null) => change?.suspect != null;
  const later = context.hypotheses.slice(keep);
  if (!context.changes.some(hasHunk) && !later.some(({ change }) => hasHunk(change))) return null;
  const stripped = later.map((hypothesis) => ({ ...hypothesis, change: hypothesis.change === null ? null : without(hypothesis.change) }));
  return { ...context, changes: context.changes.map(without), hypotheses: [...context.hypotheses.slice(0, keep), ...stripped] };
}

function halved<T>(list: readonly T[]): T[] {
  return list.slice(0, Math.floor(list.length / 2));
}

/** Edges come closest first; services that no edge names any more go with them. */
function withoutEdges(context: IncidentContext): IncidentContext | null {
  const { map } = context;
  if (map.edges.length === 0) return null;
  const edges = halved(map.edges);
  const named = new Set(edges.flatMap((edge) => [edge.caller, edge.callee]));
  return { ...context, map: { ...map, edges, services: map.services.filter(({ name }) => named.has(name)) } };
}

/** Drops the later half of the evidence beyond `keep` pieces; the pieces the first hypothesis cites come first and go last. */
function withoutEvidence(context: IncidentContext, keep: number): IncidentContext | null {
  const first = context.hypotheses[0];
  const cited = new Set([...(first?.evidence ?? []), ...(first?.against ?? [])]);
  const floor = keep === 0 ? 0 : cited.size;
  const ids = Object.keys(context.evidence).sort((a, b) => Number(cited.has(b)) - Number(cited.has(a)));
  if (ids.length <= floor) return null;
  const kept = new Set(ids.slice(0, Math.max(floor, Math.floor(ids.length / 2))));
  const evidence = Object.fromEntries(Object.entries(context.evidence).filter(([id]) => kept.has(id)));
  return withHypotheses({ ...context, evidence }, context.hypotheses);
}

/** Every id that is cited is there to be read. */
function withHypotheses(context: IncidentContext, hypotheses: IncidentContext['hypotheses']): IncidentContext {
  const isKept = (id: string) => Object.hasOwn(context.evidence, id);
  return {
    ...context,
    hypotheses: hypotheses.map((hypothesis) => ({
      ...hypothesis,
      evidence: hypothesis.evidence.filter(isKept),
      against: hypothesis.against.filter(isKept),
      path: hypothesis.path.map((hop) => ({ ...hop, evidence: hop.evidence.filter(isKept) })),
    })),
  };
}

function withoutDiagnosis({ diagnosis, ...rest }: IncidentContext): IncidentContext | null {
  return diagnosis === undefined ? null : rest;
}

function withoutCorrelationIds(context: IncidentContext): IncidentContext | null {
  const { correlationIds } = context.incident;
  return correlationIds.length === 0 ? null : { ...context, incident: { ...context.incident, correlationIds: halved(correlationIds) } };
}
