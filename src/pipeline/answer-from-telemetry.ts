/** Answers from log lines, spans and measurements: of what is kept here, after whoever else has them was asked. */
import { measuredOf, type Stretch, stretchesOf } from '../domain/conversation/minutes.ts';
import { traceIdOf } from '../domain/log-entry.ts';
import type { Window } from '../domain/evidence.ts';
import type { Question } from '../domain/question.ts';
import { traceTree } from '../domain/trace-tree.ts';
import { clockTime, duration, severityWord } from '../domain/wording.ts';
import { type Answer, type Asked, maxLines, serviceOrAnswer, suspect, serviceOf, unknownService, unread } from './asked-question.ts';
import { gather } from './gather.ts';
import type { SourceWatch } from './progress.ts';

/** Far more than is shown: what is cut before it is redacted may have lost what a secret is known by. */
const maxQuoted = 4_000;
const errorSeverity = 17;
const shownSeries = 4;

const stretch = ({ fromMs, toMs }: Window) => `${clockTime(fromMs)} to ${clockTime(toMs - 1)}`;

export async function logs(asked: Asked, question: Extract<Question, { kind: 'logs' }>): Promise<Answer> {
  const service = serviceOrAnswer(asked, question.service, 'logs of payment');
  if (typeof service !== 'string') return service;
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

export async function trace(asked: Asked, typed: string | null): Promise<Answer> {
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

/** What it was called, how often that failed and how long it took, then what was measured of it. */
export async function metrics(asked: Asked, typed: string | null): Promise<Answer> {
  const service = serviceOrAnswer(asked, typed, 'metrics of payment');
  if (typeof service !== 'string') return service;
  const { window, gaps } = await readAround(asked, service);
  const { minutes, stretches } = stretchesOf(window, service, maxLines);
  const series = measuredOf(window, service, shownSeries);
  const per = minutes === 1 ? 'by the minute' : `in steps of ${minutes} minutes`;
  const nothing = stretches.length === 0 && series.length === 0;
  return {
    text: nothing
      ? `Nothing measured of ${service} is kept here for that time.${unread(gaps)}`
      : `What ${service} did, ${per}:${unread(gaps)}`,
    lines: [
      ...stretches.map(stretchText),
      ...series.map(({ name, unit, first, last, highest, lastAt }) => {
        const of = unit === null || unit === '1' ? '' : ` ${unit}`;
        return `${name}: ${figure(first)} → ${figure(last)}${of}, highest ${figure(highest)}, until ${clockTime(lastAt)}`;
      }),
    ],
    sources: [`telemetry kept here, ${stretch(asked.window)}`],
  };
}

function stretchText({ at, calls, failed, p95Ms }: Stretch): string {
  const share = failed === 0 ? 'none failed' : `${failed} failed (${Math.round((failed / calls) * 100)} %)`;
  return `${clockTime(at)} ${calls} calls, ${share}${p95Ms === null ? '' : `, p95 ${duration(p95Ms)}`}`;
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

/** Asks every connected source once more, and says what of that stretch is here now. */
export async function again(asked: Asked, typed: string | null): Promise<Answer> {
  const service = typed === null ? suspect(asked) : serviceOf(asked, typed);
  if (typed !== null && service === null) return unknownService(typed, asked.map);
  const { window, changes, gaps, answered } = await readAround(asked, service);
  const missing = gaps.map(({ source, reason }) => `${source}: ${reason}`);
  const whom =
    answered.length === 0 ? 'No other system is connected; what was pushed here' : `Asked again: ${answered.join(', ')}. What is here`;
  return {
    text: `${whom} from ${stretch(asked.window)}: ${counted(window.spans.length, 'span')}, ${counted(window.logs.length, 'log line')}, ${window.metrics.length} series of measurements, ${counted(changes.length, 'change')}.`,
    lines: missing.slice(0, maxLines),
    sources: [...answered, 'telemetry kept here'],
  };
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

async function readAround(asked: Asked, service: string | null) {
  const names = new Set<string>();
  const watch: SourceWatch = { asked: (id) => void names.add(id), answered: () => undefined };
  const { options, window, incident } = asked;
  const subject = { service, correlationIds: incident?.correlationIds ?? [], logs: window };
  const gathered = await gather(window, { ...options, watch }, subject);
  // That nothing is connected is no news here.
  const gaps = gathered.gaps.filter(({ source }) => source !== 'changes');
  const failed = new Set(gaps.map(({ source }) => source));
  return { ...gathered, gaps, answered: [...names].filter((name) => !failed.has(name)).sort() };
}
