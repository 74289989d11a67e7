/**
 * Reads incidents. Parsed ones are kept with their stamp, so that only what has changed crosses the wire and is parsed again,
 * and so that a change can be told from what it was made of (`incident-document.ts`).
 */
import { Failure } from '../../../domain/failure.ts';
import type { Incident } from '../../../domain/incident.ts';
import type { IncidentQuery, Ledger } from '../../../ports.ts';
import { type RedisClient, redisFailure, runScript } from '../../redis-connection.ts';
import { incidentIn, type StampedIncident } from './incident-document.ts';
import { incidentScript, incidentsScript } from './read-scripts.ts';

/** As many incidents as the pipeline looks at in one go. */
const maxKept = 1_200;

export interface IncidentReader extends Pick<Ledger, 'incident' | 'incidents'> {
  /** With these stamps, or as they are by now; what is gone is left out. No stamp: stored before there were any. */
  fetch(wanted: readonly { readonly id: string; readonly stamp: string }[]): Promise<Map<string, Incident>>;
  /** What is known of an incident without asking; whoever asks later is told at once. */
  keep(stamped: StampedIncident): void;
  /** The state that this one was made from, where it is known. */
  baseOf(incident: Incident): StampedIncident | null;
}

export function createIncidentReader(client: RedisClient): IncidentReader {
  const kept = new Map<string, StampedIncident>();

  function keep(stamped: StampedIncident): void {
    kept.delete(stamped.incident.id);
    kept.set(stamped.incident.id, stamped);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
  }

  async function ask(id: string): Promise<Incident | null> {
    const known = kept.get(id);
    const [stamp, doc, alerts = []] = (await runScript(client, incidentScript, [id, known?.stamp ?? ''])) as [string?, string?, string[]?];
    if (stamp === undefined) return null;
    if (doc === undefined) return known?.incident ?? null;
    const incident = incidentIn(doc, alerts);
    keep({ incident, stamp });
    return incident;
  }

  async function fetch(wanted: readonly { readonly id: string; readonly stamp: string }[]): Promise<Map<string, Incident>> {
    const found = await Promise.all(
      wanted.map(({ id, stamp }) => {
        const known = kept.get(id);
        return known !== undefined && stamp !== '' && known.stamp === stamp ? known.incident : ask(id);
      }),
    );
    return new Map(found.flatMap((incident) => (incident === null ? [] : [[incident.id, incident] as const])));
  }

  const reading = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      throw redisFailure(error, 'ledger', 'read the store');
    }
  };
  return {
    fetch,
    keep,
    baseOf({ id, revision }) {
      const known = kept.get(id);
      return known !== undefined && known.stamp !== '' && known.incident.revision === revision - 1 ? known : null;
    },
    incident: (id) => reading(() => ask(id)),
    incidents: (query) =>
      reading(async () => {
        const limit = Math.max(1, Math.floor(query.limit));
        const { openedAt, row } = placeIn(query.after);
        const [first = 'incidents', ...others] = setsFor(query);
        const rows = (await runScript(client, incidentsScript, [first, limit + 1, openedAt, row, ...others])) as string[][];
        const page = rows.slice(0, limit);
        const read = await fetch(page.map(([id = '', stamp = '']) => ({ id, stamp })));
        const last = rows.length > limit ? page.at(-1) : undefined;
        return {
          incidents: page.flatMap(([id = '']) => read.get(id) ?? []),
          next: last === undefined ? null : placeOf(Number(last[2]), last[3] ?? ''),
        };
      }),
  };
}

/** Where a page ends, as its next one begins. */
export function placeOf(openedAt: number, row: string): string {
  return `${openedAt}-${Number(row)}`;
}

/** The sets an incident has to be in, the one that should have the fewest first. */
function setsFor({ state, live, service }: IncidentQuery): string[] {
  return [
    ...(service === undefined ? [] : [`incidents:service:${service}`]),
    ...(live === true ? ['incidents:live'] : []),
    ...(state === undefined ? [] : [`incidents:state:${state}`]),
  ];
}

/** Rows are numbers of thirteen digits where they are compared as text. */
function placeIn(after: string | undefined): { openedAt: string; row: string } {
  if (after === undefined) return { openedAt: '+inf', row: '' };
  const [, openedAt, row] = /^(\d{1,15})-(\d{1,13})$/.exec(after) ?? [];
  if (openedAt === undefined || row === undefined)
    throw new Failure('rejected', 'ledger', 'list incidents', { path: 'after', hint: 'it is not a place this list has given out' });
  return { openedAt, row: row.padStart(13, '0') };
}
