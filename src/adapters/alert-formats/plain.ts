/**
 * Groups of alerts as nearly all senders write them, taken without zod, which makes objects of its own for every field it looks
 * at: that is most of what reading a storm costs. What is unusual in any way is null here, and is shown to zod, which reads it
 * or says what is wrong and where. Both read the same; a test holds them against each other.
 */
import type { Group, GroupedAlert } from './grouped.ts';
import { plainTexts } from './labels.ts';

interface PlainGroup extends Group {
  readonly alerts: GroupedAlert[];
}

export function plainGroup(value: unknown): PlainGroup | null {
  if (!isObject(value)) return null;
  const { status, externalURL, truncatedAlerts } = value;
  const alerts = plainList(value['alerts'], plainTexts);
  if (alerts === null || !isStatus(status) || !isTextOrNone(externalURL)) return null;
  if (!(truncatedAlerts === undefined || truncatedAlerts === null || isCount(truncatedAlerts))) return null;
  return { status, externalURL, truncatedAlerts, alerts };
}

/** `labelsIn`: the labels as the format takes them; null where they are not as they should be. */
export function plainList(list: unknown, labelsIn: typeof plainTexts): GroupedAlert[] | null {
  if (!Array.isArray(list)) return null;
  const alerts: GroupedAlert[] = [];
  for (const value of list as unknown[]) {
    const alert = plainAlert(value, labelsIn);
    if (alert === null) return null;
    alerts.push(alert);
  }
  return alerts;
}

function plainAlert(value: unknown, labelsIn: typeof plainTexts): GroupedAlert | null {
  if (!isObject(value)) return null;
  const { status, generatorURL, fingerprint } = value;
  if (!isStatus(status) || !isTextOrNone(generatorURL) || !isTextOrNone(fingerprint)) return null;
  const startsAt = plainInstant(value['startsAt']);
  // One that does not say since when is named by a hash of what zod made of it.
  if (startsAt === null || startsAt === none) return null;
  const { endsAt: end } = value;
  const endsAt = end === undefined || end === null ? end : plainInstant(end);
  if (endsAt === null && end !== null) return null;
  const labels = labelsIn(value['labels']);
  const annotations = plainTexts(value['annotations']);
  if (labels === null || annotations === null) return null;
  return { status, labels, annotations, startsAt, endsAt: endsAt === none ? null : endsAt, generatorURL, fingerprint };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStatus(value: unknown): value is GroupedAlert['status'] {
  return value === 'firing' || value === 'resolved' || value === undefined || value === null;
}

function isTextOrNone(value: unknown): value is string | null | undefined {
  return typeof value === 'string' || value === undefined || value === null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** What Go writes for a time that is none. */
const yearOne = '0001-01-01T00:00:00Z';
/** A time that was said to be none: no time at all. */
const none = -1;

/** RFC 3339 on a day that every month has. */
const plainTime =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** ms since the epoch, `none`, or null where it is to be looked at closely. */
function plainInstant(text: unknown): number | null {
  if (text === yearOne) return none;
  if (typeof text !== 'string' || !plainTime.test(text)) return null;
  const at = Date.parse(text);
  return at > 0 ? at : none;
}
