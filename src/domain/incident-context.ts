/**
 * What TracePulse knows of one incident, for machines: the API's incident, the export, MCP and `replay --json` are
 * projections of this one schema. Instants are ISO 8601 in UTC here, because outsiders read it.
 */
import { z } from 'zod';
import { severities } from './alert.ts';
import { changeKinds, deploymentWitnesses } from './change.ts';
import { ContextDiagnosis } from './diagnosis/context-diagnosis.ts';
import { evidenceKinds } from './evidence.ts';
import { faultKinds, verdicts } from './hypothesis.ts';
import { edgeSources, serviceKinds } from './service-map.ts';

export const schemaVersion = '1';

const Instant = z.iso.datetime();

/** The hunk of a change that touches what the evidence names. */
export const ContextSuspect = z.object({
  file: z.string(),
  /** As a diff shows it. */
  hunk: z.string(),
  why: z.string(),
});

export const ContextChange = z.object({
  kind: z.enum(changeKinds),
  service: z.string(),
  startedAt: Instant,
  version: z.string().nullable(),
  sha: z.string().nullable(),
  url: z.string().nullable(),
  title: z.string().nullable(),
  files: z.array(z.string()),
  /** Who says that it runs; null: it is merged or announced, and nobody does. Absent: its source tells of running changes alone. */
  deployedBy: z.enum(deploymentWitnesses).nullable().optional(),
  /** null: none of its hunks does. Absent: its diff is not known. */
  suspect: ContextSuspect.nullable().optional(),
});
export type ContextChange = z.infer<typeof ContextChange>;

export const ContextEvidence = z.object({
  kind: z.enum(evidenceKinds),
  service: z.string(),
  at: Instant,
  text: z.string(),
  traceId: z.string().nullable(),
  spanId: z.string().nullable(),
  url: z.string().nullable(),
});
export type ContextEvidence = z.infer<typeof ContextEvidence>;

export const ContextHypothesis = z.object({
  id: z.string(),
  service: z.string(),
  component: z.string().nullable(),
  kind: z.enum(faultKinds),
  confidence: z.number().min(0).max(1),
  summary: z.string(),
  change: ContextChange.nullable(),
  evidence: z.array(z.string()),
  against: z.array(z.string()),
  wouldChangeMyMind: z.string().nullable(),
  path: z.array(z.object({ from: z.string(), to: z.string(), evidence: z.array(z.string()) })),
  feedback: z.object({ confirm: z.number(), reject: z.number() }),
});
export type ContextHypothesis = z.infer<typeof ContextHypothesis>;

export const ContextSimilar = z.object({
  id: z.string(),
  /** From 0 to 1. */
  likeness: z.number(),
  /** Which service it was, as people confirmed or named it. */
  service: z.string().nullable(),
  /** What somebody said it was. */
  note: z.string().nullable(),
});
export type ContextSimilar = z.infer<typeof ContextSimilar>;

export const IncidentContext = z.object({
  schemaVersion: z.literal(schemaVersion),
  incident: z.object({
    id: z.string(),
    title: z.string(),
    state: z.enum(['open', 'resolved', 'muted']),
    severity: z.enum(severities),
    service: z.string().nullable(),
    correlationIds: z.array(z.string()),
    startedAt: Instant,
    updatedAt: Instant,
    resolvedAt: Instant.nullable(),
    alertAt: Instant,
    alertCount: z.number(),
  }),
  verdict: z.enum(verdicts),
  /** One sentence: what is most likely broken, or why that cannot be said. */
  summary: z.string(),
  /** When it began, as the data show it; null where that could not be found. */
  onsetAt: Instant.nullable(),
  hypotheses: z.array(ContextHypothesis),
  evidence: z.record(z.string(), ContextEvidence),
  changes: z.array(ContextChange),
  map: z.object({
    /** Size of the whole map; the lists below are what lies around the incident. */
    total: z.object({ services: z.number(), edges: z.number() }),
    services: z.array(z.object({ name: z.string(), kind: z.enum(serviceKinds) })),
    edges: z.array(
      z.object({
        caller: z.string(),
        callee: z.string(),
        calls: z.number(),
        errors: z.number(),
        p95Ms: z.number().nullable(),
        sources: z.array(z.enum(edgeSources)),
      }),
    ),
  }),
  /** Services that suffer when the first hypothesis is right, nearest first. */
  blastRadius: z.array(z.string()),
  gaps: z.array(z.object({ source: z.string(), reason: z.string() })),
  /** What a reader must know about what is not here. */
  flags: z.object({
    truncated: z.array(z.string()).describe('Parts that were cut to size'),
    omitted: z.array(z.string()).describe('What is known and is no part of a context'),
    redacted: z.number().describe('How many secrets were taken out'),
    missing: z.array(z.string()).describe('Sources that could not be read'),
  }),
  ranking: z.object({
    /** 1 for the first ranking of the incident, counting up each time it is ranked again. */
    round: z.number(),
    rankedAt: Instant,
    /** Service that was first in the round before, where the first place changed. */
    previousFirst: z.string().nullable(),
    weightsVersion: z.number(),
  }),
  /** Earlier incidents that look alike and that people said something of, most alike first: context, and never evidence. */
  similar: z.array(ContextSimilar).optional(),
  /** What people said was done, oldest first: they know it, nothing measured it. Redacted. */
  facts: z.array(z.object({ at: Instant, person: z.string(), text: z.string() })).optional(),
  timings: z.record(z.string(), z.number()),
  /** Absent where no model is configured. */
  diagnosis: ContextDiagnosis.optional(),
});
export type IncidentContext = z.infer<typeof IncidentContext>;
