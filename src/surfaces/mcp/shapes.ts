/** What the tools take and give, as schemas: clients see them, inputs are checked by them. */
import { z } from 'zod';
import { severities } from '../../domain/alert.ts';
import { faultKinds, verdicts } from '../../domain/hypothesis.ts';
import { ContextChange, IncidentContext } from '../../domain/incident-context.ts';

const IncidentId = z
  .string()
  .regex(/^INC-\d{1,15}$/)
  .describe('Such as INC-12');
const Page = z.string().min(1).max(64).optional().describe('`next` of the page before');
/** Lists that are read whole are paged by place. */
const Place = z
  .string()
  .regex(/^\d{1,6}$/)
  .optional()
  .describe('`next` of the page before');
const Next = z.string().nullable().describe('Give it as `after` for more; null: that was all');
const Gaps = z.array(z.object({ source: z.string(), reason: z.string() })).describe('What could not be read, and why');

export const ListIncidents = {
  input: z.object({
    state: z.enum(['open', 'resolved', 'muted']).optional(),
    service: z.string().min(1).max(200).optional().describe('As the map names it'),
    limit: z.number().int().min(1).max(100).default(20),
    after: Page,
  }),
  output: z.object({
    incidents: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        state: z.enum(['open', 'resolved', 'muted']),
        severity: z.enum(severities),
        service: z.string().nullable(),
        startedAt: z.string(),
        verdict: z.enum(verdicts).nullable().describe('null until the first ranking'),
        first: z.object({ id: z.string(), service: z.string(), kind: z.enum(faultKinds), confidence: z.number() }).nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
};

export const GetContext = {
  input: z.object({
    incidentId: IncidentId,
    maxTokens: z.number().int().min(200).max(100_000).default(8_000).describe('What explains the first hypothesis stays longest'),
  }),
  output: IncidentContext,
};

const Words = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;
export const severityOf = (word: keyof typeof Words): number => Words[word];

export const SearchLogs = {
  input: z.object({
    service: z.string().min(1).max(200).optional(),
    correlationId: z.string().min(1).max(512).optional(),
    traceId: z
      .string()
      .regex(/^[0-9a-f]{32}$/i)
      .optional(),
    contains: z.string().min(1).max(500).optional().describe('Text in the line, whatever its case'),
    minSeverity: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).optional(),
    until: z.iso.datetime({ offset: true }).optional().describe('Default: now'),
    minutes: z.number().int().min(1).max(1_440).default(15).describe('How far back from there'),
    limit: z.number().int().min(1).max(200).default(50).describe('The newest are given'),
  }),
  output: z.object({
    lines: z.array(
      z.object({
        at: z.string(),
        service: z.string(),
        severity: z.number().describe("OpenTelemetry's severity number; 0 where the source gave none"),
        text: z.string(),
        traceId: z.string().nullable(),
        correlationId: z.string().nullable(),
      }),
    ),
    truncated: z.boolean().describe('There are older ones that fit'),
    next: z.string().nullable().describe('Give it as `until` for older ones; those of that very millisecond come again'),
    gaps: Gaps,
  }),
};

export const GetTrace = {
  input: z.object({
    traceId: z
      .string()
      .regex(/^[0-9a-f]{6,32}$/i)
      .describe('A beginning is enough where it is unique'),
    limit: z.number().int().min(1).max(500).default(500),
    after: Place,
  }),
  output: z.object({
    spans: z.array(
      z.object({
        traceId: z.string(),
        spanId: z.string(),
        parentSpanId: z.string().nullable(),
        service: z.string(),
        operation: z.string(),
        startedAt: z.string(),
        durationMs: z.number(),
        hasFailed: z.boolean(),
        statusCode: z.number(),
        peer: z.string().nullable(),
        problem: z.string().nullable(),
        attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      }),
    ),
    truncated: z.boolean(),
    next: Next,
    gaps: Gaps,
  }),
};

export const GetMap = {
  input: z.object({
    around: z.string().min(1).max(200).optional().describe('Only this service and its neighbours'),
    limit: z.number().int().min(1).max(500).default(500).describe('Edges, the busiest first'),
    after: Place,
  }),
  output: z.object({
    services: z.array(z.object({ name: z.string(), kind: z.string(), lastSeenAt: z.string() })),
    edges: z.array(
      z.object({
        caller: z.string(),
        callee: z.string(),
        calls: z.number(),
        errors: z.number(),
        p95Ms: z.number().nullable(),
        sources: z.array(z.string()),
      }),
    ),
    truncated: z.boolean(),
    next: Next,
  }),
};

export const GetChanges = {
  input: z.object({
    incidentId: IncidentId.optional().describe('Those that were weighed for this incident; without it those of the last day'),
    limit: z.number().int().min(1).max(100).default(20),
    after: Place,
  }),
  output: z.object({ changes: z.array(ContextChange), truncated: z.boolean(), next: Next, gaps: Gaps }),
};

export const FindSimilar = {
  input: z.object({ incidentId: IncidentId, limit: z.number().int().min(1).max(20).default(5) }),
  output: z.object({
    incidents: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        startedAt: z.string(),
        likeness: z.number().describe('From 0 to 1: by what the evidence is about, not by words'),
        suspected: z.string().nullable(),
        confirmed: z.string().nullable().describe('What people said it was'),
        notes: z.array(z.string()),
      }),
    ),
  }),
};

export const SubmitFeedback = {
  input: z.object({
    incidentId: IncidentId,
    hypothesisId: z.string().min(1).max(64),
    verdict: z.enum(['confirm', 'reject', 'withdraw']),
    actualService: z.string().trim().min(1).max(200).optional().describe('What it really was, with a rejection'),
    note: z.string().max(2_000).optional(),
  }),
  output: z.object({ incidentId: z.string(), hypothesisId: z.string(), confirm: z.number(), reject: z.number() }),
};
