/** What alert bodies have in common, whatever tool wrote them: instants, labels, severities, ids, links. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Alert, defaultServiceLabels, type Delivery, type Severity } from '../../domain/alert.ts';

/** Beyond these a label is data, not an identity; more of it would only fill the ledger. */
export const maxEntries = 64;
export const maxValueLength = 1_024;
const maxTitleLength = 300;
const maxCorrelationIds = 16;

/** Setting of every format here; the list of names, best first. */
export const FormatSettings = z.object({ TRACEPULSE_SERVICE_LABELS: z.string().optional() });

export function serviceLabelsFrom(setting: string | undefined): readonly string[] {
  const names = (setting ?? '').split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  return given.length > 0 ? given : defaultServiceLabels;
}

/** RFC 3339 with any offset and fraction → ms since the epoch. Year 1 and the epoch itself mean "none" (PROTOCOLS A9). */
export const Instant = z.iso.datetime({ offset: true }).transform((text) => {
  const at = Date.parse(text);
  return at > 0 ? at : null;
});

/** Seconds since the epoch have at most 10 digits until the year 2286, milliseconds since 2001 have 13. */
const leastMs = 1e11;
const mostMs = 1e13;

/** Seconds or milliseconds since the epoch → ms; null where it is neither. */
export function epochMs(value: number): number | null {
  const at = Math.round(value < leastMs ? value * 1_000 : value);
  return at > 0 && at < mostMs ? at : null;
}

/** A time however tools write it: RFC 3339 (without an offset: UTC), or seconds or milliseconds since the epoch, as a number or as text. */
export const When = z.union([z.number(), z.string()], 'expected a time').transform((value, context) => {
  const at = typeof value === 'number' ? epochMs(value) : whenIn(value);
  if (at !== null || value === '' || value === 0) return at;
  context.addIssue({ code: 'custom', message: 'expected a time' });
  return z.NEVER;
});

function whenIn(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return epochMs(Number(trimmed));
  const zoned = /^\d{4}-\d\d-\d\d[T ][\d:.]+$/.test(trimmed) ? `${trimmed}Z` : trimmed;
  const at = /^\d{4}-\d\d-\d\d/.test(zoned) ? Date.parse(zoned.replace(' ', 'T')) : Number.NaN;
  return at > 0 ? at : null;
}

/** Text, null or nothing; empty text says nothing either. */
export const MaybeText = z
  .string()
  .nullish()
  .transform((text) => (text === undefined || text === null || text.trim() === '' ? null : text.trim()));

/** An id: tools write the same one as a number here and as text there. */
export const MaybeId = z
  .union([z.string(), z.number()], 'expected text or a number')
  .nullish()
  .transform((id) => (id === undefined || id === null || String(id).trim() === '' ? null : String(id).trim()));

/** `service:cart`, `service=cart` → label and value; a tag of one word says only that it is there. */
export function tagLabels(tags: readonly string[]): [string, string][] {
  return tags.map((tag): [string, string] => {
    // No pattern of the whole: one with optional blanks on both sides takes hours over a tag of nothing else.
    const end = tag.search(/[:=]/);
    const [key, value] = end < 0 ? [tag.trim(), ''] : [tag.slice(0, end).trim(), tag.slice(end + 1).trim()];
    return key === '' || value === '' ? [tag.trim(), 'true'] : [key, value];
  });
}

/** What tools call the end of an alarm. */
const endWords = new Set(
  'resolved resolve recovered recovery ok okay closed close normal clear cleared up healthy success fixed inactive deleted'.split(' '),
);

export function statusOf(word: string | null | undefined): Alert['status'] {
  return endWords.has((word ?? '').trim().toLowerCase()) ? 'resolved' : 'firing';
}

/** They name object internals. */
export const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype']);

export function boundedLabels(entries: readonly (readonly [string, string])[]): Record<string, string> {
  const safe = entries.filter(([key]) => !unsafeKeys.has(key)).slice(0, maxEntries);
  return Object.fromEntries(safe.map(([key, value]) => [key.slice(0, maxValueLength), value.slice(0, maxValueLength)]));
}

const oddBlanks = /[^\S ]| {2}|^ | $/;

export function cutTitle(title: string): string {
  const line = oddBlanks.test(title) ? title.replace(/\s+/g, ' ').trim() : title;
  return line.length <= maxTitleLength ? line : `${line.slice(0, maxTitleLength - 1).trimEnd()}…`;
}

/**
 * The words tools use, on three levels. `high` and `error` count as critical: where they stand beside `critical`, taking
 * them too seriously costs a look, while too lightly could hide an outage behind another incident.
 */
const severityWords = {
  critical: [
    'critical',
    'crit',
    'fatal',
    'emergency',
    'emerg',
    'alert',
    'page',
    'error',
    'major',
    'urgent',
    'highest',
    'high',
    'p0',
    'p1',
    'sev0',
    'sev1',
  ],
  warning: ['warning', 'warn', 'medium', 'normal', 'moderate', 'minor', 'average', 'p2', 'p3', 'sev2', 'sev3'],
  info: ['info', 'information', 'informational', 'notice', 'low', 'lowest', 'debug', 'none', 'p4', 'p5', 'sev4', 'sev5'],
} as const satisfies Record<Severity, readonly string[]>;

