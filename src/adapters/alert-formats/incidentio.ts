/**
 * incident.io's webhooks (PROTOCOLS A8), sent and signed as Standard Webhooks: the body stands under a key that is the event
 * type. Read are public incidents; of private ones only an id is told, and follow-ups and actions are no alarms.
 */
import { z } from 'zod';
import type { Alert, Delivery } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readBody, readValue } from './body.ts';
import {
  byDelivery,
  boundedLabels,
  cutTitle,
  environmentIn,
  FormatSettings,
  keyOf,
  linksFrom,
  MaybeText,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
  startOf,
  When,
} from './fields.ts';
import { hmac, requireRecent, requireSignature, unauthorized } from './signatures.ts';

const Webhook = z.looseObject({ event_type: z.string().min(1) });

const Status = z.object({ name: MaybeText, category: MaybeText });
const Named = z.object({ name: MaybeText });

const Incident = z.object({
  id: z.string().min(1),
  reference: MaybeText,
  name: MaybeText,
  summary: MaybeText,
  severity: Named.nullish(),
  incident_status: Status.nullish(),
  permalink: z.string().nullish(),
  created_at: When.nullish(),
  updated_at: When.nullish(),
  custom_field_entries: z
    .array(
      z.object({
        custom_field: Named.nullish(),
        values: z
          .array(
            z.object({
              value_text: MaybeText,
              value_option: z.object({ value: MaybeText }).nullish(),
              value_catalog_entry: Named.nullish(),
            }),
          )
          .nullish(),
      }),
    )
    .nullish(),
});
type Incident = z.infer<typeof Incident>;

const StatusUpdate = z.object({ incident: Incident, previous_status: Status.nullish() });

export const incidentio = alertFormat({
  id: 'incidentio',
  settings: FormatSettings.extend({
    INCIDENTIO_WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{16,}={0,2}$/, 'must be the signing secret, which begins with whsec_')
      .optional()
      .describe('Signing secret of the webhook endpoint (whsec_…); unsigned deliveries are then refused'),
  }),
  create({ TRACEPULSE_SERVICE_LABELS, INCIDENTIO_WEBHOOK_SECRET: secret }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const body = readBody('incidentio', delivery, Webhook);
        const type = body.event_type;
        if (!type.startsWith('public_incident.incident_')) return [];
        const isUpdate = type.startsWith('public_incident.incident_status_updated');
        const { incident, previous_status } = isUpdate
          ? readValue('incidentio', body[type], StatusUpdate, [type])
          : { incident: readValue('incidentio', body[type], Incident, [type]), previous_status: null };
        const alert = incidentAlert(incident, previous_status?.category ?? null, serviceLabels, delivery.receivedAt);
        return byDelivery([alert], delivery, 'webhook-id', 'svix-id');
      },
      ...(secret === undefined ? {} : { verify: (delivery) => verify(delivery, secret) }),
    };
  },
});

/** Standard Webhooks: `<id>.<time>.<body>` under the key that follows `whsec_`; Svix names the headers after itself. */
function verify(delivery: Delivery, secret: string): void {
  const { headers, body } = delivery;
  const named = (name: string) => headers[`webhook-${name}`] ?? headers[`svix-${name}`] ?? '';
  const [id, time] = [named('id'), named('timestamp')];
  if (id === '' || time === '') throw unauthorized('incidentio', 'a signature is needed');
  const presented = named('signature')
    .split(' ')
    .flatMap((part) => (part.startsWith('v1,') ? [Buffer.from(part.slice(3), 'base64')] : []));
  requireSignature('incidentio', presented, hmac(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'), `${id}.${time}.`, body));
  requireRecent('incidentio', time, delivery);
}

/** Categories of states in which nothing is to be found out any more. */
const overCategories = new Set(['learning', 'post-incident', 'closed', 'declined', 'canceled', 'cancelled', 'merged']);

function incidentAlert(incident: Incident, before: string | null, serviceLabels: readonly string[], receivedAt: number): Alert {
  const status = overCategories.has(incident.incident_status?.category ?? '') ? 'resolved' : 'firing';
  const updatedAt = incident.updated_at ?? null;
  const isReopened = status === 'firing' && before !== null && overCategories.has(before);
  const fields = boundedLabels(
    (incident.custom_field_entries ?? []).flatMap(({ custom_field, values }): [string, string][] => {
      const [first] = values ?? [];
      const value = first?.value_text ?? first?.value_option?.value ?? first?.value_catalog_entry?.name ?? null;
      return value === null || !custom_field?.name ? [] : [[custom_field.name.toLowerCase().replace(/^affected (.+?)s?$/, '$1'), value]];
    }),
  );
  return {
    fingerprint: keyOf(incident.id),
    format: 'incidentio',
    status,
    title: cutTitle(incident.name ?? '') || `incident.io ${cutTitle(incident.reference ?? incident.id).slice(0, 60)}`,
    description: incident.summary,
    severity: severityOf(incident.severity?.name) ?? 'warning',
    service: serviceIn(fields, serviceLabels),
    environment: environmentIn(fields),
    correlationIds: [],
    labels: boundedLabels([
      ...Object.entries(fields),
      ...(incident.reference === null ? [] : [['reference', incident.reference] as const]),
      ...(incident.incident_status?.name ? [['incident_status', incident.incident_status.name] as const] : []),
    ]),
    annotations: {},
    ...startOf(isReopened ? updatedAt : (incident.created_at ?? null), receivedAt, incident),
    endsAt: status === 'resolved' ? updatedAt : null,
    links: linksFrom([['incident.io', incident.permalink]]),
    truncated: 0,
  };
}
