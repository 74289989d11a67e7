/**
 * Ranking → what people and machines read. Pure; the only words added here are the headline, and they say no more than
 * the first hypothesis and its evidence do.
 */
import type { Change } from './change.ts';
import type { Evidence, Gap } from './evidence.ts';
import type { Tally } from './feedback.ts';
import type { Hypothesis } from './hypothesis.ts';
import type { Incident } from './incident.ts';
import { type ContextChange, type IncidentContext, schemaVersion } from './incident-context.ts';
import type { Ranking } from './ranking/rank.ts';
import type { Suspect } from './suspect-change.ts';
import { blastRadius, type ServiceMap } from './service-map.ts';

/** More than this many edges and services around an incident help nobody; the full map has its own route. */
const maxEdges = 60;
const maxServices = 60;
const maxEvidence = 40;

export interface ComposeInput {
  readonly incident: Incident;
  readonly ranking: Ranking;
  readonly map: ServiceMap;
  readonly changes: readonly Change[];
  /** For changes whose diff is known: its hunk that the evidence names, or null. */
  readonly suspects?: ReadonlyMap<Change, Suspect | null>;
  readonly gaps: readonly Gap[];
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly round: number;
  readonly rankedAt: number;
  readonly previousFirst: string | null;
  readonly weightsVersion: number;
  readonly timings: Readonly<Record<string, number>>;
}

export function composeReport(input: ComposeInput): IncidentContext {
  const { incident, ranking, map } = input;
  const first = ranking.hypotheses[0] ?? null;
  const suffering = first === null ? [] : blastRadius(map, first.service);
  const around = mapAround(map, ranking.hypotheses, incident.service);
  const evidence = citedFirst(ranking.evidence, ranking.hypotheses);
  const gaps = dedupeGaps([...ranking.gaps, ...input.gaps]);
  const truncated = [
    ...(around.truncated ? ['map'] : []),
    ...(evidence.length < ranking.evidence.length ? ['evidence'] : []),
    ...(suffering.length > maxServices ? ['blastRadius'] : []),
    ...(incident.alerts.some((alert) => alert.truncated > 0) ? ['alerts'] : []),
  ];
  return {
    schemaVersion,
    incident: {
      id: incident.id,
      title: incident.title,
      state: incident.state,
      severity: incident.severity,
      service: incident.service,
      correlationIds: [...incident.correlationIds],
      startedAt: iso(incident.alertAt),
      updatedAt: iso(input.rankedAt),
      resolvedAt: incident.resolvedAt === null ? null : iso(incident.resolvedAt),
      alertAt: iso(incident.alertAt),
      alertCount: incident.alertCount,
    },
    verdict: ranking.verdict,
    summary: headline(ranking, gaps),
    onsetAt: ranking.onsetAt === null ? null : iso(ranking.onsetAt),
    hypotheses: ranking.hypotheses.map((h) => ({
      id: h.id,
      service: h.service,
      component: h.component,
      kind: h.kind,
      confidence: h.confidence,
      summary: h.summary,
      change: h.change === null ? null : contextChange(h.change, input.suspects?.get(h.change)),
      evidence: h.evidence.filter((id) => evidence.some((e) => e.id === id)),
      against: h.against.filter((id) => evidence.some((e) => e.id === id)),
      wouldChangeMyMind: h.wouldChangeMyMind,
      path: h.path.map((hop) => ({ from: hop.from, to: hop.to, evidence: [...hop.evidence] })),
      feedback: { confirm: input.tallies.get(h.id)?.confirm ?? 0, reject: input.tallies.get(h.id)?.reject ?? 0 },
    })),
    evidence: Object.fromEntries(
      evidence.map((e) => [
        e.id,
        { kind: e.kind, service: e.service, at: iso(e.at), text: e.text, traceId: e.traceId, spanId: e.spanId, url: e.url },
      ]),
    ),
    changes: input.changes.map((change) => contextChange(change, input.suspects?.get(change))),
    map: around.map,
    blastRadius: suffering.slice(0, maxServices),
    gaps,
    flags: { truncated, omitted: omittedFrom(input.changes), redacted: 0, missing: [...new Set(gaps.map((gap) => gap.source))] },
    ranking: {
      round: input.round,
      rankedAt: iso(input.rankedAt),
      previousFirst: input.previousFirst,
      weightsVersion: input.weightsVersion,
    },
    timings: { ...input.timings },
  };
}

