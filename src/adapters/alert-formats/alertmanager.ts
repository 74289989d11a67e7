/**
 * Prometheus Alertmanager's webhook, version 4, and what imitates it (PROTOCOLS A1, A9). Any `version` is taken, since
 * imitators write their own; what makes the body one of these is its `alerts`.
 */
import { z } from 'zod';
import { alertFormat } from '../../ports.ts';
import { readUsual, readValue } from './body.ts';
import { FormatSettings, serviceLabelsFrom } from './fields.ts';
import { Group, GroupedAlert, groupedAlert } from './grouped.ts';
import { plainGroup } from './plain.ts';

const Webhook = Group.extend({ alerts: z.array(GroupedAlert) });

const closely = (json: unknown) => readValue('alertmanager', json, Webhook);

export const alertmanager = alertFormat({
  id: 'alertmanager',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const group = readUsual('alertmanager', delivery.body, plainGroup, closely);
        const reading = { format: 'alertmanager', group, serviceLabels, receivedAt: delivery.receivedAt };
        return group.alerts.map((alert) => groupedAlert(alert, reading));
      },
    };
  },
});
