/**
 * What a model made of an incident, as a report keeps it: claims that cite evidence, and what they cost. It stands beside
 * the hypotheses and changes none of them: order, confidence and verdict are the ranking's alone.
 */
import { z } from 'zod';

export const Claim = z.object({ text: z.string(), evidence: z.array(z.string()) });
export type Claim = z.infer<typeof Claim>;

export const ContextDiagnosis = z.object({
  /** `asked`: the rules' words stand until the model answers. `failed`: they stand, and `problem` says why. */
  state: z.enum(['asked', 'written', 'failed']),
  model: z.string().nullable(),
  promptVersion: z.string(),
  at: z.iso.datetime(),
  /** The hypothesis that was first when it was written. */
  about: z.string().nullable(),
  claims: z.array(Claim),
  /** A service the model would look at besides, citing evidence. No hypothesis: nobody has weighed it. */
  alternative: Claim.extend({ service: z.string() }).nullable(),
  /** An argument against a hypothesis; `confidence` is never above the calibrated figure. */
  doubt: Claim.extend({ hypothesis: z.string(), confidence: z.number().min(0).max(1) }).nullable(),
  /** Statements of the answer that cited nothing, or not what they said. */
  dropped: z.number(),
  /** All that was spent on this report. */
  tokens: z.object({ input: z.number(), output: z.number() }),
  /** null where no price is set. */
  cost: z.number().nullable(),
  problem: z.string().nullable(),
});
export type ContextDiagnosis = z.infer<typeof ContextDiagnosis>;
