/**
 * One step of a conversation: what the model wants to look up, or its answer. Looking up is all it can do, in the tools that
 * people's own questions use; an answer stays only if each of its figures stands in what was looked up.
 */
import { z } from 'zod';
import { fenced, fenceRule } from '../fence.ts';
import { numbersIn, reachesOut, spelledNumbersIn } from '../figures.ts';
import type { Question } from '../question.ts';
import { readSpan } from './span.ts';

const tools = [
  'logs',
  'errors',
  'metrics',
  'changes',
  'diff',
  'why',
  'trace',
  'callers',
  'callees',
  'map',
  'affected',
  'evidence',
  'missing',
  'state',
  'earlier',
  'again',
] as const;

export const Step = z.object({
  look: z.array(
    z.object({
      tool: z.enum(tools),
      service: z.string().nullable(),
      id: z.string().nullable(),
      contains: z.string().nullable(),
      window: z.string().nullable(),
    }),
  ),
  answer: z.string().nullable(),
});
export type Step = z.infer<typeof Step>;
export type Look = Step['look'][number];

/** Counts up with every change to the text below: kept with each conversation. */
export const conversationVersion = '1';

export const conversationText = `You answer questions of engineers about an incident, from what you look up and from nothing else.

Each turn is one of two:
- look: one or more things to look up; answer: null. Tools: logs and errors (of "service", optionally with "contains"), metrics (calls, failures, latency and measurements of "service"), changes (of "service" or of all), diff (which lines a change of "service" altered), why (what speaks for and against "service"), trace ("id", or the one that was cited), callers and callees (of "service"), map (both), affected (who suffers), evidence ("id" or all), missing (what could not be read), state (the ranking), earlier (incidents that were like this one), again (asks every connected source once more). logs, errors, metrics, changes and again look at the time of the incident, or at "window": "last 30 minutes", "30 minutes before", "from 10:00 to 10:20" (UTC). Fields a tool does not need are null.
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

/** Null: the tool needs what was not said, or not so that it can be read. */
export function questionOf({ tool, service, id, contains, window }: Look): Question | null {
  const span = window === null ? null : readSpan(window);
  if (window !== null && span === null) return null;
  const spanning = span === null ? {} : { span };
  switch (tool) {
    case 'logs':
    case 'errors':
      return { kind: 'logs', service, contains, errorsOnly: tool === 'errors', ...spanning };
    case 'metrics':
    case 'changes':
    case 'again':
      return { kind: tool, service, ...spanning };
    case 'map':
      return { kind: 'around', service };
    case 'earlier':
      return { kind: 'similar' };
    case 'diff':
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
  const read = seen.map((one) => [one.text, ...one.lines].join('\n')).join('\n');
  const figures = new Set(numbersIn(read));
  const words = new Set(spelledNumbersIn(read).map(({ word }) => word));
  const areRead = numbersIn(said).every((number) => figures.has(number));
  const areSpelledRead = spelledNumbersIn(said).every(({ word, figure }) => words.has(word) || figures.has(figure));
  return areRead && areSpelledRead ? said : null;
}
