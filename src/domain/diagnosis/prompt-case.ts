/** An incident as the model reads it, and an example: a case with the words it should get. */
import type { ContextHypothesis, IncidentContext } from '../incident-context.ts';
import type { ModelWords } from './model-words.ts';

/** The part of a context the model reads. */
export type PromptCase = Pick<IncidentContext, 'verdict' | 'evidence' | 'gaps' | 'blastRadius'> & {
  readonly alert: Pick<IncidentContext['incident'], 'title' | 'severity' | 'service' | 'alertAt'>;
  readonly onsetAt: string | null;
  readonly hypotheses: readonly Pick<
    ContextHypothesis,
    'id' | 'service' | 'kind' | 'confidence' | 'summary' | 'evidence' | 'against' | 'path'
  >[];
  readonly changes: readonly Pick<
    IncidentContext['changes'][number],
    'kind' | 'service' | 'startedAt' | 'version' | 'sha' | 'title' | 'suspect'
  >[];
  readonly calls: readonly Pick<IncidentContext['map']['edges'][number], 'caller' | 'callee' | 'calls' | 'errors' | 'p95Ms'>[];
};

export interface Example {
  readonly incident: PromptCase;
  readonly words: ModelWords;
}
