/** One error event of Sentry as an alarm: what failed, where in the code, in which release. Users and requests are left out. */
import { z } from 'zod';
import type { Alert } from '../../domain/alert.ts';
import {
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  environmentIn,
  hashText,
  keyOf,
  linksFrom,
  MaybeId,
  MaybeText,
  serviceIn,
  severityOf,
  startOf,
  When,
} from './fields.ts';

const Frame = z.object({
  filename: MaybeText,
  function: MaybeText,
  module: MaybeText,
  lineno: z.number().nullish(),
  in_app: z.boolean().nullish(),
});

export const SentryEvent = z.object({
  event_id: MaybeText,
  title: MaybeText,
  culprit: MaybeText,
  level: MaybeText,
  release: MaybeText,
  environment: MaybeText,
  datetime: When.nullish(),
  timestamp: When.nullish(),
  issue_id: MaybeId,
  issue_url: z.string().nullish(),
  url: z.string().nullish(),
  web_url: z.string().nullish(),
  tags: z.array(z.array(z.string().nullable())).nullish(),
  exception: z
    .object({
      values: z
        .array(z.object({ type: MaybeText, value: MaybeText, stacktrace: z.object({ frames: z.array(Frame).nullish() }).nullish() }))
        .nullish(),
    })
    .nullish(),
  contexts: z.object({ trace: z.object({ trace_id: MaybeText }).nullish() }).nullish(),
});
export type SentryEvent = z.infer<typeof SentryEvent>;

/** What stands around the event; the older plugin says here what newer bodies say inside. */
export interface ToldBeside {
  readonly issueId: string | null;
  readonly project: string | null;
  readonly level: string | null;
  readonly culprit: string | null;
  readonly title: string | null;
  readonly rule: string | null;
  readonly link: string | null;
}

export function sentryEventAlert(event: SentryEvent, told: ToldBeside, serviceLabels: readonly string[], receivedAt: number): Alert {
  const tags = boundedLabels((event.tags ?? []).flatMap(([key, value]) => (key && value && key !== 'user' ? [[key, value]] : [])));
  // https://sentry.io/api/0/projects/<organization>/<project>/events/…
  const project = told.project ?? /\/projects\/[^/]+\/([^/]+)\//.exec(event.url ?? '')?.[1] ?? null;
  const issueId = event.issue_id ?? told.issueId ?? /\/issues\/(\d+)/.exec(event.issue_url ?? '')?.[1] ?? null;
  const thrown = event.exception?.values?.at(-1);
  const frames = thrown?.stacktrace?.frames ?? [];
  // Oldest first: the last frame failed, and the last of the application's own is where to look.
  const frame = frames.findLast((candidate) => candidate.in_app === true) ?? frames.at(-1);
  const title = event.title ?? told.title ?? thrown?.type ?? 'Sentry event';
  const traceId = event.contexts?.trace?.trace_id ?? '';
  const details = {
    culprit: event.culprit ?? told.culprit,
    rule: told.rule,
    'exception.type': thrown?.type,
    'code.filepath': frame?.filename,
    'code.function': frame?.function,
    'code.namespace': frame?.module,
    'code.lineno': frame?.lineno === null || frame?.lineno === undefined ? null : String(frame.lineno),
  };
  return {
    fingerprint: issueId === null ? hashText(JSON.stringify([project, title, details.culprit])) : `issue:${keyOf(issueId)}`,
    format: 'sentry',
    status: 'firing',
    title: cutTitle(title),
    description: thrown?.value ?? told.title ?? details.culprit,
    severity: severityOf(event.level ?? told.level ?? tags['level']) ?? 'warning',
    service: serviceIn(tags, serviceLabels) ?? project,
    environment: event.environment ?? environmentIn(tags),
    correlationIds: correlationIdsIn({ traceId }, tags),
    labels: boundedLabels([
      ...Object.entries(tags),
      ...(project === null ? [] : [['project', project] as const]),
      ...(event.release === null ? [] : [['release', event.release] as const]),
    ]),
    annotations: boundedLabels(Object.entries(details).flatMap(([key, value]) => (value ? [[key, value]] : []))),
    ...startOf(event.datetime ?? event.timestamp ?? null, receivedAt, event),
    ...(event.event_id === null ? {} : { occurrence: keyOf(event.event_id) }),
    endsAt: null,
    links: linksFrom([
      ['Sentry', event.web_url],
      ['Sentry', told.link],
    ]),
    truncated: 0,
  };
}
