/**
 * Answers people's questions from what is kept, without any model: the grammar of `domain/question.ts`, looked up. Every
 * answer says where it was read; what is not known is said as not known.
 */
import { contextChange } from '../domain/compose-report.ts';
import type { Gap, Window } from '../domain/evidence.ts';
import type { Incident } from '../domain/incident.ts';
import type { IncidentContext } from '../domain/incident-context.ts';
import { traceIdOf } from '../domain/log-entry.ts';
import { nearestName } from '../domain/near-name.ts';
import { examples, type Question, readQuestion } from '../domain/question.ts';
import { blastRadius, type ServiceMap } from '../domain/service-map.ts';
import { traceTree } from '../domain/trace-tree.ts';
import { clockTime, duration, severityWord } from '../domain/wording.ts';
import type { Ledger, Telemetry } from '../ports.ts';
import { gather, type GatherSources } from './gather.ts';
import { windowOf } from './investigate.ts';

/** Plain text, and rows that read better as a list. */
export interface Answer {
  readonly text: string;
  readonly lines: readonly string[];
  readonly sources: readonly string[];
}

export interface AnswerOptions extends GatherSources {
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly lookbackMs: number;
}

const maxLines = 12;
/** Far more than is shown: what is cut before it is redacted may have lost what a secret is known by. */
const maxQuoted = 4_000;
/** Without an incident, questions are about the last this much. */
const recentMs = 600_000;
const errorSeverity = 17;

interface Asked {
  readonly question: Question;
  readonly incident: Incident | null;
  readonly context: IncidentContext | null;
  readonly map: ServiceMap;
  readonly window: Window;
  readonly options: AnswerOptions;
}

export async function answer(text: string, incidentId: string | null, options: AnswerOptions): Promise<Answer> {
  const question = readQuestion(text);
  return question === null ? notUnderstood() : answerTo(question, incidentId, options);
}

export async function answerTo(question: Question, incidentId: string | null, options: AnswerOptions): Promise<Answer> {
  const [incident, report, knowledge] = await Promise.all([
    incidentId === null ? null : options.ledger.incident(incidentId),
    incidentId === null ? null : options.ledger.report(incidentId),
    options.telemetry.knowledge(),
  ]);
  const now = options.now();
  const window = incident === null ? { fromMs: now - recentMs, toMs: now + 1 } : windowOf(incident, now, now, options.lookbackMs);
  return look({ question, incident, context: report?.context ?? null, map: knowledge.map, window, options });
}

function look(asked: Asked): Answer | Promise<Answer> {
  const { question } = asked;
  switch (question.kind) {
    case 'logs':
      return logs(asked, question);
    case 'changes':
      return changes(asked, question.service);
    case 'why':
    case 'why-not':
      return why(asked, question.service);
    case 'trace':
      return trace(asked, question.traceId);
    case 'callers':
      return neighbours(asked, question.service, 'callers');
    case 'callees':
      return neighbours(asked, question.service, 'callees');
    case 'blast-radius':
      return radius(asked, question.service);
    case 'evidence':
      return evidence(asked, question.evidenceId);
    case 'gaps':
      return gaps(asked);
    case 'status':
      return status(asked);
    case 'help':
      return { text: 'You can ask me, for example:', lines: examples, sources: [] };
  }
}

function notUnderstood(): Answer {
  return { text: 'I did not understand that. You can ask me, for example:', lines: examples, sources: [] };
}

function unknownService(typed: string, map: ServiceMap): Answer {
  const names = map.services.map((service) => service.name);
  return {
    text:
      names.length === 0
        ? `I know no service yet, so I cannot say anything of ${typed}.`
        : `I know no service called ${typed}. These are on the map:`,
    lines: names.slice(0, maxLines),
    sources: ['service map'],
  };
}

function serviceOf(asked: Asked, typed: string | null): string | null {
  if (typed === null) return null;
  return nearestName(typed, [
    ...asked.map.services.map((service) => service.name),
    ...(asked.context?.hypotheses.map((h) => h.service) ?? []),
  ]);
}

function suspect(asked: Asked): string | null {
  return asked.context?.hypotheses[0]?.service ?? asked.incident?.service ?? null;
}

