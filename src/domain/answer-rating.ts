/**
 * Whether an answer helped, as people say with Slack's own feedback buttons under it. Each press is an act; of a person's
 * presses under one answer the latest counts.
 */
import type { Act } from './act.ts';

export interface Ratings {
  readonly helped: number;
  readonly didNotHelp: number;
}

/** `acts` in any order. */
export function ratingsOf(acts: readonly Act[]): Ratings {
  const latest = new Map<string, Act>();
  for (const act of [...acts].sort((a, b) => a.at - b.at))
    if (act.kind === 'rate' && act.rated !== undefined) latest.set(JSON.stringify([act.rated.answerId, act.person]), act);
  const helped = [...latest.values()].filter(({ rated }) => rated?.hasHelped === true).length;
  return { helped, didNotHelp: latest.size - helped };
}

/** The action of the buttons; their values say which answer, so that a press needs no state of ours. */
export const ratingAction = 'answer_rated';
const signs = { helped: '+', didNotHelp: '-' } as const;

/** Ids of answers begin so: what the sink says under one has the buttons. */
export function answerIdOf(channel: string, ts: string): string {
  return `answer:${channel}:${ts}`;
}

export function isAnswerId(id: string): boolean {
  return /^answer:[^:]+:[^:]+$/.test(id);
}

export function readRating(value: string): { readonly answerId: string; readonly hasHelped: boolean } | null {
  const sign = value.slice(0, 1);
  const answerId = value.slice(1);
  if ((sign !== signs.helped && sign !== signs.didNotHelp) || !isAnswerId(answerId)) return null;
  return { answerId, hasHelped: sign === signs.helped };
}

/** The block, as Slack's `context_actions` takes it. */
export function ratingBlock(answerId: string) {
  const button = (label: string, sign: string, spoken: string) => ({
    text: { type: 'plain_text' as const, text: label },
    value: `${sign}${answerId}`,
    accessibility_label: spoken,
  });
  return {
    type: 'context_actions' as const,
    elements: [
      {
        type: 'feedback_buttons' as const,
        action_id: ratingAction,
        positive_button: button('Helped', signs.helped, 'This answer helped'),
        negative_button: button('Did not help', signs.didNotHelp, 'This answer did not help'),
      },
    ],
  };
}
