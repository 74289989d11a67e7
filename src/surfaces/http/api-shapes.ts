/** What the API takes and gives, as schemas: input is checked by them, `/openapi.json` is made of them. */
import { z } from 'zod';
import { severities } from '../../domain/alert.ts';
import { faultKinds, verdicts } from '../../domain/hypothesis.ts';
import { edgeSources, serviceKinds } from '../../domain/service-map.ts';

const states = ['open', 'resolved', 'muted'] as const;
const votes = ['confirm', 'reject', 'withdraw'] as const;
const Instant = z.iso.datetime();

export const IncidentsQuery = z.object({
  state: z.enum(states).optional(),
  service: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().min(1).optional().describe('`next` of the page before'),
});

export const MapQuery = z.object({
  limit: z.coerce.number().int().min(1).max(5_000).optional().describe('Edges of a page; all of them without it'),
  after: z.string().min(1).max(2_000).optional().describe('`next` of the page before'),
});

/** Below this not even the incident and its first hypothesis fit. */
export const ContextQuery = z.object({ maxTokens: z.coerce.number().int().min(200).max(1_000_000).optional() });

export const Feedback = z.object({
  hypothesis: z.string().min(1),
  verdict: z.enum(votes),
  actualService: z.string().trim().min(1).max(200).nullish(),
  note: z.string().max(2_000).nullish(),
});

export const Problem = z.object({ error: z.object({ code: z.string(), message: z.string(), path: z.string().optional() }) });

const Summary = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(states),
  severity: z.enum(severities),
  service: z.string().nullable(),
  startedAt: Instant,
  updatedAt: Instant,
  verdict: z.enum(verdicts).nullable().describe('null until the first ranking'),
  hypotheses: z.array(
    z.object({
      id: z.string(),
      service: z.string(),
      kind: z.enum(faultKinds),
      confidence: z.number(),
      feedback: z.object({ confirm: z.number().int(), reject: z.number().int() }),
    }),
  ),
});

export const Incidents = z.object({ incidents: z.array(Summary), next: z.string().optional() });

const Texts = z.record(z.string(), z.string());

const Alert = z.object({
  fingerprint: z.string(),
  format: z.string(),
  status: z.enum(['firing', 'resolved']),
  title: z.string(),
  description: z.string().nullable(),
  severity: z.enum(severities),
  service: z.string().nullable(),
  environment: z.string().nullable(),
  correlationIds: z.array(z.string()),
  labels: Texts,
  annotations: Texts,
  startsAt: Instant,
  endsAt: Instant.nullable(),
  links: z.array(z.string()),
  truncated: z.number().int(),
});

export const Incident = Summary.extend({
  summary: z.string().nullable(),
  correlationIds: z.array(z.string()),
  resolvedAt: Instant.nullable(),
  alertCount: z.number().int(),
  alerts: z.array(Alert),
  deliveries: z.array(
    z.object({
      sink: z.string(),
      channel: z.string(),
      url: z.string().nullable(),
      at: Instant,
      channelId: z.string().optional(),
      ts: z.string().optional(),
      mailId: z.string().optional(),
      jiraKey: z.string().optional(),
      messageId: z.string().optional(),
    }),
  ),
  feedback: z.array(
    z.object({
      id: z.string(),
      hypothesis: z.string(),
      service: z.string(),
      verdict: z.enum(votes),
      person: z.string(),
      at: Instant,
      actualService: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
});

export const DeadLetters = z.object({
  deadLetters: z.array(z.object({ id: z.string(), at: Instant, reason: z.string(), attempts: z.number().int() })),
});

export const Replay = z.object({ ids: z.array(z.string().min(1)).max(1_000).optional().describe('All where it is absent') });

export const Replayed = z.object({ replayed: z.array(z.string()) });

export const ServiceMap = z.object({
  services: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(serviceKinds),
      firstSeenAt: Instant,
      lastSeenAt: Instant,
      versions: z.array(z.string()),
      instances: z.array(z.string()),
      components: z.array(z.string()).optional(),
    }),
  ),
  edges: z.array(
    z.object({
      caller: z.string(),
      callee: z.string(),
      calls: z.number(),
      errors: z.number(),
      p50Ms: z.number().nullable(),
      p95Ms: z.number().nullable(),
      sources: z.array(z.enum(edgeSources)),
      confidence: z.number().optional(),
      lastSeenAt: Instant,
    }),
  ),
  next: z.string().optional(),
});

export const Forgotten = z.object({ withdrawn: z.array(z.string()), left: z.array(z.string()) });

export const Ticket = z.object({
  ticket: z.object({
    state: z.enum(['asked', 'made']),
    key: z.string().optional(),
    url: z.string().nullish(),
    status: z.string().nullish(),
  }),
});

/** What a sender of alerts is told once they are durable. */
export const Accepted = z.object({
  accepted: z.number().int(),
  ids: z.array(z.string()),
  rejected: z.array(z.object({ index: z.number().int(), error: z.string() })).optional(),
});

/** What an application sends to `POST /webhook/event`; the alert format of that name reads it. */
export const EventForm = z.looseObject({
  eventType: z.string().min(1),
  correlationId: z.string().min(1),
  details: z.looseObject({ service: z.string().min(1).max(200), errorCode: z.union([z.string(), z.number()]).nullish() }),
  priority: z.string().nullish(),
  status: z.enum(['firing', 'resolved']).nullish(),
  at: z.union([z.iso.datetime({ offset: true }), z.number().describe('ms since the epoch')]).nullish(),
});
