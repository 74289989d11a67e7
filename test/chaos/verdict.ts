/** What was promised against what stands: in the product's own account, in Slack, in mailboxes, in Jira. */
import { maxAlerts } from '../../src/domain/incident-drafts.ts';
import type { Promised } from './load.ts';
import { channels, type World } from './world.ts';

export interface Incident {
  readonly id: string;
  readonly state: string;
  readonly severity: string;
  /** At most `maxAlerts`; those beyond are only counted. */
  readonly alerts: readonly { readonly labels: Readonly<Record<string, string>>; readonly correlationIds: readonly string[] }[];
  readonly alertCount: number;
  readonly feedback: readonly { readonly person: string }[];
}

export interface Verdict {
  readonly accepted: number;
  readonly incidents: number;
  readonly messages: number;
  readonly letters: number;
  readonly issues: number;
  readonly presses: number;
  /** A letter that was taken, and sent again because the product died before it noted that: the same id, so readers see one. */
  readonly sentAgain: number;
  /** Each a sentence; empty where all is well. */
  readonly lost: readonly string[];
  readonly twice: readonly string[];
}

export function judge(promised: Promised, incidents: readonly Incident[], world: World): Verdict {
  const letters = lettersIn(world);
  const roots = rootsIn(world);
  return {
    accepted: promised.alerts.size,
    incidents: incidents.length,
    messages: roots.length,
    letters: letters.length,
    issues: world.jira.issues.length,
    presses: promised.presses.length,
    sentAgain: letters.length - new Set(letters.map(({ place, messageId }) => `${place} ${messageId}`)).size,
    lost: [...lostAlerts(promised, incidents), ...lostPresses(promised, incidents, world), ...missing(incidents, roots, letters, world)],
    twice: [
      ...repeated(roots).map((place) => `root message: ${place}`),
      // Two that differ and tell of the same step of one incident.
      ...repeated(
        unique(letters.map(({ place, number, messageId }) => `${place} letter ${number}\n${messageId}`)).map(
          (both) => both.split('\n')[0] ?? '',
        ),
      ).map((place) => `letter: ${place}`),
      ...repeated(world.jira.issues.map(({ fields }) => issueOf(fields.labels))).map((label) => `issue: ${label}`),
      ...repeated(incidents.flatMap(({ alerts }) => alerts.map(markerOf))).map((marker) => `alert in two incidents: ${marker}`),
    ],
  };
}

/** An incident that is full holds a hundred of its alerts; the others must have been counted, as ends of alerts are. */
function lostAlerts({ alerts, endings }: Promised, incidents: readonly Incident[]): string[] {
  const held = new Map(incidents.flatMap(({ id, alerts: all }) => all.map((alert) => [markerOf(alert), id] as const)));
  const counted = new Map(
    incidents.map(({ id, alerts: all, alertCount }) => [id, all.length < maxAlerts ? 0 : alertCount - maxAlerts - (endings.get(id) ?? 0)]),
  );
  const isCounted = (id: string | null): boolean => {
    const at = id ?? [...counted].find(([, left]) => left > 0)?.[0] ?? '';
    const left = counted.get(at) ?? 0;
    counted.set(at, left - 1);
    return left > 0;
  };
  // Those of which it is known where they went come first.
  return [...alerts]
    .sort(([, a], [, b]) => Number(a === null) - Number(b === null))
    .flatMap(([marker, id]) => {
      const found = held.get(marker);
      if (found === undefined) return isCounted(id) ? [] : [`alert ${marker}${id === null ? '' : ` of ${id}`}`];
      return id === null || id === found ? [] : [`alert ${marker}: promised to ${id}, is in ${found}`];
    });
}

function lostPresses({ presses }: Promised, incidents: readonly Incident[], world: World): string[] {
  const byId = new Map(incidents.map((incident) => [incident.id, incident]));
  const tickets = new Set(world.jira.issues.map(({ fields }) => issueOf(fields.labels)));
  return presses.flatMap(({ incidentId, person, what }) => {
    const isThere =
      what === 'ticket'
        ? tickets.has(`tracepulse-${incidentId}`)
        : byId.get(incidentId)?.feedback.some(({ person: by }) => by.includes(`U0${person.toUpperCase()}`));
    return isThere ? [] : [`${what} of ${person} on ${incidentId}`];
  });
}

/** What came of each incident in every place it was to be told of. */
function missing(incidents: readonly Incident[], roots: readonly string[], letters: readonly Letter[], world: World): string[] {
  const [told, written] = [new Set(roots), new Set(letters.map(({ place }) => place))];
  const tickets = new Set(world.jira.issues.map(({ fields }) => issueOf(fields.labels)));
  return incidents.flatMap(({ id, severity }) => {
    const rooms = severity === 'critical' ? channels : channels.slice(0, 1);
    return [
      ...rooms.filter((room) => !told.has(`${id} #${room}`)).map((room) => `root message: ${id} #${room}`),
      ...(written.has(`${id} oncall@example.com`) ? [] : [`letter: ${id}`]),
      ...(severity === 'critical' && !tickets.has(`tracepulse-${id}`) ? [`issue: ${id}`] : []),
    ];
  });
}

function rootsIn({ workspace }: World): string[] {
  return channels.flatMap((channel) =>
    workspace.messages(channel).flatMap(({ metadata, threadTs, ts }) => {
      const { event_type, event_payload } = (metadata ?? {}) as { event_type?: string; event_payload?: { incident_id?: string } };
      const isRoot = event_type === 'tracepulse_incident' && (threadTs === null || threadTs === ts);
      return isRoot ? [`${event_payload?.incident_id} #${channel}`] : [];
    }),
  );
}

interface Letter {
  readonly place: string;
  readonly number: number;
  readonly messageId: string;
}

function lettersIn({ smtp }: World): Letter[] {
  return smtp.arrived.flatMap(({ mail: { messageId = '' }, to }) => {
    const [, incident = '', number = '0'] = /^<tracepulse\.(inc-\d+)\.\w+\.(\d+)\./.exec(messageId) ?? [];
    return to.map((address) => ({ place: `${incident.toUpperCase()} ${address}`, number: Number(number), messageId }));
  });
}

function markerOf({ labels, correlationIds }: Incident['alerts'][number]): string {
  return labels['chaos'] ?? correlationIds[0] ?? '';
}

function issueOf(labels: readonly string[]): string {
  return labels.find((label) => label.startsWith('tracepulse-')) ?? 'without a label';
}

const unique = (list: readonly string[]) => [...new Set(list)];

function repeated(list: readonly string[]): string[] {
  return unique(list.filter((one, i) => list.indexOf(one) !== i));
}