/** What is known and never part of a context: of a diff it holds the suspect lines alone. */
function omittedFrom(changes: readonly Change[]): string[] {
  return changes.some(({ patches = [] }) => patches.length > 0) ? ['patches'] : [];
}

/** The one sentence at the top. Unknown is said as unknown. */
function headline(ranking: Ranking, gaps: readonly Gap[]): string {
  const first = ranking.hypotheses[0];
  if (ranking.verdict === 'cause' && first) return first.summary;
  if (ranking.verdict === 'healthy') return 'Nothing departs from normal in the telemetry around this alert.';
  const blind = gaps.length > 0 ? ` Not read: ${[...new Set(gaps.map((gap) => gap.source))].join(', ')}.` : '';
  return first
    ? `The cause is not clear. Most suspect so far is ${first.service}, on thin evidence.${blind}`
    : `The cause is not clear: no service stands out in the telemetry at hand.${blind}`;
}

/** Edges that touch a suspect or the alert's service, then their neighbours', busiest first. */
function mapAround(map: ServiceMap, hypotheses: readonly Hypothesis[], service: string | null) {
  const near = new Set([...hypotheses.map((h) => h.service), ...(service === null ? [] : [service])]);
  for (const hop of hypotheses.flatMap((h) => h.path)) near.add(hop.from).add(hop.to);
  const ordered = [...map.edges].sort((a, b) => closeness(b, near) - closeness(a, near) || b.calls - a.calls);
  const edges = ordered.slice(0, maxEdges);
  const named = new Set([...near, ...edges.flatMap((edge) => [edge.caller, edge.callee])]);
  const services = map.services.filter((s) => named.has(s.name)).slice(0, maxServices);
  return {
    truncated: edges.length < map.edges.length || services.length < map.services.length,
    map: {
      total: { services: map.services.length, edges: map.edges.length },
      services: services.map(({ name, kind }) => ({ name, kind })),
      edges: edges.map(({ caller, callee, calls, errors, p95Ms, sources }) => ({
        caller,
        callee,
        calls,
        errors,
        p95Ms,
        sources: [...sources],
      })),
    },
  };
}

function closeness(edge: { caller: string; callee: string }, near: ReadonlySet<string>): number {
  return Number(near.has(edge.caller)) + Number(near.has(edge.callee));
}

/** What hypotheses cite comes first, in their order; the rest is dropped when there is too much of it. */
function citedFirst(evidence: readonly Evidence[], hypotheses: readonly Hypothesis[]): Evidence[] {
  const byId = new Map(evidence.map((e) => [e.id, e]));
  const order = new Set(hypotheses.flatMap((h) => [...h.evidence, ...h.against, ...h.path.flatMap((hop) => hop.evidence)]));
  for (const e of evidence) order.add(e.id);
  return [...order].flatMap((id) => byId.get(id) ?? []).slice(0, maxEvidence);
}

function dedupeGaps(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.source}\n${gap.reason}`, gap])).values()];
}

export function contextChange(change: Change, suspect?: Suspect | null): ContextChange {
  return {
    kind: change.kind,
    service: change.service,
    startedAt: iso(change.startedAt),
    version: change.version,
    sha: change.sha,
    url: change.url,
    title: change.title,
    files: [...change.files],
    ...(change.deployedBy === undefined ? {} : { deployedBy: change.deployedBy }),
    ...(suspect === undefined ? {} : { suspect }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
