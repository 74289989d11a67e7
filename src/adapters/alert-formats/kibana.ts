/**
 * Kibana's webhook connector (PROTOCOLS A6). The body is Mustache text of the user's: the names read are listed
 * below. Also read: the same names as objects (`rule.id`, `alert.uuid`), objects that the template wrote into a
 * string, a wrapper around them, and the lists of a summary action. It cannot sign.
 */
import { z } from 'zod';
import type { Alert } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readJson, readValue, rejected, unquoted } from './body.ts';
import {
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  environmentIn,
  FormatSettings,
  hashOf,
  hashText,
  linksFrom,
  MaybeId,
  MaybeText,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
  startOf,
  statusOf,
  tagLabels,
  When,
} from './fields.ts';
import { flatten } from './flatten.ts';

const Tags = z.union([z.string().transform((text) => text.split(',')), z.array(z.string())], 'expected text or a list of texts').nullish();

const KibanaAlert = z.object({
  rule_id: MaybeId,
  rule_name: MaybeText,
  rule_url: z.string().nullish(),
  alert_uuid: MaybeId,
  alert_id: MaybeId,
  action_group: MaybeText,
  date: When.nullish(),
  details_url: z.string().nullish(),
  reason: MaybeText,
  severity: MaybeText,
  service: MaybeText,
  environment: MaybeText,
  tags: Tags,
});
type KibanaAlert = z.infer<typeof KibanaAlert>;

export const kibana = alertFormat({
  id: 'kibana',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const body = asObject(unquoted(readJson('kibana', delivery.body)));
        if (body === null) throw rejected('kibana', 'expected an object', '');
        const told = asObject(unquoted(body['webhook_body'])) ?? body;
        const summary = asObject(unquoted(told['alerts']));
        const found = summary === null ? [namesIn(told)] : listed(summary, told);
        return found.map((names) => kibanaAlert(readValue('kibana', names, KibanaAlert), serviceLabels, delivery.receivedAt));
      },
    };
  },
});

type Named = Readonly<Record<string, unknown>>;

function asObject(value: unknown): Named | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Named) : null;
}

/** Our names, taken from the flat form or from Kibana's own objects, which keep the names of its variables. */
function namesIn(told: Named): Named {
  const rule = asObject(unquoted(told['rule'] ?? told['rule_info'])) ?? {};
  const alert = asObject(unquoted(told['alert'] ?? told['alert_info'])) ?? {};
  const context = asObject(unquoted(told['context'] ?? told['context_info'])) ?? {};
  return {
    rule_id: told['rule_id'] ?? rule['id'],
    rule_name: told['rule_name'] ?? rule['name'],
    rule_url: told['rule_url'] ?? rule['url'],
    alert_uuid: told['alert_uuid'] ?? alert['uuid'],
    alert_id: told['alert_id'] ?? alert['id'],
    action_group: told['action_group'] ?? alert['actionGroup'],
    date: told['date'],
    details_url: told['details_url'] ?? context['alertDetailsUrl'],
    reason: told['reason'] ?? context['reason'] ?? context['message'],
    severity: told['severity'],
    service: told['service'] ?? context['serviceName'],
    environment: told['environment'] ?? context['environment'],
    tags: told['tags'] ?? rule['tags'],
  };
}

/** A summary holds `new`, `ongoing`, `recovered`, each a list of alert documents; ongoing ones have been told of before. */
function listed(summary: Named, told: Named): Named[] {
  return ['new', 'recovered'].flatMap((group) => {
    const list = unquoted(asObject(unquoted(summary[group]))?.['data']);
    if (list === undefined || list === null) return [];
    if (!Array.isArray(list)) throw rejected('kibana', 'expected a list', `alerts.${group}.data`);
    return list.map((entry, index) => {
      const document = asObject(unquoted(entry));
      if (document === null) throw rejected('kibana', 'expected an object', `alerts.${group}.data[${index}]`);
      return namesInDocument(Object.fromEntries(flatten(document, '', -1)), group, told);
    });
  });
}

/** An alert document names its fields `kibana.alert.rule.name`, flat or nested. */
function namesInDocument(document: Readonly<Record<string, string>>, group: string, told: Named): Named {
  const named = (name: string) => document[`kibana.alert.${name}`];
  const around = namesIn(told);
  return {
    rule_id: named('rule.uuid') ?? around['rule_id'],
    rule_name: named('rule.name') ?? around['rule_name'],
    rule_url: around['rule_url'],
    alert_uuid: named('uuid'),
    alert_id: named('instance.id'),
    action_group: group === 'recovered' ? 'recovered' : named('action_group'),
    date: (group === 'recovered' ? named('end') : named('start')) ?? around['date'],
    details_url: named('url'),
    reason: named('reason'),
    severity: named('severity'),
    service: document['service.name'],
    environment: document['service.environment'],
    tags: around['tags'],
  };
}

function kibanaAlert(told: KibanaAlert, serviceLabels: readonly string[], receivedAt: number): Alert {
  const { rule_id, rule_name, alert_id, alert_uuid, action_group, reason } = told;
  if (rule_id === null && rule_name === null) throw rejected('kibana', 'missing, expected text', 'rule_id');
  const tags = boundedLabels(tagLabels((told.tags ?? []).filter((tag) => tag.trim() !== '')));
  const status = statusOf(action_group);
  const at = told.date ?? null;
  const service = told.service ?? serviceIn(tags, serviceLabels);
  return {
    fingerprint: hashOf({ rule: rule_id ?? rule_name ?? '', alert: alert_id ?? alert_uuid ?? '' }),
    format: 'kibana',
    status,
    title: cutTitle(rule_name ?? '') || 'Kibana rule without a name',
    description: reason,
    severity: severityOf(told.severity ?? tags['severity'] ?? action_group) ?? 'warning',
    service,
    environment: told.environment ?? environmentIn(tags),
    correlationIds: correlationIdsIn(tags),
    labels: boundedLabels([...Object.entries(tags), ...(alert_id === null ? [] : [['alert_id', alert_id] as const])]),
    annotations: boundedLabels(Object.entries({ reason, action_group }).flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
    ...startOf(at, receivedAt, told),
    // The uuid stands for one stretch of being active, however often the action runs in it.
    ...(alert_uuid === null || status === 'resolved' ? {} : { occurrence: hashText(alert_uuid) }),
    endsAt: status === 'resolved' ? (at ?? receivedAt) : null,
    links: linksFrom([
      ['Alert', told.details_url],
      ['Rule', told.rule_url],
    ]),
    truncated: 0,
  };
}
