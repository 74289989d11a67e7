/** What the product knows → what the tools give. Lists have an end that clients can take. */
import type { App, IncidentDetail } from '../../app.ts';
import { contextChange } from '../../domain/compose-report.ts';
import type { ServiceMap } from '../../domain/service-map.ts';

const maxSpans = 500;
const maxEdges = 500;
const maxLine = 4_000;

const iso = (at: number) => new Date(at).toISOString();

export function listed({ card: { incident, report } }: IncidentDetail) {
  const first = report?.context.hypotheses[0];
  const { id, title, state, severity, service } = incident;
  return {
    id,
    title,
    state,
    severity,
    service,
    startedAt: iso(incident.alertAt),
    verdict: report?.context.verdict ?? null,
    first: first === undefined ? null : { id: first.id, service: first.service, kind: first.kind, confidence: first.confidence },
  };
}

export function lines({ lines: found, gaps }: Awaited<ReturnType<App['logs']>>, limit: number) {
  return {
    lines: found.slice(-limit).map(({ timeMs, service, severity, text, traceId, correlationId }) => ({
      at: iso(timeMs),
      service,
      severity,
      text: text.length > maxLine ? `${text.slice(0, maxLine)}…` : text,
      traceId,
      correlationId,
    })),
    truncated: found.length > limit,
    gaps,
  };
}

export function traceOf({ spans, gaps }: Awaited<ReturnType<App['trace']>>) {
  return {
    spans: spans.slice(0, maxSpans).map(({ startMs, durationMs, status, kind: _, ...span }) => ({
      ...span,
      startedAt: iso(startMs),
      durationMs,
      hasFailed: status === 2,
      attributes: { ...span.attributes },
    })),
    truncated: spans.length > maxSpans,
    gaps,
  };
}

export function mapOf(map: ServiceMap, around: string | null) {
  const edges = map.edges.filter(({ caller, callee }) => around === null || caller === around || callee === around);
  const shown = [...edges].sort((a, b) => b.calls - a.calls).slice(0, maxEdges);
  const names = new Set(shown.flatMap(({ caller, callee }) => [caller, callee]));
  const services = map.services.filter(({ name }) => (around === null ? true : name === around || names.has(name)));
  return {
    services: services.slice(0, maxEdges).map(({ name, kind, lastSeenAt }) => ({ name, kind, lastSeenAt: iso(lastSeenAt) })),
    edges: shown.map(({ caller, callee, calls, errors, p95Ms, sources }) => ({
      caller,
      callee,
      calls,
      errors,
      p95Ms,
      sources: [...sources],
    })),
    truncated: edges.length > shown.length || services.length > maxEdges,
  };
}

export async function changesOf(app: App, incidentId: string | undefined, limit: number) {
  if (incidentId !== undefined) {
    const context = await app.context(incidentId);
    if (context === null) return null;
    const gaps = context.gaps.filter(({ source }) => source === 'changes' || source.startsWith('github'));
    return { changes: context.changes.slice(0, limit), truncated: context.changes.length > limit, gaps };
  }
  const { changes, gaps } = await app.changes();
  return { changes: changes.slice(0, limit).map((change) => contextChange(change)), truncated: changes.length > limit, gaps: [...gaps] };
}
