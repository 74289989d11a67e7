/** What the store holds → the JSON outsiders rely on (contract, HTTP). Instants become ISO 8601; every text is redacted. */
import type { Status, IncidentDetail } from '../../app.ts';
import type { Alert } from '../../domain/alert.ts';
import type { Vote } from '../../domain/feedback.ts';
import type { Receipt } from '../../domain/report.ts';
import type { ServiceMap } from '../../domain/service-map.ts';
import { readPlace, slackNames } from '../../domain/slack-names.ts';

const iso = (at: number) => new Date(at).toISOString();

/** One line of the list; `verdict` is null until the first ranking. */
export function incidentSummary({ card: { incident, report, tallies } }: IncidentDetail) {
  return {
    id: incident.id,
    title: incident.title,
    state: incident.state,
    severity: incident.severity,
    service: incident.service,
    startedAt: iso(incident.alertAt),
    updatedAt: iso(Math.max(incident.updatedAt, report?.rankedAt ?? 0)),
    verdict: report?.context.verdict ?? null,
    hypotheses: (report?.context.hypotheses ?? []).map(({ id, service, kind, confidence }) => ({
      id,
      service,
      kind,
      confidence,
      feedback: { confirm: tallies.get(id)?.confirm ?? 0, reject: tallies.get(id)?.reject ?? 0 },
    })),
  };
}

export function incidentInFull(detail: IncidentDetail) {
  const { incident, report } = detail.card;
  return {
    ...incidentSummary(detail),
    summary: report?.context.summary ?? null,
    correlationIds: [...incident.correlationIds],
    resolvedAt: incident.resolvedAt === null ? null : iso(incident.resolvedAt),
    alertCount: incident.alertCount,
    alerts: incident.alerts.map(alertInFull),
    deliveries: detail.receipts.map(delivery),
    feedback: detail.votes.map(feedback),
  };
}

function alertInFull(alert: Alert) {
  const { fingerprint, format, status, title, description, severity, service, environment, correlationIds, labels, annotations, links } =
    alert;
  return {
    fingerprint,
    format,
    status,
    title,
    description,
    severity,
    service,
    environment,
    correlationIds: [...correlationIds],
    labels: { ...labels },
    annotations: { ...annotations },
    startsAt: iso(alert.startsAt),
    endsAt: alert.endsAt === null ? null : iso(alert.endsAt),
    links: [...links],
    truncated: alert.truncated,
  };
}

/** Where a sink's message is found, under the name its own system uses. */
function delivery({ sink, channel, messageId, url, at }: Receipt) {
  return { sink, channel, ...messageName(sink, messageId), url, at: iso(at) };
}

function messageName(sink: string, messageId: string): Readonly<Record<string, string>> {
  if (sink === slackNames.sink) {
    const place = readPlace(messageId);
    return place === null ? { ts: messageId } : { channelId: place.channel, ts: place.ts };
  }
  if (sink === 'email') return { mailId: messageId };
  if (sink === 'jira') return { jiraKey: messageId };
  return { messageId };
}

function feedback({ id, hypothesisId, service, verdict, person, at, actualService, note }: Vote) {
  return { id, hypothesis: hypothesisId, service, verdict, person, at: iso(at), actualService, note };
}

export function mapInFull(map: ServiceMap) {
  return {
    services: map.services.map((service) => ({ ...service, firstSeenAt: iso(service.firstSeenAt), lastSeenAt: iso(service.lastSeenAt) })),
    edges: map.edges.map((edge) => ({ ...edge, lastSeenAt: iso(edge.lastSeenAt) })),
  };
}

/** Name → value pairs of /metrics that are read, not counted. */
export function gauges(status: Status): [string, number][] {
  const { telemetry } = status;
  return [
    ['open_incidents', status.openIncidents],
    ['dead_letters', status.deadLetters],
    ['overdue_seconds', (status.overdueMs ?? 0) / 1_000],
    ['map_services', status.services],
    ['map_edges', status.edges],
    ['start_time_seconds', status.startedAt / 1_000],
    ['telemetry_kept{signal="spans"}', telemetry.spans],
    ['telemetry_kept{signal="logs"}', telemetry.logs],
    ['telemetry_kept{signal="points"}', telemetry.points],
    ['telemetry_bytes', telemetry.bytes],
    ...status.connections.map(({ id, port, state }): [string, number] => [
      `connection_up{id=${label(id)},port=${label(port)}}`,
      state === 'on' ? 1 : 0,
    ]),
    ...status.connections.map(({ id, port, state }): [string, number] => [
      `connection_configured{id=${label(id)},port=${label(port)}}`,
      state === 'off' ? 0 : 1,
    ]),
  ];
}

/** What runs, and what it takes of the machine. */
export function ofProcess(version = ''): [string, number][] {
  const { user, system } = process.cpuUsage();
  const { bun, node } = process.versions;
  const runtime = bun === undefined ? `node ${node}` : `bun ${bun}`;
  return [
    [`build_info{version=${label(version)},runtime=${label(runtime)}}`, 1],
    ['resident_memory_bytes', process.memoryUsage.rss()],
    ['cpu_seconds_total', (user + system) / 1e6],
  ];
}

/** What only ever grows, kept by the telemetry store. */
export function telemetryCounters({ telemetry }: Status): [string, number][] {
  return [
    ['telemetry_dropped_total{signal="spans"}', telemetry.dropped.spans],
    ['telemetry_dropped_total{signal="logs"}', telemetry.dropped.logs],
    ['telemetry_dropped_total{signal="points"}', telemetry.dropped.points],
    ['telemetry_duplicates_total', telemetry.duplicates],
  ];
}

function label(value: string): string {
  return JSON.stringify(value);
}
