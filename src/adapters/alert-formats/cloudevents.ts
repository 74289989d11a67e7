/**
 * CloudEvents 1.0 over HTTP (PROTOCOLS A9): one event as an object, a list of them, or its attributes in `ce-` headers with
 * the data as the body. Data in our own form (`generic.ts`) is read as that; of any other, what alarms
 * usually say is looked for, and the type says the rest: `com.example.disk.resolved` ends what `com.example.disk.full` … began
 * under the same source and subject.
 */
import { z } from 'zod';
import type { Alert, Delivery } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readJson, readValue } from './body.ts';
import {
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  environmentIn,
  FormatSettings,
  hashOf,
  hashText,
  linksFrom,
  MaybeText,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
  startOf,
  statusOf,
  When,
} from './fields.ts';
import { flatten } from './flatten.ts';
import { GenericAlert, genericAlert } from './generic-alert.ts';

const Attribute = z.string().trim().min(1);

const Event = z.looseObject({
  specversion: Attribute.regex(/^1\./, 'expected version 1.0'),
  id: Attribute,
  source: Attribute,
  type: Attribute,
  subject: MaybeText,
  time: When.nullish(),
  datacontenttype: MaybeText,
  data: z.unknown().optional(),
  data_base64: z.base64().nullish(),
});
type Event = z.infer<typeof Event>;

export const cloudevents = alertFormat({
  id: 'cloudevents',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse: (delivery) => eventsIn(delivery).map((event) => eventAlert(event, dataOf(event), serviceLabels, delivery.receivedAt)),
    };
  },
});

function eventsIn(delivery: Delivery): Event[] {
  if (delivery.headers['ce-specversion'] !== undefined) return [binaryEvent(delivery)];
  const json = readJson('cloudevents', delivery.body);
  return Array.isArray(json)
    ? json.map((entry, index) => readValue('cloudevents', entry, Event, [index]))
    : [readValue('cloudevents', json, Event)];
}

/** Attributes are percent-encoded once; what is not validly so is taken as it stands. */
function binaryEvent({ headers, body }: Delivery): Event {
  const attributes = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (!name.startsWith('ce-')) return [];
    try {
      return [[name.slice(3), decodeURIComponent(value)]];
    } catch {
      return [[name.slice(3), value]];
    }
  });
  const { data: _, data_base64: __, ...named } = Object.fromEntries(attributes);
  const datacontenttype = headers['content-type'] ?? null;
  const event = readValue('cloudevents', { ...named, datacontenttype }, Event);
  return { ...event, data: body.length === 0 ? undefined : decoded(body, datacontenttype) };
}

function dataOf({ data, data_base64, datacontenttype }: Event): unknown {
  return typeof data_base64 === 'string' ? decoded(Buffer.from(data_base64, 'base64'), datacontenttype) : data;
}

/** JSON where it says so, text where it is text; other bytes say nothing to us. */
function decoded(bytes: Uint8Array, type: string | null): unknown {
  if (type === null || /[/+]json\b/i.test(type)) return readJson('cloudevents', bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function eventAlert(event: Event, data: unknown, serviceLabels: readonly string[], receivedAt: number): Alert {
  const { id, source, type, subject } = event;
  const identity = { source, subject: subject ?? '' };
  // Source and id together name one event, however often it is sent.
  const occurrence = hashText(JSON.stringify([source, id]));
  const own = GenericAlert.safeParse(data);
  if (own.success) {
    const alert = genericAlert(own.data, serviceLabels, receivedAt);
    const startsAt = own.data.startsAt ?? event.time ?? receivedAt;
    const fingerprint = own.data.fingerprint ?? hashOf({ ...identity, alert: alert.fingerprint });
    return { ...alert, fingerprint, format: 'cloudevents', startsAt: Math.min(startsAt, receivedAt), occurrence };
  }
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  const said = boundedLabels(isObject ? flatten(data) : []);
  const first = (...names: readonly string[]) => names.map((name) => said[name]?.trim()).find((value) => value) ?? null;
  const ending = /[^.]*$/.exec(type)?.[0] ?? '';
  const status = statusOf(first('status', 'state') ?? ending);
  const startsAt = startOf(event.time ?? null, receivedAt, event).startsAt;
  return {
    fingerprint: hashOf({
      ...identity,
      type: statusOf(ending) === 'resolved' || first('status', 'state') ? type.replace(/\.[^.]*$/, '') : type,
    }),
    format: 'cloudevents',
    status,
    title: cutTitle(first('title', 'summary', 'name') ?? `${type}${subject === null ? '' : ` ${subject}`}`),
    description: first('description', 'message') ?? (typeof data === 'string' ? data.slice(0, 4_096) : null),
    severity: severityOf(first('severity', 'level', 'priority')) ?? 'warning',
    service: serviceIn(said, serviceLabels),
    environment: environmentIn(said),
    correlationIds: correlationIdsIn(said, isText(event['traceparent']) ? { traceId: event['traceparent'].split('-')[1] ?? '' } : {}),
    labels: boundedLabels([['type', type], ['source', source], ...(subject === null ? [] : [['subject', subject] as const])]),
    annotations: said,
    startsAt,
    occurrence,
    endsAt: status === 'resolved' ? startsAt : null,
    links: linksFrom([
      ['Link', first('url', 'link')],
      ['Source', source],
    ]),
    truncated: 0,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
