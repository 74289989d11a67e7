/** TracePulse's own body for anything that can send JSON (PROTOCOLS A9), alone or as the data of a CloudEvent: only `title` is needed. */
import { z } from 'zod';
import type { Alert } from '../../domain/alert.ts';
import {
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  environmentIn,
  hashOf,
  Instant,
  isWebUrl,
  linksFrom,
  serviceIn,
  severityOf,
  startOf,
} from './fields.ts';

/** People write these by hand, so a number or a boolean is taken as the text it stands for. */
const LooseLabels = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()], 'expected text, a number or a boolean'))
  .nullish()
  .transform((map) => boundedLabels(Object.entries(map ?? {}).map(([key, value]) => [key, String(value)])));

const WebUrl = z.string().refine(isWebUrl, 'expected an http or https address');

export const GenericAlert = z.object({
  title: z.string().trim().min(1),
  description: z.string().nullish(),
  status: z.enum(['firing', 'resolved']).nullish(),
  severity: z
    .string()
    .refine((word) => severityOf(word) !== null, 'expected critical, warning or info')
    .nullish(),
  service: z.string().trim().min(1).nullish(),
  environment: z.string().trim().min(1).nullish(),
  correlationId: z.string().trim().min(1).nullish(),
  startsAt: Instant.nullish(),
  endsAt: Instant.nullish(),
  labels: LooseLabels,
  annotations: LooseLabels,
  links: z.array(z.union([WebUrl, z.object({ title: z.string().nullish(), url: WebUrl })])).nullish(),
  fingerprint: z.string().trim().min(1).max(200).nullish(),
});
export type GenericAlert = z.infer<typeof GenericAlert>;

export function genericAlert(body: GenericAlert, serviceLabels: readonly string[], receivedAt: number): Alert {
  const { labels, annotations } = body;
  const status = body.status ?? 'firing';
  const service = body.service ?? serviceIn(labels, serviceLabels);
  const environment = body.environment ?? environmentIn(labels);
  const links = (body.links ?? []).map(
    (link) => (typeof link === 'string' ? ['Link', link] : [link.title || 'Link', link.url]) as [string, string],
  );
  return {
    fingerprint: body.fingerprint ?? hashOf({ ...labels, title: body.title, service: service ?? '', environment: environment ?? '' }),
    format: 'generic',
    status,
    title: cutTitle(body.title),
    description: body.description ?? null,
    severity: severityOf(body.severity) ?? 'warning',
    service,
    environment,
    correlationIds: correlationIdsIn({ correlationId: body.correlationId ?? '' }, labels, annotations),
    labels,
    annotations,
    ...startOf(body.startsAt ?? null, receivedAt, body),
    endsAt: status === 'resolved' ? (body.endsAt ?? null) : null,
    links: linksFrom(links),
    truncated: 0,
  };
}
