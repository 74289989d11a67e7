/**
 * What Prometheus, Loki's ruler, Mimir and vmalert push to an Alertmanager, `POST /api/v2/alerts` (PROTOCOLS A1b): a list
 * with every alarm that fires, again each minute. `endsAt` is when one is over by itself unless it is pushed again.
 */
import { z } from 'zod';
import { alertFormat } from '../../ports.ts';
import { readBody } from './body.ts';
import { FormatSettings, Instant, Labels, serviceLabelsFrom } from './fields.ts';
import { groupedAlert } from './grouped.ts';

const PushedAlert = z.object({
  labels: z
    .record(z.string(), z.string())
    .refine((labels) => Object.values(labels).some((value) => value !== ''), 'expected at least one label')
    .transform((labels) => Labels.parse(Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')))),
  annotations: Labels,
  startsAt: Instant.nullish(),
  endsAt: Instant.nullish(),
  generatorURL: z.string().nullish(),
});

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
        return readBody('prometheus', delivery, z.array(PushedAlert)).map((pushed) => {
          const endsAt = pushed.endsAt ?? receivedAt + resolveTimeoutMs;
          const status = endsAt <= receivedAt ? 'resolved' : 'firing';
          const alert = groupedAlert(
            { ...pushed, status, fingerprint: fingerprintOf(pushed.labels), endsAt: pushed.endsAt ?? null },
            { format: 'prometheus', group: {}, serviceLabels, receivedAt },
          );
          if (status === 'resolved') return alert;
          // Who never says since when it fires pushes one alarm, not a new one each minute.
          const occurrence = (pushed.startsAt ?? null) === null ? { occurrence: 'since an unsaid time' } : {};
          return { ...alert, ...occurrence, expiresAt: endsAt };
        });
      },
    };
  },
});

const offset = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;

/** As Alertmanager makes it (FNV-1a over sorted names and values), so that an alarm that comes by both doors is one. */
export function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const bytes = Buffer.concat(names.flatMap((name) => [Buffer.from(name), separator, Buffer.from(labels[name] ?? ''), separator]));
  let hash = offset;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * prime);
  return hash.toString(16).padStart(16, '0');
}

const separator = Buffer.from([0xff]);
