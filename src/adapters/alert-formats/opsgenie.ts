/**
 * Opsgenie's outgoing webhook (PROTOCOLS A8): one action on one alert. Creating fires it, closing and deleting end it; what
 * people do in between (acknowledge, notes, owners) is no news of the alarm. It cannot sign.
 */
import { z } from 'zod';
import type { Alert } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readBody } from './body.ts';
import {
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  environmentIn,
  FormatSettings,
  keyOf,
  MaybeText,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
  startOf,
  tagLabels,
  When,
} from './fields.ts';

const Webhook = z.object({
  action: z.string().trim().min(1),
  alert: z.object({
    alertId: z.string().trim().min(1),
    message: MaybeText,
    alias: MaybeText,
    entity: MaybeText,
    createdAt: When.nullish(),
    updatedAt: When.nullish(),
    tags: z.array(z.string()).nullish(),
    description: MaybeText,
    priority: MaybeText,
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()], 'expected text')).nullish(),
  }),
});
type Webhook = z.infer<typeof Webhook>;

const statuses: ReadonlyMap<string, Alert['status']> = new Map([
  ['create', 'firing'],
  ['close', 'resolved'],
  ['delete', 'resolved'],
]);

export const opsgenie = alertFormat({
  id: 'opsgenie',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const body = readBody('opsgenie', delivery, Webhook);
        const status = statuses.get(body.action.toLowerCase());
        return status === undefined ? [] : [opsgenieAlert(body, status, serviceLabels, delivery.receivedAt)];
      },
    };
  },
});

function opsgenieAlert({ alert }: Webhook, status: Alert['status'], serviceLabels: readonly string[], receivedAt: number): Alert {
  const details = Object.entries(alert.details ?? {}).map(([key, value]): [string, string] => [key, String(value)]);
  const labels = boundedLabels([...tagLabels(alert.tags ?? []), ...details]);
  return {
    // The alias is the sender's own key: the next alert of the same alarm has it again.
    fingerprint: keyOf(alert.alias ?? alert.alertId),
    format: 'opsgenie',
    status,
    title: cutTitle(alert.message ?? '') || 'Opsgenie alert without a message',
    description: alert.description,
    severity: severityOf(alert.priority) ?? 'warning',
    service: serviceIn(labels, serviceLabels) ?? alert.entity,
    environment: environmentIn(labels),
    correlationIds: correlationIdsIn(labels),
    labels,
    annotations: {},
    ...startOf(alert.createdAt ?? null, receivedAt, alert),
    occurrence: keyOf(alert.alertId),
    endsAt: status === 'resolved' ? (alert.updatedAt ?? receivedAt) : null,
    links: [],
    truncated: 0,
  };
}
