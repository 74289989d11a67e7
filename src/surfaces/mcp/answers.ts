/** What the product knows → what the tools give. Lists have an end that clients can take. */
import type { App, IncidentDetail } from '../../app.ts';
import { contextChange } from '../../domain/compose-report.ts';
import type { ServiceMap } from '../../domain/service-map.ts';

const maxServices = 500;
const maxLine = 4_000;

/** Which part of a list that is there as a whole. */
export interface Part {
  readonly limit: number;
  readonly after?: string | undefined;
}

function partOf<T>(list: readonly T[], { limit, after }: Part): { readonly part: T[]; readonly next: string | null } {
  const from = Number(after ?? 0);
  const part = list.slice(from, from + limit);
  const end = from + part.length;
  return { part, next: end < list.length && part.length > 0 ? String(end) : null };
}

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
  const shown = found.slice(-limit);
  const oldest = shown[0];
  return {
    lines: shown.map(({ timeMs, service, severity, text, traceId, correlationId }) => ({
      at: iso(timeMs),
      service,
      severity,
      text: text.length > maxLine ? `${text.slice(0, maxLine)}…` : text,
      traceId,
      correlationId,
    })),
    truncated: found.length > limit,
    next: found.length > limit && oldest !== undefined ? iso(oldest.timeMs) : null,
    gaps,
  };
}

export function traceOf({ spans, gaps }: Awaited<ReturnType<App['trace']>>, asked: Part) {
  const { part, next } = partOf(spans, asked);
  return {
    spans: part.map(({ startMs, durationMs, status, kind: _, ...span }) => ({
      ...span,
      startedAt: iso(startMs),
      durationMs,
      hasFailed: status === 2,
      attributes: { ...span.attributes },
    })),
    truncated: next !== null,
    next,
    gaps,
  };
}

export function mapOf(map: ServiceMap, around: string | null, asked: Part) {
  const edges = map.edges.filter(({ caller, callee }) => around === null || caller === around || callee === around);
  const { part: shown, next } = partOf(
    [...edges].sort((a, b) => b.calls - a.calls),
    asked,
  );
  const names = new Set(shown.flatMap(({ caller, callee }) => [caller, callee]));
  // With the first edges come all services there are; with further ones those they name.
  const isFirst = asked.after === undefined;
  const services = map.services.filter(({ name }) => (around === null && isFirst) || name === around || names.has(name));
  return {
    services: services.slice(0, maxServices).map(({ name, kind, lastSeenAt }) => ({ name, kind, lastSeenAt: iso(lastSeenAt) })),
    edges: shown.map(({ caller, callee, calls, errors, p95Ms, sources }) => ({
      caller,
      callee,
      calls,
      errors,
      p95Ms,
      sources: [...sources],
    })),
    truncated: next !== null || services.length > maxServices,
    next,
  };
}

export async function changesOf(app: App, incidentId: string | undefined, asked: Part) {
  if (incidentId === undefined) {
    const { changes, gaps } = await app.changes();
    const { part, next } = partOf(changes, asked);
    return { changes: part.map((change) => contextChange(change)), truncated: next !== null, next, gaps: [...gaps] };
  }
  const context = await app.context(incidentId);
  if (context === null) return null;
  const { part, next } = partOf(context.changes, asked);
  const gaps = context.gaps.filter(({ source }) => source === 'changes' || source.startsWith('github'));
  return { changes: part, truncated: next !== null, next, gaps };
}
