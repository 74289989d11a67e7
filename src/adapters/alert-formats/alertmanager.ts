/**
 * Prometheus Alertmanager's webhook, version 4, and what imitates it (PROTOCOLS A1, A9). Any `version` is taken, since
 * imitators write their own; what makes the body one of these is its `alerts`.
 */
import { z } from 'zod';
import type { Alert } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readBody } from './body.ts';
import {
  correlationIdsIn,
  cutTitle,
  environmentIn,
  FormatSettings,
  hashOf,
  Instant,
  Labels,
  linksFrom,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
  startOf,
} from './fields.ts';

const Status = z.enum(['firing', 'resolved']);

const GroupedAlert = z.object({
  status: Status.nullish(),
  labels: Labels,
  annotations: Labels,
  startsAt: Instant.nullish(),
  endsAt: Instant.nullish(),
  generatorURL: z.string().nullish(),
  fingerprint: z.string().nullish(),
});

const Webhook = z.object({
  status: Status.nullish(),
  alerts: z.array(GroupedAlert),
  externalURL: z.string().nullish(),
  truncatedAlerts: z.number().int().nonnegative().nullish(),
});

export const alertmanager = alertFormat({
  id: 'alertmanager',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const webhook = readBody('alertmanager', delivery, Webhook);
        return webhook.alerts.map((alert) => toAlert(alert, webhook, serviceLabels, delivery.receivedAt));
      },
    };
  },
});

function toAlert(
  alert: z.infer<typeof GroupedAlert>,
  webhook: z.infer<typeof Webhook>,
  serviceLabels: readonly string[],
  receivedAt: number,
): Alert {
  const { labels, annotations } = alert;
  const status = alert.status ?? webhook.status ?? 'firing';
  return {
    fingerprint: alert.fingerprint || hashOf(labels),
    format: 'alertmanager',
    status,
    title: titleOf(labels, annotations),
    description: annotations['description'] ?? annotations['message'] ?? null,
    severity: severityOf(labels['severity'] ?? labels['priority']) ?? 'warning',
    service: serviceIn(labels, serviceLabels),
    environment: environmentIn(labels),
    correlationIds: correlationIdsIn(labels, annotations),
    labels,
    annotations,
    ...startOf(alert.startsAt ?? null, receivedAt, alert),
    // While it fires, `endsAt` is year 1 or a time at which the sender would let it expire.
    endsAt: status === 'resolved' ? (alert.endsAt ?? null) : null,
    links: linksFrom([
      ['Source', alert.generatorURL],
      ['Runbook', annotations['runbook_url'] ?? annotations['runbook']],
      ['Dashboard', annotations['dashboard_url'] ?? annotations['dashboard']],
      ['Alertmanager', webhook.externalURL],
    ]),
    truncated: webhook.truncatedAlerts ?? 0,
  };
}

function titleOf(labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>>): string {
  const parts = [labels['alertname'], annotations['summary'] ?? annotations['title']].filter((part) => part !== undefined && part !== '');
  return cutTitle(parts.join(': ')) || 'Alert without a name';
}
