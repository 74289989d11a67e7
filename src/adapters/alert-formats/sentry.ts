/**
 * Sentry's integration webhooks and its older per-project plugin (PROTOCOLS A5). The header `Sentry-Hook-Resource` says what
 * the body is about; issue alerts, metric alerts and issues are alarms, comments, installations and single errors are not.
 * An issue is one alarm however it is told of, so that resolving it ends the alert that began it. Sentry waits one second.
 */
import { z } from 'zod';
import type { Alert, Delivery } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readJson, readValue, rejected } from './body.ts';
import {
  byDelivery,
  boundedLabels,
  cutTitle,
  FormatSettings,
  keyOf,
  linksFrom,
  MaybeId,
  MaybeText,
  serviceLabelsFrom,
  severityOf,
  startOf,
  When,
} from './fields.ts';
import { SentryEvent, sentryEventAlert } from './sentry-event.ts';
import { fromHex, hmac, requireSignature } from './signatures.ts';

const Hook = z.looseObject({ action: z.string(), data: z.looseObject({}) });

const EventAlert = z.object({ event: SentryEvent, triggered_rule: MaybeText });

const MetricAlert = z.object({
  description_title: MaybeText,
  description_text: MaybeText,
  web_url: z.string().nullish(),
  metric_alert: z.object({
    id: MaybeId,
    identifier: MaybeId,
    title: MaybeText,
    projects: z.array(z.string()).nullish(),
    date_started: When.nullish(),
    date_closed: When.nullish(),
    alert_rule: z.object({ id: MaybeId, name: MaybeText, environment: MaybeText, query: MaybeText, aggregate: MaybeText }).nullish(),
  }),
});

const IssueHook = z.object({
  issue: z.object({
    id: MaybeId,
    shortId: MaybeText,
    title: MaybeText,
    culprit: MaybeText,
    level: MaybeText,
    firstSeen: When.nullish(),
    lastSeen: When.nullish(),
    permalink: z.string().nullish(),
    web_url: z.string().nullish(),
    project: z.object({ slug: MaybeText }).nullish(),
  }),
});

const LegacyPlugin = z.object({
  id: MaybeId,
  project_slug: MaybeText,
  project: MaybeText,
  level: MaybeText,
  culprit: MaybeText,
  message: MaybeText,
  url: z.string().nullish(),
  event: SentryEvent,
});

export const sentry = alertFormat({
  id: 'sentry',
  settings: FormatSettings.extend({
    SENTRY_WEBHOOK_SECRET: z.string().optional().describe('Client secret of the Sentry integration; unsigned deliveries are then refused'),
  }),
  create({ TRACEPULSE_SERVICE_LABELS, SENTRY_WEBHOOK_SECRET: secret }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse: (delivery) => byDelivery(alertsIn(delivery, serviceLabels), delivery, 'request-id'),
      ...(secret === undefined ? {} : { verify: (delivery) => verify(delivery, secret) }),
    };
  },
});

/** `Sentry-Hook-Timestamp` is no part of what is signed, so it proves nothing; a repeat changes nothing either. */
function verify({ headers, body }: Delivery, secret: string): void {
  requireSignature('sentry', fromHex(headers['sentry-hook-signature'] ?? ''), hmac(secret, body));
}

function alertsIn({ headers, body, receivedAt }: Delivery, serviceLabels: readonly string[]): Alert[] {
  const json = readJson('sentry', body);
  if (typeof json === 'object' && json !== null && 'event' in json && !('data' in json)) {
    const { event, id, project_slug, project, level, culprit, message, url } = readValue('sentry', json, LegacyPlugin);
    const told = { issueId: id, project: project_slug ?? project, level, culprit, title: message, rule: null, link: url ?? null };
    return [sentryEventAlert(event, told, serviceLabels, receivedAt)];
  }
  const { action, data } = readValue('sentry', json, Hook);
  const resource = headers['sentry-hook-resource'] ?? resourceIn(data);
  if (resource === 'event_alert') {
    const { event, triggered_rule } = readValue('sentry', data, EventAlert, ['data']);
    const told = { issueId: null, project: null, level: null, culprit: null, title: null, rule: triggered_rule, link: null };
    return [sentryEventAlert(event, told, serviceLabels, receivedAt)];
  }
  if (resource === 'metric_alert') return [metricAlert(readValue('sentry', data, MetricAlert, ['data']), action, receivedAt)];
  if (resource === 'issue') return issueAlerts(readValue('sentry', data, IssueHook, ['data']), action, receivedAt);
  return [];
}

