/** Answers from the report: what speaks for and against, what was altered, what could not be read, what was like it before. */
import type { ContextChange } from '../domain/incident-context.ts';
import { contextChange } from '../domain/compose-report.ts';
import { clockTime } from '../domain/wording.ts';
import { type Answer, type Asked, maxLines, serviceOf, suspect, unknownService } from './asked-question.ts';
import { gather } from './gather.ts';
import { similarIncidents } from './look-up.ts';

const shownEarlier = 5;
const shownOpen = 8;
/** New versions are seen there. */
const telemetryKept = 'telemetry kept here';
/** Of a diff, in rows. */
const maxDiffRows = 24;

/** `isAnew`: of another stretch of time than the report's. */
export async function changes(asked: Asked, typed: string | null, isAnew: boolean): Promise<Answer> {
  const service = serviceOf(asked, typed);
  if (typed !== null && service === null) return unknownService(typed, asked.map);
  const { fromMs, toMs } = asked.window;
  const gathered = async () => (await gather(asked.window, asked.options)).changes;
  const known = isAnew
    ? (await gathered()).filter(({ startedAt }) => startedAt >= fromMs && startedAt < toMs).map((change) => contextChange(change))
    : (asked.context?.changes ?? (await gathered()).map((change) => contextChange(change)));
  const gap = asked.options.changeSources.size === 0 ? ' No source of changes is connected, so this may be incomplete.' : '';
  const found = known.filter((change) => service === null || change.service === service).slice(-maxLines);
  const whom = service === null ? '' : ` of ${service}`;
  return {
    text:
      found.length === 0
        ? `I know of no change${whom} ${isAnew ? 'in that time' : 'before this'}.${gap}`
        : `Changes${whom} that I know of, oldest first:${gap}`,
    lines: found.map(changeText),
    sources: changeSources(asked),
  };
}

export function why(asked: Asked, typed: string | null): Answer {
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

export function evidence(asked: Asked, id: string | null): Answer {
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

export function gaps(asked: Asked): Answer {
  const found = asked.context?.gaps ?? [];
  return {
    text: asked.context === null ? 'There is no report here yet.' : found.length === 0 ? 'Every source answered.' : 'Not known:',
    lines: found.map((gap) => `${gap.source}: ${gap.reason}`),
    sources: asked.incident === null ? [] : [`report of ${asked.incident.id}`],
  };
}

function changeText(change: ContextChange): string {
  return [
    clockTime(Date.parse(change.startedAt)),
    change.kind,
    change.service,
    change.version ?? change.sha?.slice(0, 8) ?? '',
    change.title ?? '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The lines of a change that touch what the evidence names; where none do, what it altered as far as its source says. */
export async function diff(asked: Asked, typed: string | null): Promise<Answer> {
  const service = serviceOf(asked, typed);
  if (typed !== null && service === null) return unknownService(typed, asked.map);
  const { context, options } = asked;
  const isOf = (change: { readonly service: string }) => service === null || change.service === service;
  const named = [...(context?.hypotheses ?? []).flatMap(({ change }) => change ?? []), ...(context?.changes ?? [])];
  const known = named.find((change) => isOf(change) && change.suspect != null);
  if (known?.suspect != null) {
    const { file, hunk, why: reason } = known.suspect;
    return { text: `${changeText(known)}, in ${file}: ${reason}`, lines: cut(hunk.split('\n')), sources: changeSources(asked) };
  }
  const found = (await gather(asked.window, options)).changes.filter((change) => isOf(change) && (change.patches?.length ?? 0) > 0);
  const latest = options.redactDeep(found.at(-1) ?? null).value;
  const whom = service === null ? '' : ` of ${service}`;
  if (latest === null) {
    const gap = options.changeSources.size === 0 ? ' No source of changes is connected.' : '';
    return { text: `I know of no change${whom} whose diff can be read.${gap}`, lines: [], sources: changeSources(asked) };
  }
  const rows = (latest.patches ?? []).flatMap(({ file, patch }) => [`--- ${file}`, ...patch.split('\n')]);
  return {
    text: `${changeText(contextChange(latest))}; nothing I read points to certain lines of it:`,
    lines: cut(rows),
    sources: changeSources(asked),
  };
}

function cut(rows: readonly string[]): string[] {
  return rows.length <= maxDiffRows ? [...rows] : [...rows.slice(0, maxDiffRows - 1), `… ${rows.length - maxDiffRows + 1} more`];
}

function changeSources({ options }: Asked): string[] {
  return [...options.changeSources.keys(), telemetryKept];
}

/** Earlier ones and what people said they were: context, and never a reason by itself. */
export async function similar(asked: Asked): Promise<Answer> {
  const { context, options } = asked;
  if (context === null)
    return { text: 'Ask me that in the thread of an incident: I compare its report with earlier ones.', lines: [], sources: [] };
  const found = await similarIncidents(context, shownEarlier, options);
  return {
    text:
      found.length === 0
        ? 'I have seen no incident that looks like this one.'
        : 'Earlier incidents that look like this one, most alike first:',
    lines: found.map(({ context: { incident, hypotheses }, likeness, confirmed, notes, shared }) => {
      const was = confirmed === null ? `not confirmed, first was ${hypotheses[0]?.service ?? 'nobody'}` : `it was ${confirmed}`;
      const said = notes[0] === undefined ? '' : `, "${notes[0]}"`;
      return `${incident.id} of ${incident.startedAt.slice(0, 16).replace('T', ' ')}Z: ${was}${said}; ${Math.round(likeness * 100)} % alike, ${shared.length} pieces of evidence the same`;
    }),
    sources: found.map(({ context: { incident } }) => incident.id),
  };
}

/** Of the incident; outside of one, what is open. */
export async function status(asked: Asked): Promise<Answer> {
  const { incident, context } = asked;
  if (incident === null) return open(asked);
  const lines = context?.hypotheses.map((h, i) => `${i + 1}. ${h.service} ${Math.round(h.confidence * 100)} %: ${h.summary}`) ?? [];
  return {
    text: `${incident.id} is ${incident.state}. ${context?.summary ?? 'The first ranking is under way.'}`,
    lines,
    sources: [incident.id],
  };
}

async function open({ options: { ledger } }: Asked): Promise<Answer> {
  const { incidents } = await ledger.incidents({ live: true, limit: shownOpen });
  if (incidents.length === 0)
    return { text: 'Nothing is open. Ask me for help, and I say what else I can look up.', lines: [], sources: [] };
  const lines = await Promise.all(
    incidents.map(async ({ id, title, openedAt, state }) => {
      const first = (await ledger.report(id))?.context.hypotheses[0];
      const cause = first === undefined ? 'no suspect yet' : `${first.service} at ${Math.round(first.confidence * 100)} %`;
      return `${id} since ${clockTime(openedAt)}${state === 'muted' ? ', muted' : ''}: ${title}; ${cause}`;
    }),
  );
  return { text: 'Open now. Ask in the thread of one for more:', lines, sources: incidents.map(({ id }) => id) };
}