async function logs(asked: Asked, question: Extract<Question, { kind: 'logs' }>): Promise<Answer> {
  const service = question.service === null ? suspect(asked) : serviceOf(asked, question.service);
  if (question.service !== null && service === null) return unknownService(question.service, asked.map);
  if (service === null) return { text: 'Logs of which service? For example: logs of payment', lines: [], sources: [] };
  const query = {
    window: asked.window,
    service,
    ...(question.contains === null ? {} : { contains: question.contains }),
    ...(question.errorsOnly ? { minSeverity: errorSeverity } : {}),
    limit: maxLines,
  };
  const gaps = (await asked.options.elsewhere?.lookUp(query)) ?? [];
  const lines = await asked.options.telemetry.logs(query);
  const what = question.errorsOnly ? 'error lines' : 'log lines';
  const about = question.contains === null ? '' : ` with "${question.contains}"`;
  return {
    text:
      lines.length === 0
        ? `No ${what}${about} of ${service} are kept here for that time.${unread(gaps)}`
        : `The last ${lines.length} ${what}${about} of ${service}:${unread(gaps)}`,
    lines: lines.map((line) => `${clockTime(line.timeMs)} ${severityWord(line.severity)}${line.text.slice(0, maxQuoted)}`),
    sources: [`logs kept here, ${clockTime(asked.window.fromMs)} to ${clockTime(asked.window.toMs)}`],
  };
}

function unread(gaps: readonly Gap[]): string {
  return gaps.map(({ reason }) => ` Could not be asked: ${reason}.`).join('');
}

async function changes(asked: Asked, typed: string | null): Promise<Answer> {
  const service = serviceOf(asked, typed);
  if (typed !== null && service === null) return unknownService(typed, asked.map);
  const known = asked.context?.changes ?? (await gather(asked.window, asked.options)).changes.map((change) => contextChange(change));
  const gap = asked.options.changeSources.size === 0 ? ' No source of changes is connected, so this may be incomplete.' : '';
  const found = known.filter((change) => service === null || change.service === service).slice(-maxLines);
  const whom = service === null ? '' : ` of ${service}`;
  return {
    text: found.length === 0 ? `I know of no change${whom} before this.${gap}` : `Changes${whom} that I know of, oldest first:${gap}`,
    lines: found.map((change) =>
      [
        clockTime(Date.parse(change.startedAt)),
        change.kind,
        change.service,
        change.version ?? change.sha?.slice(0, 8) ?? '',
        change.title ?? '',
      ]
        .filter((part) => part !== '')
        .join(' '),
    ),
    sources: [...asked.options.changeSources.keys()],
  };
}

function why(asked: Asked, typed: string | null): Answer {
  const { context } = asked;
  if (context === null) return { text: 'There is no report to explain here yet.', lines: [], sources: [] };
  const service = typed === null ? suspect(asked) : serviceOf(asked, typed);
  if (typed !== null && service === null) return unknownService(typed, asked.map);
  const place = context.hypotheses.findIndex((h) => h.service === service);
  const hypothesis = context.hypotheses[place];
  if (hypothesis === undefined) {
    const first = context.hypotheses[0];
    const better = first === undefined ? '' : ` The first suspect, ${first.service}, has: ${first.summary}`;
    return {
      text: `Nothing I read speaks against ${service}: it is on no list of suspects.${better}`,
      lines: [],
      sources: first === undefined ? [] : [...first.evidence],
    };
  }
  const cite = (ids: readonly string[], sign: string) =>
    ids.flatMap((id) => (context.evidence[id] === undefined ? [] : [`${sign} ${id}: ${context.evidence[id].text}`]));
  const more = hypothesis.wouldChangeMyMind === null ? '' : ` What would change my mind: ${hypothesis.wouldChangeMyMind}`;
  return {
    text: `${hypothesis.service} is number ${place + 1} of ${context.hypotheses.length} at ${Math.round(hypothesis.confidence * 100)} %. ${hypothesis.summary}${more}`,
    lines: [...cite(hypothesis.evidence, 'for'), ...cite(hypothesis.against, 'against')].slice(0, maxLines),
    sources: [...hypothesis.evidence, ...hypothesis.against],
  };
}

