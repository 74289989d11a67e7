/** What readers of the API may do, and the tokens that say so. */
import { z } from 'zod';
import { structured } from './structured-setting.ts';

const scopes = ['read', 'feedback', 'ticket', 'forget'] as const;
/** What a token with scopes may be allowed. */
export type Scope = (typeof scopes)[number];

const ApiToken = z.strictObject({
  /** As votes and the audit name who came with it. */
  name: z.string().regex(/^[\w.@-]{1,40}$/, 'letters, digits and ._@- only, at most 40'),
  /** Long, since there may be many: shorter ones are guessed. */
  token: z.string().min(16, 'at least 16 characters'),
  scopes: z.array(z.enum(scopes)).min(1).default(['read']),
});
export type ApiToken = z.infer<typeof ApiToken>;

/** Names and tokens once each: two of one name could not be told apart later. */
export const ApiTokens = z
  .array(ApiToken)
  .max(200)
  .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, 'two have one name')
  .refine((tokens) => new Set(tokens.map(({ token }) => token)).size === tokens.length, 'two are one token');

export const ApiTokensText = structured(ApiTokens, 'a list of API tokens');
