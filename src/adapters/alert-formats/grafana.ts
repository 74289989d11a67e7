/**
 * Grafana Alerting's webhook (PROTOCOLS A2): Alertmanager's groups with the rule's values, its links and a signature. A
 * rule that gets no data or cannot ask raises an alert of its own: then the monitoring is broken, and no service is named.
 */
import { z } from 'zod';
import type { Alert, Delivery } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readBody } from './body.ts';
import { boundedLabels, cutTitle, FormatSettings, linksFrom, serviceLabelsFrom } from './fields.ts';
import { Group, GroupedAlert, groupedAlert } from './grouped.ts';
import { fromHex, hmac, requireRecent, requireSignature } from './signatures.ts';

const GrafanaAlert = GroupedAlert.extend({
  silenceURL: z.string().nullish(),
  dashboardURL: z.string().nullish(),
  panelURL: z.string().nullish(),
  values: z.record(z.string(), z.union([z.number(), z.string()], 'expected a number').nullable()).nullish(),
});
type GrafanaAlert = z.infer<typeof GrafanaAlert>;

const Webhook = Group.extend({ alerts: z.array(GrafanaAlert) });

export const grafana = alertFormat({
  id: 'grafana',
  settings: FormatSettings.extend({
    GRAFANA_WEBHOOK_SECRET: z.string().optional().describe('Secret of the contact point; unsigned deliveries are then refused'),
  }),
  create({ TRACEPULSE_SERVICE_LABELS, GRAFANA_WEBHOOK_SECRET: secret }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const group = readBody('grafana', delivery, Webhook);
        const reading = { format: 'grafana', group, serviceLabels, receivedAt: delivery.receivedAt };
        return group.alerts.map((alert) => grafanaAlert(alert, groupedAlert(absolute(alert, group.externalURL), reading)));
      },
      ...(secret === undefined ? {} : { verify: (delivery) => verify(delivery, secret) }),
    };
  },
});

/** The header names are Grafana's defaults. Where a time is sent it is part of what is signed, so leaving it out does not pass. */
function verify(delivery: Delivery, secret: string): void {
  const { headers, body } = delivery;
  const time = headers['x-grafana-alerting-timestamp'];
  const presented = fromHex(headers['x-grafana-alerting-signature'] ?? '');
  requireSignature('grafana', presented, time === undefined ? hmac(secret, body) : hmac(secret, `${time}:`, body));
  if (time !== undefined) requireRecent('grafana', time, delivery);
}

/** The rule's page may be given as `?orgId=1`, to be read from Grafana's own address. */
function absolute(alert: GrafanaAlert, base: string | null | undefined): GrafanaAlert {
  const { generatorURL } = alert;
  if (typeof generatorURL !== 'string' || generatorURL === '' || typeof base !== 'string') return alert;
  return { ...alert, generatorURL: URL.parse(generatorURL, base)?.href ?? null };
}

const brokenMonitoring: ReadonlyMap<string, string> = new Map([
  ['DatasourceNoData', 'gets no data'],
  ['DatasourceError', 'cannot ask its data source'],
]);

function grafanaAlert(from: GrafanaAlert, alert: Alert): Alert {
  const values = Object.entries(from.values ?? {}).map(([name, value]): [string, string] => [`value ${name}`, String(value)]);
  const whole: Alert = {
    ...alert,
    annotations: boundedLabels([...Object.entries(alert.annotations), ...values]),
    links: linksFrom([
      ...alert.links.map(({ title, url }): [string, string] => [title === 'Alertmanager' ? 'Grafana' : title, url]),
      ['Dashboard', from.dashboardURL],
      ['Panel', from.panelURL],
      ['Silence', from.silenceURL],
    ]),
  };
  const problem = brokenMonitoring.get(alert.labels['alertname'] ?? '');
  if (problem === undefined) return whole;
  const rule = alert.labels['rulename'] ?? alert.labels['ref_id'] ?? 'a rule';
  return { ...whole, title: cutTitle(`Monitoring broken: ${rule} ${problem}`), service: null, severity: 'warning' };
}
