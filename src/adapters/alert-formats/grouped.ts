/** Alerts in groups, the shape Alertmanager gave to many: its webhook, Grafana's, and what is pushed to its API. */
import { z } from 'zod';
import type { Alert } from '../../domain/alert.ts';
import { correlationIdsIn, cutTitle, environmentIn, hashOf, Instant, keyOf, linksFrom, serviceIn, severityOf, startOf } from './fields.ts';
import { Labels } from './labels.ts';

const Status = z.enum(['firing', 'resolved']);

export const GroupedAlert = z.object({
  status: Status.nullish(),
  labels: Labels,
  annotations: Labels,
  startsAt: Instant.nullish(),
  endsAt: Instant.nullish(),
  generatorURL: z.string().nullish(),
  fingerprint: z.string().nullish(),
});
export type GroupedAlert = z.infer<typeof GroupedAlert>;

export const Group = z.object({
  status: Status.nullish(),
  externalURL: z.string().nullish(),
  truncatedAlerts: z.number().int().nonnegative().nullish(),
});
export type Group = z.infer<typeof Group>;

export interface GroupedReading {
  readonly format: string;
  readonly group: Group;
  readonly serviceLabels: readonly string[];
  readonly receivedAt: number;
}

/** `expiresAt`: when it is over by itself; not said where it is not. */
export function groupedAlert(alert: GroupedAlert, reading: GroupedReading, expiresAt?: number): Alert {
  const { format, group, serviceLabels, receivedAt } = reading;
  const { labels, annotations } = alert;
  const status = alert.status ?? group.status ?? 'firing';
  const { startsAt, occurrence } = startOf(alert.startsAt ?? null, receivedAt, alert);
  // Not spread anew for what is seldom there: a storm has ten thousand of them.
  const made: { -readonly [Name in keyof Alert]: Alert[Name] } = {
    fingerprint: alert.fingerprint ? keyOf(alert.fingerprint) : hashOf(labels),
    format,
    status,
    title: titleOf(labels, annotations),
    description: annotations['description'] ?? annotations['message'] ?? null,
    severity: severityOf(labels['severity'] ?? labels['priority']) ?? 'warning',
    service: serviceIn(labels, serviceLabels),
    environment: environmentIn(labels),
    correlationIds: correlationIdsIn(labels, annotations),
    labels,
    annotations,
    startsAt,
    // While it fires, `endsAt` is year 1 or a time at which the sender would let it expire.
    endsAt: status === 'resolved' ? (alert.endsAt ?? null) : null,
    links: linksFrom([
      ['Source', alert.generatorURL],
      ['Runbook', annotations['runbook_url'] ?? annotations['runbook']],
      ['Dashboard', annotations['dashboard_url'] ?? annotations['dashboard']],
      ['Alertmanager', group.externalURL],
    ]),
    truncated: group.truncatedAlerts ?? 0,
  };
  if (expiresAt !== undefined) made.expiresAt = expiresAt;
  if (occurrence !== undefined) made.occurrence = occurrence;
  return made;
}

function titleOf(labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>>): string {
  const name = labels['alertname'] ?? '';
  const summary = annotations['summary'] ?? annotations['title'] ?? '';
  return cutTitle(name === '' || summary === '' ? name + summary : `${name}: ${summary}`) || 'Alert without a name';
}
