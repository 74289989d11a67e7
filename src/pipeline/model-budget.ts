/** What the model may spend in a day (UTC), counted from what is kept of its answers, and from what is being asked now. */
import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import type { Ledger } from '../ports.ts';

export interface ModelBudget {
  /** Asks, or throws Failure `rejected` when the answer might cost more than the day has left. */
  within<T>(need: number, ask: () => Promise<T>): Promise<T>;
}

const dayMs = 86_400_000;
/** Of a day's questions, the newest. */
const maxRead = 2_000;
const Kept = z.object({ spent: z.object({ input: z.number(), output: z.number() }) });

export function createModelBudget({
  ledger,
  now,
  perDay,
}: {
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly perDay: number;
}): ModelBudget {
  let reserved = 0;
  return {
    async within(need, ask) {
      const kept = await ledger.inboxSince('model', now() - (now() % dayMs), maxRead);
      const used = kept.reduce((sum, { body }) => {
        const { input, output } = Kept.parse(body).spent;
        return sum + input + output;
      }, reserved);
      if (used + need > perDay) throw new Failure('rejected', 'model', 'ask', { hint: `today's budget of ${perDay} tokens is used up` });
      reserved += need;
      try {
        return await ask();
      } finally {
        reserved -= need;
      }
    },
  };
}