function resourceIn(data: Readonly<Record<string, unknown>>): string {
  if ('event' in data) return 'event_alert';
  if ('metric_alert' in data) return 'metric_alert';
  return 'issue' in data ? 'issue' : 'other';
}

function metricAlert(data: z.infer<typeof MetricAlert>, action: string, receivedAt: number): Alert {
  const { metric_alert: metric, description_title, description_text, web_url } = data;
  const rule = metric.alert_rule ?? null;
  const id = rule?.id ?? metric.id ?? metric.identifier;
  if (id === null) throw rejected('sentry', 'missing, expected text', 'data.metric_alert.id');
  const projects = metric.projects ?? [];
  const environment = rule?.environment ?? null;
  const status = action === 'resolved' ? 'resolved' : 'firing';
  const severity = severityOf(action) ?? 'warning';
  const startedAt = metric.date_started ?? null;
  return {
    fingerprint: `metric:${keyOf(id)}`,
    format: 'sentry',
    status,
    title: cutTitle(rule?.name ?? description_title ?? metric.title ?? 'Sentry metric alert'),
    description: description_text,
    severity,
    // A rule over several projects does not say in which of them it went wrong.
    service: projects.length === 1 ? (projects[0] ?? null) : null,
    environment,
    correlationIds: [],
    labels: boundedLabels([
      ['resource', 'metric_alert'],
      ...(projects.length === 0 ? [] : [['project', projects.join(', ')] as const]),
      ...(environment === null ? [] : [['environment', environment] as const]),
    ]),
    annotations: boundedLabels(
      Object.entries({ aggregate: rule?.aggregate, query: rule?.query }).flatMap(([key, value]) => (value ? [[key, value]] : [])),
    ),
    ...startOf(startedAt, receivedAt, metric),
    // Warning and then critical is one stretch that got graver.
    ...(startedAt === null || status === 'resolved' ? {} : { occurrence: `${startedAt}:${severity}` }),
    endsAt: status === 'resolved' ? (metric.date_closed ?? receivedAt) : null,
    links: linksFrom([['Sentry', web_url]]),
    truncated: 0,
  };
}

/** Created and back again fire, resolved and archived end; being assigned is no news of the alarm. */
const issueActions: ReadonlyMap<string, Alert['status']> = new Map([
  ['created', 'firing'],
  ['unresolved', 'firing'],
  ['resolved', 'resolved'],
  ['archived', 'resolved'],
]);

function issueAlerts({ issue }: z.infer<typeof IssueHook>, action: string, receivedAt: number): Alert[] {
  const status = issueActions.get(action);
  if (status === undefined) return [];
  if (issue.id === null) throw rejected('sentry', 'missing, expected text', 'data.issue.id');
  const project = issue.project?.slug ?? null;
  return [
    {
      fingerprint: `issue:${keyOf(issue.id)}`,
      format: 'sentry',
      status,
      title: cutTitle(issue.title ?? '') || 'Sentry issue',
      description: issue.culprit,
      severity: severityOf(issue.level) ?? 'warning',
      service: project,
      environment: null,
      correlationIds: [],
      labels: boundedLabels(
        Object.entries({ project, issue: issue.shortId, level: issue.level }).flatMap(([key, value]) =>
          value === null ? [] : [[key, value]],
        ),
      ),
      annotations: {},
      // An issue that is back keeps its first sighting from months ago.
      ...startOf((action === 'created' ? issue.firstSeen : issue.lastSeen) ?? null, receivedAt, issue),
      endsAt: status === 'resolved' ? receivedAt : null,
      links: linksFrom([['Sentry', issue.web_url ?? issue.permalink]]),
      truncated: 0,
    },
  ];
}
