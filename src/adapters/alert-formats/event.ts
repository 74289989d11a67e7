/**
 * An application's own event: something went wrong for one transaction. The form users post by hand and the one the
 * debug-queue client puts on the wire, which adds `at` and nests what the application said in `details.details`. One event
 * is one body here; a list is taken apart at the route, event by event.
 */
import { z } from 'zod';
import type { Alert } from '../../domain/alert.ts';
import { alertFormat } from '../../ports.ts';
import { readBody } from './body.ts';
import {
  byDelivery,
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  environmentIn,
  FormatSettings,
  hashOf,
  hashText,
  Instant,
  severityOf,
  startOf,
} from './fields.ts';
import { flatten, lastNames } from './flatten.ts';

const Text = z.string().trim().min(1);
/** Milliseconds since the epoch, as `Date.now()` writes them; smaller numbers would be seconds and mean 1970. */
const EpochMs = z.number().min(1e12).max(1e13);

const Event = z.object({
  eventType: Text.max(200),
  correlationId: Text.max(512),
  details: z.looseObject({ service: Text.max(200), errorCode: z.union([z.string(), z.number()], 'expected text or a number').nullish() }),
  priority: z.string().nullish(),
  status: z.enum(['firing', 'resolved']).nullish(),
  at: z.union([Instant, EpochMs], 'expected an ISO 8601 time or milliseconds since the epoch').nullish(),
});

export const event = alertFormat({
  id: 'event',
  settings: FormatSettings,
  create: () => ({
    parse(delivery) {
      const body = readBody('event', delivery, Event);
      const { service, errorCode, ...rest } = body.details;
      const code = errorCode === null || errorCode === undefined || errorCode === '' ? null : String(errorCode);
      const labels = boundedLabels(Object.entries({ eventType: body.eventType, service, ...(code === null ? {} : { errorCode: code }) }));
      const annotations = boundedLabels(flatten(rest));
      const status = body.status ?? 'firing';
      const start = startOf(body.at ?? null, delivery.receivedAt, body);
      const alert: Alert = {
        // The alarm is what failed where; each transaction it happened to is an occurrence of it.
        fingerprint: hashOf(labels),
        format: 'event',
        status,
        title: cutTitle(`${body.eventType} in ${service}${code === null ? '' : `: ${code}`}`),
        description: annotations['message'] ?? annotations['details.message'] ?? null,
        severity: severityOf(body.priority) ?? 'warning',
        service,
        environment: environmentIn(annotations),
        correlationIds: correlationIdsIn({ correlationId: body.correlationId }, lastNames(annotations)),
        labels,
        annotations,
        // Two transactions can fail in the same millisecond, so the whole event names the occurrence.
        startsAt: start.startsAt,
        occurrence: (body.at ?? null) === null && start.occurrence !== undefined ? start.occurrence : hashText(JSON.stringify(body)),
        endsAt: status === 'resolved' ? start.startsAt : null,
        links: [],
        truncated: 0,
      };
      return byDelivery([alert], delivery, 'webhook-id', 'idempotency-key');
    },
  }),
});
