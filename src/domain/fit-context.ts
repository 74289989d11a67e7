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

/**
 * From the least needed to the most; each gives the context without one more thing, or null when it has nothing left to give.
 * The guilty file, its hunk and the first failing line are what a fix begins with: all else goes before them.
 */
const cuts: readonly { readonly what: string; readonly cut: (context: IncidentContext) => IncidentContext | null }[] = [
  { what: 'map', cut: withoutEdges },
  { what: 'hunks', cut: (c) => withoutHunks(c, 1) },
  { what: 'evidence', cut: (c) => withoutEvidence(c, citedByFirst) },
  { what: 'changes', cut: (c) => (c.changes.length <= 3 ? null : { ...c, changes: halved(c.changes) }) },
  { what: 'blastRadius', cut: (c) => (c.blastRadius.length <= 5 ? null : { ...c, blastRadius: halved(c.blastRadius) }) },
  { what: 'hypotheses', cut: (c) => (c.hypotheses.length <= 1 ? null : withHypotheses(c, c.hypotheses.slice(0, -1))) },
  { what: 'map', cut: (c) => (c.map.services.length === 0 ? null : { ...c, map: { ...c.map, services: [] } }) },
  { what: 'blastRadius', cut: (c) => (c.blastRadius.length === 0 ? null : { ...c, blastRadius: halved(c.blastRadius) }) },
  { what: 'changes', cut: (c) => (c.changes.length === 0 ? null : { ...c, changes: halved(c.changes) }) },
  { what: 'timings', cut: (c) => (Object.keys(c.timings).length === 0 ? null : { ...c, timings: {} }) },
  { what: 'similar', cut: withoutSimilar },
  { what: 'correlationIds', cut: withoutCorrelationIds },
  { what: 'diagnosis', cut: withoutDiagnosis },
  { what: 'evidence', cut: (c) => withoutEvidence(c, firstFailing) },
  { what: 'hunks', cut: withShorterHunk },
  { what: 'gaps', cut: (c) => (c.gaps.length === 0 ? null : { ...c, gaps: halved(c.gaps) }) },
  { what: 'hunks', cut: (c) => withoutHunks(c, 0) },
  { what: 'evidence', cut: (c) => withoutEvidence(c, () => []) },
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

/** Drops the later half of the evidence beyond the pieces to keep; those the first hypothesis cites come first and go last. */
function withoutEvidence(context: IncidentContext, toKeep: (context: IncidentContext) => readonly string[]): IncidentContext | null {
  const floor = new Set(toKeep(context));
  const order = new Set([...firstFailing(context), ...citedByFirst(context), ...Object.keys(context.evidence)]);
  if (order.size <= floor.size) return null;
  const kept = new Set([...order].slice(0, Math.max(floor.size, Math.floor(order.size / 2))));
  const evidence = Object.fromEntries(Object.entries(context.evidence).filter(([id]) => kept.has(id)));
  return withHypotheses({ ...context, evidence }, context.hypotheses);
}

function citedByFirst({ hypotheses: [first], evidence }: IncidentContext): string[] {
  return [...(first?.evidence ?? []), ...(first?.against ?? [])].filter((id) => Object.hasOwn(evidence, id));
}

/** The earliest log line that speaks for the first hypothesis, if one does. */
export function firstFailing({ hypotheses: [first], evidence }: IncidentContext): string[] {
  const lines = (first?.evidence ?? []).filter((id) => evidence[id]?.kind === 'log');
  const earliest = lines.reduce<string | null>((a, b) => (a !== null && evidence[a]!.at <= evidence[b]!.at ? a : b), null);
  return earliest === null ? [] : [earliest];
}

const leastHunkLines = 12;

/** Around its changed lines, half as many each time. */
function withShorterHunk(context: IncidentContext): IncidentContext | null {
  const [first, ...others] = context.hypotheses;
  const suspect = first?.change?.suspect;
  if (first === undefined || first.change === null || suspect == null) return null;
  const [header = '', ...lines] = suspect.hunk.split('\n');
  if (lines.length <= leastHunkLines) return null;
  const length = Math.max(leastHunkLines, Math.floor(lines.length / 2));
  const changed = lines.flatMap((line, i) => (/^[+-]/.test(line) ? [i] : []));
  const middle = changed[Math.floor(changed.length / 2)] ?? 0;
  const start = Math.max(0, Math.min(lines.length - length, middle - Math.floor(length / 2)));
  const hunk = [header, ...lines.slice(start, start + length)].join('\n');
  return { ...context, hypotheses: [{ ...first, change: { ...first.change, suspect: { ...suspect, hunk } } }, ...others] };
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

function withoutSimilar({ similar, ...rest }: IncidentContext): IncidentContext | null {
  return similar === undefined ? null : rest;
}
