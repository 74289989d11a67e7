/** Commands that read the store: the same data as in Slack, also while the product runs. */
import { withoutControls } from '../domain/control-signs.ts';
import { contextAsItStands } from '../domain/context-as-it-stands.ts';
import { tallies } from '../domain/feedback.ts';
import type { IncidentContext } from '../domain/incident-context.ts';
import { mapDot } from '../domain/map-dot.ts';
import { createRedactor, type Personal, type Redactor } from '../domain/redact.ts';
import { reportMarkdown, reportPrompt } from '../domain/report-text.ts';
import { emptyMap, type ServiceMap } from '../domain/service-map.ts';
import { openForLooking, type StoredData, type StorePlace } from '../stores.ts';
import { drawMap } from './draw-map.ts';
import { modelAudit } from './model-audit.ts';

type Say = (text: string) => void;
const usageError = 64;
const noSuchThing = 66;
const shown = 50;
const audited = 100_000;

export async function incidentsCommand(
  place: StorePlace,
  args: readonly string[],
  print: Say,
  complain: Say,
  personal: Personal = {},
): Promise<number> {
  return withStored(place, complain, personal, async ({ ledger }, { redactDeep }) => {
    const { incidents } = await ledger.incidents({ limit: shown });
    // The ledger keeps alerts as they came; titles and labels may hold secrets.
    for (const kept of incidents) {
      const incident = redactDeep(kept).value;
      const report = await ledger.report(kept.id);
      const first = report?.context.hypotheses[0];
      if (args.includes('--json')) print(JSON.stringify({ incident, verdict: report?.context.verdict ?? null, first: first ?? null }));
      else
        print(
          [
            incident.id,
            incident.state,
            incident.severity,
            new Date(incident.openedAt).toISOString(),
            withoutControls(incident.title),
            first === undefined ? '' : `→ ${first.service} ${Math.round(first.confidence * 100)} %`,
          ].join('  '),
        );
    }
    if (incidents.length === 0) complain('There are no incidents yet.');
    return 0;
  });
}

/** What people did and judged, oldest first: who, when, what; with `--model` what the model was asked and answered. */
export async function auditCommand(
  place: StorePlace,
  args: readonly string[],
  print: Say,
  complain: Say,
  personal: Personal = {},
): Promise<number> {
  return withStored(place, complain, personal, async ({ ledger }, { redactDeep }) => {
    const about = args.find((arg) => !arg.startsWith('-')) ?? null;
    if (args.includes('--model')) {
      const lines = await modelAudit(ledger, { incidentId: about, isJson: args.includes('--json'), redactDeep });
      for (const line of lines) print(line);
      if (lines.length === 0) complain('The model was not asked about that.');
      return 0;
    }
    const [acts, votes] = await Promise.all([ledger.acts(0, audited), about === null ? ledger.votes() : ledger.votes(about)]);
    const rows = [
      ...acts.map(({ kind, person, at, incidentId, service, untilAt, text, rated }) => ({
        at,
        person,
        did: kind,
        incidentId,
        service,
        untilAt,
        note: text ?? (rated === undefined ? null : `${rated.answerId} ${rated.hasHelped ? 'helped' : 'did not help'}`),
      })),
      ...votes.map(({ verdict, person, at, incidentId, service, actualService, note }) => ({
        at,
        person,
        did: verdict,
        incidentId,
        service,
        untilAt: null,
        note: [actualService === null ? '' : `it was ${actualService}`, note ?? ''].filter((part) => part !== '').join('; ') || null,
      })),
    ].sort((a, b) => a.at - b.at);
    for (const row of redactDeep(rows).value) {
      const at = new Date(row.at).toISOString();
      const until = row.untilAt === null ? '' : `until ${new Date(row.untilAt).toISOString()}`;
      if (args.includes('--json'))
        print(JSON.stringify({ ...row, at, untilAt: row.untilAt === null ? null : new Date(row.untilAt).toISOString() }));
      else
        print(
          [at, row.person, row.did, row.incidentId ?? '', row.service ?? '', until, withoutControls(row.note ?? '')]
            .filter((part) => part !== '')
            .join('  '),
        );
    }
    if (rows.length === 0) complain('Nobody has done anything yet.');
    return 0;
  });
}

