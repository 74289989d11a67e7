/**
 * What Prometheus, Loki's ruler, Mimir and vmalert push to an Alertmanager, `POST /api/v2/alerts` (PROTOCOLS A1b): a list
 * with every alarm that fires, again each minute. `endsAt` is when one is over by itself unless it is pushed again.
 */
import { z } from 'zod';
import { alertFormat } from '../../ports.ts';
import { readUsual, readValue } from './body.ts';
import { FormatSettings, Instant, serviceLabelsFrom } from './fields.ts';
import { groupedAlert } from './grouped.ts';
import { Labels, plainSayingTexts, SayingLabels } from './labels.ts';
import { plainList } from './plain.ts';

const PushedAlert = z.object({
  labels: SayingLabels,
  annotations: Labels,
  startsAt: Instant.nullish(),
  endsAt: Instant.nullish(),
  generatorURL: z.string().nullish(),
});
type Pushed = z.infer<typeof PushedAlert>;
const PushedAlerts = z.array(PushedAlert);
const plainly = (json: unknown): Pushed[] | null => plainList(json, plainSayingTexts);
const closely = (json: unknown): Pushed[] => readValue('prometheus', json, PushedAlerts);

/** Alertmanager's `resolve_timeout`. */
const resolveTimeoutMs = 300_000;

export const prometheus = alertFormat({
  id: 'prometheus',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const { receivedAt } = delivery;
        const list = readUsual('prometheus', delivery.body, plainly, closely);
        const reading = { format: 'prometheus', group: {}, serviceLabels, receivedAt };
        return list.map(({ labels, annotations, startsAt, endsAt: end = null, generatorURL }) => {
          const endsAt = end ?? receivedAt + resolveTimeoutMs;
          const status = endsAt <= receivedAt ? 'resolved' : 'firing';
          const fingerprint = fingerprintOf(labels);
          const said = { labels, annotations, startsAt, endsAt: end, generatorURL, status, fingerprint } as const;
          if (status === 'resolved') return groupedAlert(said, reading);
          const alert = groupedAlert(said, reading, endsAt);
          // Who never says since when it fires pushes one alarm, not a new one each minute.
          return (startsAt ?? null) === null ? { ...alert, occurrence: 'since an unsaid time' } : alert;
        });
      },
    };
  },
});

/**
 * FNV-1a's beginning and its prime, 2^40 + 435, in halves of 32 bits: whole numbers of 64 take ten times as long. What goes over
 * from the lower half is made of 16 bits at a time, so that no step leaves the whole numbers of a processor.
 */
const beginning = { high: 0xcbf29ce4, low: 0x84222325 };
const primeLow = 435;
const separator = 0xff;

interface Hash {
  high: number;
  low: number;
}

/** As Alertmanager makes it (FNV-1a over sorted names and values), so that an alarm that comes by both doors is one. */
export function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels);
  // As Go writes them, they are sorted already.
  if (!isSorted(names)) sortByBytes(names);
  const hash = { ...beginning };
  for (const name of names) {
    mix(hash, name);
    mix(hash, labels[name] ?? '');
  }
  return hexOf(hash.high) + hexOf(hash.low);
}

const hexOf = (half: number) => (half >>> 0).toString(16).padStart(8, '0');

function isSorted(names: readonly string[]): boolean {
  return names.every((name, i) => isPlain(name) && (i === 0 || (names[i - 1] ?? '') < name));
}

/** Letters of more than one byte may stand in another order than their bytes. */
function sortByBytes(names: string[]): void {
  if (names.every(isPlain)) names.sort();
  else names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

const isPlain = (text: string) => /^[ -~]*$/.test(text);

/** Takes in the bytes of the text, and one that parts it from the next. */
function mix(hash: Hash, text: string): void {
  const bytes = isPlain(text) ? null : Buffer.from(text);
  const length = bytes?.length ?? text.length;
  let { high, low } = hash;
  for (let i = 0; i <= length; i++) {
    const byte = i === length ? separator : bytes === null ? text.charCodeAt(i) : (bytes[i] ?? 0);
    const mixed = low ^ byte;
    const over = ((((mixed & 0xffff) * primeLow) >>> 16) + (mixed >>> 16) * primeLow) >>> 16;
    high = (Math.imul(high, primeLow) + (mixed << 8) + over) | 0;
    low = Math.imul(mixed, primeLow);
  }
  hash.high = high;
  hash.low = low;
}
