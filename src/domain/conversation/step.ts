/**
 * One step of a conversation: what the model wants to look up, or its answer. Looking up is all it can do, in the tools that
 * people's own questions use; an answer stays only if each of its figures stands in what was looked up.
 */
import { z } from 'zod';
import { fenced, fenceRule } from '../fence.ts';
import { numbersIn, reachesOut } from '../figures.ts';
import type { Question } from '../question.ts';

export const tools = [
  'logs',
  'errors',
  'changes',
  'why',
  'trace',
  'callers',
  'callees',
  'affected',
  'evidence',
  'missing',
  'state',
] as const;

export const Step = z.object({
  look: z.array(
    z.object({ tool: z.enum(tools), service: z.string().nullable(), id: z.string().nullable(), contains: z.string().nullable() }),
  ),
  answer: z.string().nullable(),
});
export type Step = z.infer<typeof Step>;
export type Look = Step['look'][number];

export const conversationText = `You answer questions of engineers about an incident, from what you look up and from nothing else.

Each turn is one of two:
- look: one or more things to look up; answer: null. Tools: logs and errors (of "service", optionally with "contains"), changes (of "service" or of all), why (what speaks for and against "service"), trace ("id", or the one that was cited), callers and callees (of "service"), affected (who suffers), evidence ("id" or all), missing (what could not be read), state (the ranking). Fields a tool does not need are null.
- look: []; answer: one to four plain sentences.

Rules:
- Figures, times and names exactly as they stand in what was looked up; compute nothing. What was not found is said to be unknown.
- No links, no advice beyond what was read, no Markdown.
- ${fenceRule}`;

/** What was looked up, as the model is shown it. */
export interface Seen {
  readonly question: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const maxQuestion = 1_000;
const maxSeen = 4_000;

export function questionTurn(text: string, services: readonly string[], fence: string): string {
  const names = services.length === 0 ? 'none' : services.join(', ');
  return `Services on the map: ${fenced('services', names, fence, maxSeen)}\nThe question: ${fenced('question', text, fence, maxQuestion)}`;
}

export function seenTurn(seen: readonly Seen[], left: number, fence: string): string {
  const shown = seen.map(
    ({ question, text, lines }, i) => `${i + 1}. ${fenced('looked-up', [question, text, ...lines].join('\n'), fence, maxSeen)}`,
  );
  return [...shown, left > 0 ? `You may look up ${left} more.` : 'Answer now.'].join('\n');
}

/** Null: the tool needs what was not said. */
export function questionOf({ tool, service, id, contains }: Look): Question | null {
  switch (tool) {
    case 'logs':
    case 'errors':
      return { kind: 'logs', service, contains, errorsOnly: tool === 'errors' };
    case 'changes':
    case 'why':
      return { kind: tool, service };
    case 'trace':
      return { kind: 'trace', traceId: id };
    case 'callers':
    case 'callees':
      return service === null ? null : { kind: tool, service };
    case 'affected':
      return { kind: 'blast-radius', service };
    case 'evidence':
      return { kind: 'evidence', evidenceId: id };
    case 'missing':
      return { kind: 'gaps' };
    case 'state':
      return { kind: 'status' };
  }
}

const maxAnswer = 900;

/** Null: it says what was not looked up, reaches out, or says nothing. */
export function groundedAnswer(text: string, seen: readonly Seen[]): string | null {
  const said = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  if (said === '' || said.length > maxAnswer || seen.length === 0 || reachesOut(said)) return null;
  const known = new Set(seen.flatMap((one) => numbersIn([one.text, ...one.lines].join('\n'))));
  return numbersIn(said).every((number) => known.has(number)) ? said : null;
}