const exports: Readonly<Record<string, (context: IncidentContext) => string>> = {
  json: (context) => `${JSON.stringify(context, null, 2)}\n`,
  markdown: reportMarkdown,
  prompt: reportPrompt,
};

export async function exportCommand(
  place: StorePlace,
  args: readonly string[],
  write: Say,
  complain: Say,
  personal: Personal = {},
): Promise<number> {
  const { format, rest } = option(args, '--format', 'json');
  const [id] = rest;
  const as = exports[format];
  if (id === undefined || as === undefined) {
    complain('usage: tracepulse export ID [--format json|markdown|prompt]');
    return usageError;
  }
  return withStored(place, complain, personal, async ({ ledger }, { redactContext }) => {
    const [incident, report, votes] = await Promise.all([ledger.incident(id), ledger.report(id), ledger.votes(id)]);
    const context = incident === null ? null : contextAsItStands({ incident, report, tallies: tallies(votes) });
    if (context === null) {
      complain(`There is no report of ${id}.`);
      return noSuchThing;
    }
    write(as(redactContext(context)));
    return 0;
  });
}

export async function mapCommand(
  place: StorePlace,
  args: readonly string[],
  write: (data: string | Uint8Array) => void,
  complain: Say,
  personal: Personal = {},
): Promise<number> {
  const parts = args.includes('--components');
  const { format } = option(
    args.filter((arg) => arg !== '--components'),
    '--format',
    'json',
  );
  const map = await storedMap(place, personal, complain);
  if (format === 'json') write(`${JSON.stringify(map, null, 2)}\n`);
  else if (format === 'dot') write(mapDot(map, parts));
  else if (format === 'svg' || format === 'png') write(await drawMap(map, format, parts));
  else {
    complain('usage: tracepulse map [--format json|dot|svg|png] [--components]');
    return usageError;
  }
  return 0;
}

/** Names come from telemetry, and an address may have been taken for one. Without a store the map is empty, and that is said. */
async function storedMap(place: StorePlace, personal: Personal, complain: Say): Promise<ServiceMap> {
  const stored = await storedIn(place, complain);
  if (stored === null) return emptyMap;
  try {
    return createRedactor({ key: stored.redactionKey, ...personal }).redactDeep(await stored.map()).value;
  } finally {
    await stored.close();
  }
}

/** The store is open while `look` looks, and what it shows goes through the redactor. Answers the command's exit code. */
export async function withStored(
  place: StorePlace,
  complain: Say,
  personal: Personal,
  look: (stored: StoredData, redactor: Redactor) => Promise<number>,
): Promise<number> {
  const stored = await storedIn(place, complain);
  if (stored === null) return noSuchThing;
  try {
    return await look(stored, createRedactor({ key: stored.redactionKey, ...personal }));
  } finally {
    await stored.close();
  }
}

async function storedIn(place: StorePlace, complain: Say): Promise<StoredData | null> {
  const stored = await openForLooking(place);
  const folder = typeof place === 'string' ? place : place.TRACEPULSE_DATA;
  if (stored === null) complain(`There is no store in ${folder} yet; TRACEPULSE_DATA names the folder.`);
  return stored;
}

function option(args: readonly string[], name: string, otherwise: string): { format: string; rest: string[] } {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return { format: otherwise, rest: args.filter((arg) => !arg.startsWith('--')) };
  const inline = args[at]?.split('=')[1];
  const rest = args.filter((arg, i) => i !== at && !(inline === undefined && i === at + 1) && !arg.startsWith('--'));
  return { format: inline ?? args[at + 1] ?? '', rest };
}