const severityByWord: ReadonlyMap<string, Severity> = new Map(
  Object.entries(severityWords).flatMap(([level, words]) => words.map((word) => [word, level as Severity] as const)),
);

/** Null where the word is unknown. */
export function severityOf(word: string | null | undefined): Severity | null {
  if (word === null || word === undefined) return null;
  return severityByWord.get(word) ?? severityByWord.get(word.trim().toLowerCase()) ?? null;
}

/** Their `job` names who measured, not what is measured. */
const exporters = new Set([
  'kube-state-metrics',
  'node-exporter',
  'node',
  'blackbox',
  'blackbox-exporter',
  'cadvisor',
  'kubelet',
  'pushgateway',
]);

/** The service an alert's labels name, by the first label of the list that is there. */
export function serviceIn(labels: Readonly<Record<string, string>>, names: readonly string[]): string | null {
  for (const name of names) {
    const value = labels[name]?.trim() ?? '';
    // OTLP's job label in Prometheus reads `namespace/name`.
    const service = name === 'job' ? (value.split('/').pop() ?? '') : value;
    if (service !== '' && !(name === 'job' && exporters.has(service))) return service;
  }
  return null;
}

const environmentLabels = ['environment', 'env', 'deployment_environment_name', 'deployment_environment', 'deployment.environment.name'];

export function environmentIn(labels: Readonly<Record<string, string>>): string | null {
  return serviceIn(labels, environmentLabels);
}

const correlationKeys = new Set(['correlationid', 'traceid', 'requestid', 'transactionid', 'txnid', 'xcorrelationid', 'xrequestid']);

/** Senders have a few dozen names of labels and say them in every alert. */
const isCorrelation = createVerdicts(2_000, (name) => correlationKeys.has(name.toLowerCase().replace(/[^a-z0-9]/g, '')));

/** `judge`, remembered for texts that come again and again; of one that makes up ever new ones, no more than `most`. */
function createVerdicts(most: number, judge: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = judge(text);
    if (known.size >= most) known.clear();
    known.set(text, found);
    return found;
  };
}

/** Request, transaction and trace ids among labels and annotations, however their names are spelled. */
export function correlationIdsIn(...maps: readonly Readonly<Record<string, string>>[]): string[] {
  const found: string[] = [];
  for (const map of maps)
    for (const key in map) {
      const value = isCorrelation(key) ? (map[key] ?? '').trim() : '';
      if (value !== '' && found.length < maxCorrelationIds && !found.includes(value)) found.push(value);
    }
  return found;
}

/** Only absolute web addresses become links; anything else (`javascript:`, relative paths) is dropped. */
export function linksFrom(candidates: readonly (readonly [string, string | null | undefined])[]): Alert['links'] {
  const links: { title: string; url: string }[] = [];
  for (const [title, url] of candidates) {
    if (typeof url === 'string' && !links.some((link) => link.url === url) && isWebUrl(url)) links.push({ title, url });
  }
  return links;
}

/** A rule has one address, and says it in every alert. */
const webUrls = createVerdicts(1_000, (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''));

export function isWebUrl(text: string): boolean {
  return text.length <= 4_096 && webUrls(text);
}

/** Same entries, same hash, whatever their order. */
export function hashOf(entries: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return hashText(JSON.stringify(sorted));
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

const maxKeyLength = 200;

/** A sender's own id as part of a key: as it is, or its hash where it is longer than any tool makes one. */
export function keyOf(id: string): string {
  return id.length <= maxKeyLength ? id : hashText(id);
}

/** Identical deliveries without a time of their own count once within this long; later ones are a new occurrence. */
const repeatMs = 60_000;

/**
 * When an alarm began, and the name of this occurrence. A start that is said names it. One that is not (or lies in the
 * future, by a sender's fast clock) is the arrival, and then a hash of what was said tells a repeat from something new:
 * a sender that tries again within the minute changes nothing, while next week's identical body is a new alarm.
 */
export function startOf(said: number | null, receivedAt: number, body: unknown): Pick<Alert, 'startsAt' | 'occurrence'> {
  if (said === null) return { startsAt: receivedAt, occurrence: `${hashText(JSON.stringify(body))}@${Math.floor(receivedAt / repeatMs)}` };
  return said <= receivedAt ? { startsAt: said } : { startsAt: receivedAt, occurrence: String(said) };
}

/** What `startOf` makes where no time was said. */
const unsaidStart = /^([0-9a-f]{16})@\d+$/;

/**
 * A sender that names its deliveries says itself which are repeats, however late: its name takes the place of the minute.
 * `names`: the headers of that sender (PROTOCOLS 0), which stay the same when it tries again.
 */
export function byDelivery(alerts: Alert[], { headers }: Delivery, ...names: readonly string[]): Alert[] {
  const id = names.map((name) => headers[name]).find((value) => value !== undefined && value !== '');
  if (id === undefined) return alerts;
  return alerts.map((alert) => {
    const [, told] = unsaidStart.exec(alert.occurrence ?? '') ?? [];
    return told === undefined ? alert : { ...alert, occurrence: `${told}:${hashText(id)}` };
  });
}
