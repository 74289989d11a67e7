/**
 * `POST /webhook/generic`: our own body, or any other of which `GENERIC_MAPPINGS` says where its parts stand. The first
 * mapping that applies reads the body; a body to which none applies must be in our own form.
 */
import type { Delivery } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readJson, readValue } from './body.ts';
import { byDelivery, FormatSettings, serviceLabelsFrom } from './fields.ts';
import { GenericAlert, genericAlert } from './generic-alert.ts';
import { applies, type Mapping, mapped, MappingsText } from './mapping.ts';

export const generic = alertFormat({
  id: 'generic',
  settings: FormatSettings.extend({
    GENERIC_MAPPINGS: MappingsText.optional().describe(
      'Where the parts of an alert stand in other bodies; best written in tracepulse.config.yaml',
    ),
  }),
  create({ TRACEPULSE_SERVICE_LABELS, GENERIC_MAPPINGS: mappings = [] }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const alerts = bodiesIn(delivery, mappings).map((body) => genericAlert(body, serviceLabels, delivery.receivedAt));
        return byDelivery(alerts, delivery, 'webhook-id', 'idempotency-key');
      },
    };
  },
});

function bodiesIn(delivery: Delivery, mappings: readonly Mapping[]): GenericAlert[] {
  const json = readJson('generic', delivery.body);
  const mapping = mappings.find((candidate) => applies(candidate, json));
  return mapping === undefined
    ? [readValue('generic', json, GenericAlert)]
    : mapped(mapping, json).map((body) => readValue('generic', body, GenericAlert));
}
