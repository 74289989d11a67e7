/**
 * PagerDuty's V3 webhooks (PROTOCOLS A3). Each tells of one event; what an incident is now stands in its `data`, so every
 * event about an incident is read as that state. Events come in any order and the list of their types grows: what is no
 * incident (notes, responders, services, pings) is no alarm.
 */
import { z } from 'zod';
import type { Alert, Delivery } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readBody, readValue } from './body.ts';
import { byDelivery, boundedLabels, cutTitle, FormatSettings, Instant, keyOf, linksFrom, severityOf, startOf } from './fields.ts';
import { fromHex, hmac, requireSignature } from './signatures.ts';

const Webhook = z.object({
  event: z.object({
    id: z.string().nullish(),
    event_type: z.string(),
    occurred_at: Instant.nullish(),
    data: z.looseObject({ type: z.string().nullish() }),
  }),
});
type Event = z.infer<typeof Webhook>['event'];

const Named = z.object({ summary: z.string().nullish() }).nullish();

const Incident = z.object({
  id: z.string().min(1),
  html_url: z.string().nullish(),
  status: z.string(),
  incident_key: z.string().nullish(),
  created_at: Instant.nullish(),
  title: z.string().nullish(),
  service: Named,
  priority: Named,
  urgency: z.string().nullish(),
});

export const pagerduty = alertFormat({
  id: 'pagerduty',
  settings: FormatSettings.extend({
    PAGERDUTY_WEBHOOK_SECRET: z.string().optional().describe('Secret of the webhook subscription; unsigned deliveries are then refused'),
  }),
  create: ({ PAGERDUTY_WEBHOOK_SECRET: secret }) => ({
    parse(delivery) {
      const { event } = readBody('pagerduty', delivery, Webhook);
      if (event.data.type !== 'incident') return [];
      const incident = readValue('pagerduty', event.data, Incident, ['event', 'data']);
      return byDelivery([incidentAlert(event, incident, delivery.receivedAt)], delivery, 'x-webhook-id');
    },
    ...(secret === undefined ? {} : { verify: (delivery) => verify(delivery, secret) }),
  }),
});

/** Several signatures stand there while a secret is replaced. No time is signed; a repeat changes nothing anyway. */
function verify({ headers, body }: Delivery, secret: string): void {
  const presented = (headers['x-pagerduty-signature'] ?? '').split(',').flatMap((part) => fromHex(part.trim().replace(/^v1=/, '')));
  requireSignature('pagerduty', presented, hmac(secret, body));
}

function incidentAlert(event: Event, incident: z.infer<typeof Incident>, receivedAt: number): Alert {
  const status = incident.status === 'resolved' ? 'resolved' : 'firing';
  const occurredAt = event.occurred_at ?? null;
  // An incident opened again keeps its `created_at`; the alarm begins anew all the same.
  const said = event.event_type === 'incident.reopened' ? occurredAt : (incident.created_at ?? null);
  const service = incident.service?.summary ?? null;
  const priority = incident.priority?.summary ?? null;
  // A changed priority is news of the same alarm; every other event in the same state is none.
  const isNews = event.event_type === 'incident.priority_updated' && status === 'firing';
  return {
    fingerprint: keyOf(incident.id),
    format: 'pagerduty',
    status,
    title: cutTitle(incident.title ?? '') || `PagerDuty incident ${incident.id.slice(0, 40)}`,
    description: null,
    severity: severityOf(priority) ?? severityOf(incident.urgency) ?? 'warning',
    service,
    environment: null,
    correlationIds: [],
    labels: boundedLabels(
      Object.entries({ service, priority, urgency: incident.urgency, incident_key: incident.incident_key }).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    ),
    annotations: {},
    ...startOf(said, receivedAt, incident),
    ...(isNews && event.id ? { occurrence: keyOf(event.id) } : {}),
    endsAt: status === 'resolved' ? occurredAt : null,
    links: linksFrom([['PagerDuty', incident.html_url]]),
    truncated: 0,
  };
}