async function trace(asked: Asked, typed: string | null): Promise<Answer> {
  const cited = Object.values(asked.context?.evidence ?? {}).find((e) => e.traceId !== null)?.traceId ?? null;
  const traceId = typed ?? cited;
  if (traceId === null) return { text: 'Which trace? For example: show trace 4bf92f3577b34da6a3ce929d0e0e4736', lines: [], sources: [] };
  const { telemetry, elsewhere } = asked.options;
  const kept = await telemetry.trace(traceId);
  const whole = kept.length === 0 ? traceIdOf(traceId) : null;
  const gaps = whole === null ? [] : ((await elsewhere?.lookUp({ traceId: whole })) ?? []);
  const spans = whole === null ? kept : await telemetry.trace(whole);
  if (spans.length === 0) return { text: `Trace ${traceId} is not kept here.${unread(gaps)}`, lines: [], sources: [] };
  const start = spans[0]?.startMs ?? 0;
  return {
    text: `Trace ${traceId}: ${spans.length} spans, ${new Set(spans.map((s) => s.service)).size} services, from ${clockTime(start)}.`,
    lines: traceTree(spans, start),
    sources: [`trace ${traceId}`],
  };
}

function neighbours(asked: Asked, typed: string, side: 'callers' | 'callees'): Answer {
  const service = serviceOf(asked, typed);
  if (service === null) return unknownService(typed, asked.map);
  const edges = asked.map.edges.filter((edge) => (side === 'callers' ? edge.callee : edge.caller) === service);
  const relation = side === 'callers' ? `calls ${service}` : `${service} calls`;
  return {
    text: edges.length === 0 ? `I have seen nothing that ${relation}.` : `What ${relation}:`,
    lines: [...edges]
      .sort((a, b) => b.calls - a.calls)
      .slice(0, maxLines)
      .map(
        (edge) =>
          `${side === 'callers' ? edge.caller : edge.callee}: ${edge.calls} calls, ${edge.errors} failed${edge.p95Ms === null ? '' : `, p95 ${duration(edge.p95Ms)}`}, seen in ${edge.sources.join(' and ')}s`,
      ),
    sources: ['service map'],
  };
}

function radius(asked: Asked, typed: string | null): Answer {
  const service = typed === null ? suspect(asked) : serviceOf(asked, typed);
  if (service === null)
    return typed === null
      ? { text: 'No suspect yet, so I cannot say who is affected.', lines: [], sources: [] }
      : unknownService(typed, asked.map);
  const hit = blastRadius(asked.map, service);
  return {
    text: hit.length === 0 ? `I know of nothing that depends on ${service}.` : `When ${service} fails, these suffer, nearest first:`,
    lines: hit.slice(0, maxLines),
    sources: ['service map'],
  };
}

function evidence(asked: Asked, id: string | null): Answer {
  const all = Object.entries(asked.context?.evidence ?? {});
  const found = all.filter(([key]) => id === null || key === id).slice(0, maxLines);
  if (found.length === 0)
    return { text: id === null ? 'There is no evidence here yet.' : `There is no evidence ${id} in this report.`, lines: [], sources: [] };
  return {
    text: id === null ? `${all.length} pieces of evidence:` : 'That is:',
    lines: found.map(
      ([key, e]) =>
        `${key} (${e.kind}, ${e.service}, ${clockTime(Date.parse(e.at))}): ${e.text}${e.traceId === null ? '' : ` [trace ${e.traceId}]`}`,
    ),
    sources: found.map(([key]) => key),
  };
}

function gaps(asked: Asked): Answer {
  const found = asked.context?.gaps ?? [];
  return {
    text: asked.context === null ? 'There is no report here yet.' : found.length === 0 ? 'Every source answered.' : 'Not known:',
    lines: found.map((gap) => `${gap.source}: ${gap.reason}`),
    sources: [],
  };
}

function status(asked: Asked): Answer {
  const { incident, context } = asked;
  if (incident === null)
    return { text: 'Ask in the thread of an incident, or ask for logs, changes or a trace.', lines: examples, sources: [] };
  const lines = context?.hypotheses.map((h, i) => `${i + 1}. ${h.service} ${Math.round(h.confidence * 100)} %: ${h.summary}`) ?? [];
  return { text: `${incident.id} is ${incident.state}. ${context?.summary ?? 'The first ranking is under way.'}`, lines, sources: [] };
}
