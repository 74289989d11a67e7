/** What a report cites. Every claim names the ids of the evidence it stands on. */
export const evidenceKinds = ['span', 'log', 'metric', 'change', 'map', 'kubernetes'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

export interface Evidence {
  /** Made from what it says (`evidenceId`), so that it stays the same when the incident is ranked again. */
  readonly id: string;
  readonly kind: EvidenceKind;
  readonly service: string;
  readonly at: number;
  /** One sentence a person can read; may quote telemetry and is redacted on the way out. */
  readonly text: string;
  /** Where to look it up, where that is known. */
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly url: string | null;
}

/** A question that got no answer. Always shown, so that silence never reads as "nothing found". */
export interface Gap {
  /** What could not be read: `traces`, `logs`, `metrics`, `changes`, or a system's id. */
  readonly source: string;
  readonly reason: string;
}

/** The stretch of time an investigation looks at. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * A short name that follows from what the evidence is about, not from when it was found: `subject` is its stable part,
 * e.g. the template and not the sampled line. FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
 */
export function evidenceId(kind: EvidenceKind, service: string, subject: string): string {
  return `e${fnv1a(`${kind}\n${service}\n${subject}`).toString(36)}`;
}

export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
