/**
 * Datadog's webhooks (PROTOCOLS A4). The body is a template of the user's: the fields read are listed below,
 * and Datadog's own default is understood as far as it goes. A variable without a value arrives as
 * its own name, `$ALERT_SCOPE`, and says nothing.
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
  hashOf,
  keyOf,
  linksFrom,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
  startOf,
  statusOf,
  tagLabels,
  When,
} from './fields.ts';

const placeholder = /^\$[A-Z][A-Z0-9_]*(\[[^\]]*\])?$/;

const Value = z
  .union([z.string(), z.number()], 'expected text or a number')
  .nullish()
  .transform((value) => {
    const text = String(value ?? '').trim();
    return text === '' || placeholder.test(text) ? null : text;
  });

const EpochText = Value.transform((text, context) => {
  const read = When.nullable().safeParse(text);
  if (read.success) return read.data;
  context.addIssue({ code: 'custom', message: 'expected a time' });
  return z.NEVER;
});

const Webhook = z
  .object({
    id: Value,
    title: Value,
    body: Value,
    date: EpochText,
    last_updated: EpochText,
    event_type: Value,
    alert_id: Value,
    alert_title: Value,
    transition: Value,
    type: Value,
    cycle_key: Value,
    aggregation_key: Value,
    priority: Value,
    metric: Value,
    query: Value,
    scope: Value,
    hostname: Value,
    tags: Value,
    service: Value,
    environment: Value,
    link: Value,
    snapshot: Value,
  })
  .refine((body) => body.title !== null || body.alert_title !== null, { path: ['title'], error: 'missing, expected text' });
type Webhook = z.infer<typeof Webhook>;

export const datadog = alertFormat({
  id: 'datadog',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse: (delivery) => [datadogAlert(readBody('datadog', delivery, Webhook), serviceLabels, delivery.receivedAt)],
    };
  },
});

function datadogAlert(body: Webhook, serviceLabels: readonly string[], receivedAt: number): Alert {
  // `[Triggered on {host:a}] CPU is high`: what happened to the alarm stands in brackets before its name.
  const [, mark = '', name = ''] = /^(?:\[([^\]]*)\])?\s*(.*)$/s.exec(body.title ?? '') ?? [];
  const transition = body.transition ?? mark.split(/ on /)[0] ?? '';
  const status = statusOf(transition || body.type);
  const title = cutTitle(body.alert_title ?? name) || 'Datadog alert';
  const labels = boundedLabels([
    ...tagLabels((body.tags ?? '').split(',').filter((tag) => tag.trim() !== '')),
    ...tagLabels((body.scope ?? '').split(',').filter((tag) => tag.includes(':'))),
  ]);
  const severity = severityIn(transition, body);
  return {
    fingerprint: hashOf(
      body.alert_id !== null
        ? { monitor: body.alert_id, scope: body.scope ?? '' }
        : { title, key: body.aggregation_key ?? '', scope: body.scope ?? mark.split(/ on /)[1] ?? '' },
    ),
    format: 'datadog',
    status,
    title,
    // Marks of Markdown, and whom else Datadog told.
    description: (body.body ?? '').replace(/%%%|(?<!\S)@(?:webhook|slack|pagerduty|opsgenie|teams)-[\w-]+/g, '').trim() || null,
    severity,
    service: body.service ?? serviceIn(labels, serviceLabels),
    environment: body.environment ?? environmentIn(labels),
    correlationIds: correlationIdsIn(labels),
    labels,
    annotations: boundedLabels(
      (['metric', 'query', 'scope', 'hostname', 'priority', 'transition'] as const).flatMap((key) => {
        const value = body[key];
        return value === null ? [] : [[key, value] as const];
      }),
    ),
    ...startOf(body.date, receivedAt, body),
    // All of one cycle is one occurrence, renotified or not; getting graver is news.
    ...(body.cycle_key === null ? {} : { occurrence: `${keyOf(body.cycle_key)}:${status === 'firing' ? severity : ''}` }),
    endsAt: status === 'resolved' ? (body.date ?? body.last_updated) : null,
    links: linksFrom([
      ['Datadog', body.link],
      ['Snapshot', body.snapshot],
    ]),
    truncated: 0,
  };
}

/** No data is a warning: the monitor may be blind, or the service gone. */
function severityIn(transition: string, { priority, type }: Webhook): Alert['severity'] {
  if (/warn|no data/i.test(transition)) return 'warning';
  return severityOf(priority) ?? severityOf(type) ?? 'warning';
}
