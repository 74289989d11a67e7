/** What the model is asked to fill in. Every field is required and empty ones are null, as strict servers want it. */
import { z } from 'zod';

const Statement = z.object({ text: z.string(), evidence: z.array(z.string()) });

export const ModelWords = z.object({
  claims: z.array(Statement),
  alternative: Statement.extend({ service: z.string() }).nullable(),
  argument: Statement.extend({ hypothesis: z.string(), confidence: z.number() }).nullable(),
});
export type ModelWords = z.infer<typeof ModelWords>;
