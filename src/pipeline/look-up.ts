/** Single things looked up for machines: lines, a trace, recent changes, earlier incidents like one. Redacted on their way out. */
import type { Change } from '../domain/change.ts';
import { contextAsItStands } from '../domain/context-as-it-stands.ts';
import type { Gap } from '../domain/evidence.ts';
import { tallies } from '../domain/feedback.ts';
import type { ContextSimilar, IncidentContext } from '../domain/incident-context.ts';
import { traceIdOf } from '../domain/log-entry.ts';
import type { Redactor } from '../domain/redact.ts';
import { type Past, type Similar, similarTo } from '../domain/similar-incidents.ts';
import type { LogLine, Span } from '../domain/telemetry.ts';
import type { Ledger, Telemetry } from '../ports.ts';
import type { LogQuery } from '../ports/sources.ts';
import { cardOf } from './deliver.ts';
import { gather, type GatherSources } from './gather.ts';

export interface LookUpOptions extends GatherSources {
  readonly ledger: Ledger;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly lookbackMs: number;
  readonly redactor: Redactor;
}

/** Compared with as many earlier ones; older ones are of another system by now. */
const maxPast = 200;

/** Other systems are asked first: what they know comes in by the usual door and is then kept here. */
export async function lookUpLogs(query: LogQuery, options: LookUpOptions): Promise<{ lines: LogLine[]; gaps: Gap[] }> {
  const { telemetry, redactor, elsewhere } = options;
  const gaps = (await elsewhere?.lookUp(query)) ?? [];
  return redactor.redactDeep({ lines: await telemetry.logs(query), gaps }).value;
}

/** Only by its whole id can others be asked, and only for what is not kept here. */
export async function lookUpTrace(traceId: string, options: LookUpOptions): Promise<{ spans: Span[]; gaps: Gap[] }> {
  const { telemetry, redactor, elsewhere } = options;
  const kept = await telemetry.trace(traceId);
  const whole = kept.length === 0 ? traceIdOf(traceId) : null;
  const gaps = whole === null ? [] : ((await elsewhere?.lookUp({ traceId: whole })) ?? []);
  return redactor.redactDeep({ spans: whole === null ? kept : await telemetry.trace(whole), gaps }).value;
}

/** Of the last day, newest first. */
export async function recentChanges(options: LookUpOptions): Promise<{ changes: Change[]; gaps: Gap[] }> {
  const toMs = options.now() + 1;
  const { changes, gaps } = await gather({ fromMs: toMs - options.lookbackMs, toMs }, options);
  const newest = [...changes].sort((a, b) => b.startedAt - a.startedAt);
  return options.redactor.redactDeep({ changes: newest, gaps: [...gaps] }).value;
}

export async function similarIncidents(
  context: IncidentContext,
  limit: number,
  { ledger }: Pick<LookUpOptions, 'ledger'>,
): Promise<Similar[]> {
  const { incidents } = await ledger.incidents({ limit: maxPast });
  const past = await Promise.all(incidents.map(({ id }) => pastOf(id, ledger)));
  return similarTo(
    context,
    past.filter((one) => one !== null),
    limit,
  );
}

/** Reports are large: for a first report only the latest are compared. */
const maxRecalled = 40;
const recalled = 2;
/** Of a note. */
const maxNote = 200;

/** What people said of the incidents most like this one. */
export async function recall(context: IncidentContext, ledger: Ledger): Promise<ContextSimilar[]> {
  const { incidents } = await ledger.incidents({ limit: maxRecalled });
  const past = await Promise.all(incidents.filter(({ id }) => id !== context.incident.id).map(({ id }) => pastOf(id, ledger)));
  const known = past.filter((one) => one !== null && (one.confirmed !== null || one.notes.length > 0)) as Past[];
  return similarTo(context, known, recalled).map(({ context: { incident }, likeness, confirmed, notes }) => ({
    id: incident.id,
    likeness: Math.round(likeness * 100) / 100,
    service: confirmed,
    note: notes[0]?.slice(0, maxNote).toWellFormed() ?? null,
  }));
}

async function pastOf(id: string, ledger: Ledger): Promise<Past | null> {
  const card = await cardOf(id, ledger);
  const context = card === null ? null : contextAsItStands(card);
  if (context === null) return null;
  const votes = await ledger.votes(id);
  const standing = tallies(votes);
  const confirmed = context.hypotheses.find((hypothesis) => (standing.get(hypothesis.id)?.confirm ?? 0) > 0)?.service ?? null;
  // Of words that stand: what was taken back was never said.
  const said = [...standing.values()].flatMap(({ remarks }) => remarks ?? []).toReversed();
  const actual = said.find(({ actualService }) => actualService !== null)?.actualService ?? null;
  return { context, confirmed: confirmed ?? actual, notes: said.flatMap(({ note }) => note ?? []) };
}
