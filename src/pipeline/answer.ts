/**
 * Answers people's questions from what is kept, without any model: the grammar of `domain/question.ts`, looked up. Every
 * answer says where it was read; what is not known is said as not known.
 */
import { windowOfSpan } from '../domain/conversation/span.ts';
import { examplesFor, type Question, readQuestion } from '../domain/question.ts';
import { around, neighbours, radius } from './answer-from-map.ts';
import { changes, diff, evidence, gaps, similar, status, why } from './answer-from-report.ts';
import { again, logs, metrics, trace } from './answer-from-telemetry.ts';
import { type Answer, type AnswerOptions, type Asked, outcomeOf } from './asked-question.ts';
import { windowOf } from './investigate.ts';

export type { Answer, AnswerOptions, Step } from './asked-question.ts';

/** Without an incident, questions are about the last this much. */
const recentMs = 600_000;

export async function answer(text: string, incidentId: string | null, options: AnswerOptions): Promise<Answer> {
  const question = readQuestion(text);
  if (question !== null) return answerTo(question, incidentId, options);
  const help = await answerTo({ kind: 'help' }, incidentId, options);
  return { ...help, text: `I did not understand that. ${help.text}` };
}

export async function answerTo(question: Question, incidentId: string | null, options: AnswerOptions): Promise<Answer> {
  const [incident, report, knowledge] = await Promise.all([
    incidentId === null ? null : options.ledger.incident(incidentId),
    incidentId === null ? null : options.ledger.report(incidentId),
    options.telemetry.knowledge(),
  ]);
  const now = options.now();
  const usual = incident === null ? { fromMs: now - recentMs, toMs: now + 1 } : windowOf(incident, now, now, options.lookbackMs);
  const span = 'span' in question ? question.span : undefined;
  const window = span === undefined ? usual : windowOfSpan(span, now, incident?.alertAt ?? null);
  return watched(question, { incident, context: report?.context ?? null, map: knowledge.map, window, options });
}

/** Tells of what asks other systems; everything else is here at once. */
async function watched(question: Question, asked: Asked): Promise<Answer> {
  const { tell } = asked.options;
  if (tell === undefined || !asksElsewhere(question, asked)) return look(question, asked);
  const step = { id: crypto.randomUUID(), title: questionTitle(question) };
  tell({ ...step, state: 'asking', outcome: null });
  try {
    const found = await look(question, asked);
    tell({ ...step, state: 'answered', outcome: outcomeOf(found) });
    return found;
  } catch (error) {
    tell({ ...step, state: 'failed', outcome: 'it could not be read' });
    throw error;
  }
}

function asksElsewhere({ kind }: Question, { options, context }: Asked): boolean {
  const areChangesRead = options.changeSources.size > 0 && (kind === 'diff' || (kind === 'changes' && context === null));
  return areChangesRead || (options.elsewhere !== undefined && ['logs', 'trace', 'metrics', 'again'].includes(kind));
}

/** What is being done, in a few words. */
export function questionTitle(question: Question): string {
  const of = 'service' in question && question.service !== null ? ` of ${question.service}` : '';
  switch (question.kind) {
    case 'logs':
      return `${question.errorsOnly ? 'Errors' : 'Logs'}${of}${question.contains === null ? '' : ` about ${question.contains}`}`;
    case 'trace':
      return question.traceId === null ? 'The trace that was cited' : `Trace ${question.traceId}`;
    case 'evidence':
      return question.evidenceId === null ? 'The evidence' : `Evidence ${question.evidenceId}`;
    default:
      return `${titles[question.kind]}${of}`;
  }
}

const titles: Readonly<Record<Exclude<Question['kind'], 'logs' | 'trace' | 'evidence'>, string>> = {
  changes: 'Changes',
  metrics: 'Measurements',
  again: 'Every source once more',
  diff: 'The diff',
  similar: 'Earlier incidents',
  around: 'The map around',
  why: 'What speaks for and against',
  'why-not': 'What speaks for and against',
  callers: 'Callers',
  callees: 'Calls',
  'blast-radius': 'Who suffers',
  gaps: 'What could not be read',
  status: 'The ranking',
  help: 'What can be asked',
};

function look(question: Question, asked: Asked): Answer | Promise<Answer> {
  switch (question.kind) {
    case 'logs':
      return logs(asked, question);
    case 'changes':
      return changes(asked, question.service, question.span !== undefined);
    case 'metrics':
      return metrics(asked, question.service);
    case 'again':
      return again(asked, question.service);
    case 'diff':
      return diff(asked, question.service);
    case 'similar':
      return similar(asked);
    case 'around':
      return around(asked, question.service);
    case 'why':
    case 'why-not':
      return why(asked, question.service);
    case 'trace':
      return trace(asked, question.traceId);
    case 'callers':
    case 'callees':
      return neighbours(asked, question.service, question.kind);
    case 'blast-radius':
      return radius(asked, question.service);
    case 'evidence':
      return evidence(asked, question.evidenceId);
    case 'gaps':
      return gaps(asked);
    case 'status':
      return status(asked);
    case 'help':
      return help(asked);
  }
}

/** With the services of this incident, or of the map. */
function help({ context, map }: Asked): Answer {
  const suspects = context?.hypotheses.map(({ service }) => service) ?? [];
  const mapped = map.services.filter(({ kind }) => kind === 'service').map(({ name }) => name);
  const names = [...new Set([...suspects, ...mapped])].filter((name) => !/\s/.test(name));
  return { text: 'You can ask me, for example:', lines: examplesFor(names), sources: [] };
}
