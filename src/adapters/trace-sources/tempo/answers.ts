/**
 * Tempo's JSON of a trace is not OTLP/JSON but Go's of the same message: ids are base64, enums are names (which a decoder
 * takes), and the older API calls resource spans `batches`.
 *
 *   "QpC1h3qZMN55u0KDZTmOzA=="  →  "4290b5877a9930de79bb428365398ecc"
 */
import { z } from 'zod';
import type { OtlpRequest } from '../../../ports/sources.ts';

const Id = z
  .string()
  .optional()
  .transform((id) => (id === undefined ? undefined : hexId(id)));
const Link = z.looseObject({ traceId: Id, spanId: Id });
const Span = z.looseObject({ traceId: Id, spanId: Id, parentSpanId: Id, links: z.array(Link).optional() });
const Scope = z.looseObject({ spans: z.array(Span).nullish() });
const Resource = z.looseObject({
  scopeSpans: z.array(Scope).nullish(),
  /** Before OTLP 0.15. */
  instrumentationLibrarySpans: z.array(Scope).nullish(),
});

export const Spans = z
  .object({ batches: z.array(Resource).nullish(), resourceSpans: z.array(Resource).nullish() })
  // An answer that has neither is no trace.
  .refine(({ batches, resourceSpans }) => batches !== undefined || resourceSpans !== undefined);

export function otlpOf({ batches, resourceSpans }: z.infer<typeof Spans>): OtlpRequest {
  return {
    resourceSpans: (resourceSpans ?? batches ?? []).map(({ scopeSpans, instrumentationLibrarySpans, ...resource }) => ({
      ...resource,
      scopeSpans: (scopeSpans ?? instrumentationLibrarySpans ?? []).map((scope) => ({ ...scope, spans: scope.spans ?? [] })),
    })),
  };
}

/** 16 or 8 bytes are 32 or 16 digits in hex, and 24 or 12 letters in base64: never the same. */
function hexId(id: string): string {
  if (/^(?:[0-9a-f]{16}){1,2}$/i.test(id) || id === '') return id;
  return Buffer.from(id, 'base64').toString('hex');
}
