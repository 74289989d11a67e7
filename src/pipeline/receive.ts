/**
 * An alert becomes durable. What arrives while a commit is under way is decided and committed together as the next one:
 * a storm costs one transaction a round, and two alerts of one incident never race each other.
 */
import { type Alert, receiptKey } from '../domain/alert.ts';
import { Failure } from '../domain/failure.ts';
import { createGrouping, type GroupAlerts, type Grouping, type GroupingOptions } from '../domain/group-alerts.ts';
import type { CardPlace, Incident } from '../domain/incident.ts';
import { neighboursIn, type ServiceMap } from '../domain/service-map.ts';
import { isStormy } from '../domain/storm.ts';
import { unique } from '../domain/routing.ts';
import type { Ledger, LedgerChange, Work } from '../ports.ts';
import { mutesOf } from './mutes.ts';
import { expiryWork, type Standing, standing } from './expiry.ts';

/** Where cards of an incident as it now is go, by the routes of now. */
export type RouteCards = (incident: Incident) => readonly CardPlace[];

export interface ReceiverOptions {
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly grouping: GroupingOptions;
  readonly route: RouteCards;
  /** Who calls whom; asked only where several incidents are opened at once. */
  readonly map: () => Promise<ServiceMap>;
  /** Called after each commit that left something to do. */
  readonly poke: () => void;
}

/** Another replica may move an incident between our read and our commit; after this many tries something else is wrong. */
const maxTries = 8;

/** Open incidents that a new alert may join; older ones are past the time ceiling anyway. */
const maxOpen = 1_000;
const maxLatest = 50;

/** Requests in one round, beyond which those that wait are not kept waiting for others. */
const largestRound = 256;

interface Waiting {
  readonly alerts: readonly Alert[];
  readonly resolve: (incidentIds: string[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface Receiver {
  /** Incident id of each alert, in order; resolves once all are durable. */
  receive(alerts: readonly Alert[]): Promise<string[]>;
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const group = createGrouping();
  let waiting: Waiting[] = [];
  let busy = false;

  /**
   * Whoever was just answered sends again at once, one after the other: as long as each turn of the event loop brings another
   * request, they go to the disk together. A turn takes microseconds, a commit hundreds.
   */
  async function gathered(): Promise<void> {
    for (let before = 0; before < waiting.length && waiting.length < largestRound; ) {
      before = waiting.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await gathered();
      const batch = waiting;
      waiting = [];
      try {
        const ids = await decide(
          batch.flatMap((entry) => entry.alerts),
          group,
          options,
        );
        let from = 0;
        for (const entry of batch) {
          entry.resolve(ids.slice(from, from + entry.alerts.length));
          from += entry.alerts.length;
        }
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
    busy = false;
  }

  return {
    receive: (alerts) =>
      new Promise((resolve, reject) => {
        waiting.push({ alerts, resolve, reject });
        if (busy) return;
        busy = true;
        setImmediate(drain);
      }),
  };
}

async function decide(said: readonly Alert[], group: GroupAlerts, options: ReceiverOptions): Promise<string[]> {
  const { ledger: store, now, grouping, route, map, poke } = options;
  const ledger = store.deciding?.() ?? store;
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const at = now();
    const saidKeys = said.map(receiptKey);
    // All at once: with a ledger elsewhere, what is asked together is one way there and back.
    const [seen, open, mutes, lastNumber] = await Promise.all([
      ledger.seen(saidKeys),
      joinable(ledger),
      mutesOf(ledger, at),
      ledger.lastIncidentNumber(),
    ]);
    const standings = await standingsOf(said, saidKeys, seen, open, ledger, at);
    const alerts = standings?.map(({ alert }) => alert) ?? said;
    const keys = standings === null ? saidKeys : alerts.map(receiptKey);
    const fresh = firstOfEach(alerts, keys, seen);
    const neighbours = isStormy(fresh.length, open, at) ? neighboursIn(await map()) : () => [];
    const freshKeys = fresh === alerts ? { keys } : {};
    const grouped = group(fresh, open, { ...grouping, ...freshKeys, now: at, mutes, neighbours, lastNumber });
    const ids = fresh === said ? grouped.outcomes.map(({ incidentId }) => incidentId ?? '') : idsOf(keys, grouped, standings, seen);
    const expiries = expiriesOf(alerts, ids, [...open, ...grouped.incidents]);
    if (fresh.length === 0 && expiries.length === 0) return ids;
    const change = changeFor(grouped, open, at, route);
    if ((await ledger.commit({ ...change, work: [...(change.work ?? []), ...expiries] })) === 'committed') {
      if (grouped.incidents.length > 0) poke();
      return ids;
    }
  }
  throw new Failure('unavailable', 'ledger', 'store alerts', {
    hint: 'other replicas kept changing the same incidents',
    retryAfterMs: 1_000,
  });
}

/** Where each went: now, or when it came before. */
function idsOf(
  keys: readonly string[],
  { outcomes }: Grouping,
  standings: readonly Standing[] | null,
  seen: ReadonlyMap<string, string | null>,
): string[] {
  const placed = new Map(outcomes.map((outcome) => [outcome.receiptKey, outcome.incidentId]));
  return keys.map((key, i) => placed.get(key) ?? standings?.[i]?.incident?.id ?? seen.get(key) ?? '');
}

/** An incident that is full counts an alarm and does not hold it: then there is nothing to end. */
function expiriesOf(alerts: readonly Alert[], ids: readonly string[], incidents: readonly Incident[]): Work[] {
  if (alerts.every(({ expiresAt }) => expiresAt === undefined)) return [];
  const byId = new Map(incidents.map((incident) => [incident.id, incident]));
  const held = new Map<string, ReadonlySet<string>>();
  const isHeld = (id: string, fingerprint: string): boolean => {
    const found = held.get(id) ?? new Set(byId.get(id)?.alerts.map((alert) => alert.fingerprint));
    held.set(id, found);
    // One that is long over is not among them, and is looked at when the time has come.
    return !byId.has(id) || found.has(fingerprint);
  };
  const work: Work[] = [];
  alerts.forEach((alert, i) => {
    const id = ids[i] ?? '';
    if (alert.status === 'firing' && id !== '' && isHeld(id, alert.fingerprint)) work.push(...expiryWork(id, alert));
  });
  return work;
}

/** Only alarms that end by themselves are looked up; of any other, a delivery seen before is just that. Null: none was. */
async function standingsOf(
  alerts: readonly Alert[],
  keys: readonly string[],
  seen: ReadonlyMap<string, string | null>,
  open: readonly Incident[],
  ledger: Ledger,
  now: number,
): Promise<Standing[] | null> {
  if (seen.size === 0) return null;
  const byId = new Map(open.map((incident) => [incident.id, incident]));
  return Promise.all(
    alerts.map(async (alert, i) => {
      const id = seen.get(keys[i] ?? '');
      if (id === undefined || alert.expiresAt === undefined) return { alert, incident: null };
      const holder = id === null ? null : (byId.get(id) ?? (await ledger.incident(id)));
      return standing(alert, holder, open, now);
    }),
  );
}

/** Live incidents, and those resolved lately: the same alarm firing again opens one of them anew. */
async function joinable(ledger: Ledger): Promise<Incident[]> {
  const [live, latest] = await Promise.all([ledger.incidents({ limit: maxOpen, live: true }), ledger.incidents({ limit: maxLatest })]);
  return [...new Map([...live.incidents, ...latest.incidents].map((incident) => [incident.id, incident])).values()];
}

/** Alerts not seen before, each once even when one batch holds it twice. */
function firstOfEach(alerts: readonly Alert[], keys: readonly string[], seen: ReadonlyMap<string, unknown>): readonly Alert[] {
  if (seen.size === 0 && new Set(keys).size === keys.length) return alerts;
  const known = new Set(seen.keys());
  return alerts.filter((_, i) => {
    const key = keys[i] ?? '';
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

/** One change: receipts, incidents, the work they ask for and the cards to draw. */
function changeFor(grouped: Grouping, before: readonly Incident[], at: number, route: RouteCards): LedgerChange {
  const incidents = grouped.incidents.map((incident) => placed(incident, route));
  const needRanking = new Set<string>();
  const needCard = new Set<string>();
  for (const { outcome, incidentId } of grouped.outcomes) {
    if (outcome === 'opened') needRanking.add(incidentId);
    if (outcome !== 'unchanged') needCard.add(incidentId);
  }
  const resolved = new Set(before.flatMap((incident) => (incident.state === 'resolved' ? [incident.id] : [])));
  for (const incident of incidents) if (incident.state === 'open' && resolved.has(incident.id)) needRanking.add(incident.id);
  const byId = new Map(incidents.map((incident) => [incident.id, incident]));
  return {
    seen: grouped.outcomes.map((outcome) => ({ key: outcome.receiptKey, at, incidentId: outcome.incidentId })),
    incidents,
    work: [...needRanking].map((id) => investigateWork(id, at)),
    outbox: [...needCard].flatMap((id) => cardsFor(byId.get(id), at, needRanking.has(id))),
  };
}

/** What is over opens no card anywhere new. */
function placed(incident: Incident, route: RouteCards): Incident {
  const { places = [] } = incident;
  if (incident.state === 'resolved' && places.length > 0) return incident;
  const all = unique([...places, ...route(incident)]);
  // Where it has all of them it stays what it was, which spares the ledger a document.
  return all.length === places.length && incident.places !== undefined ? incident : { ...incident, places: all };
}

/** Asks for one ranking; asked again before it ran, it is still one. */
export function investigateWork(incidentId: string, dueAt: number) {
  return { id: `investigate:${incidentId}`, kind: 'investigate', subject: incidentId, dueAt, attempts: 0 } as const;
}

/** Outbox entries that draw an incident's card in each of its places; new cards go before edits, of these critical ones first. */
export function cardsFor(incident: Incident | undefined, dueAt: number, isNew: boolean) {
  if (incident === undefined || incident.state === 'muted') return [];
  return (incident.places ?? []).map(({ sink, channel }) => ({
    id: `card:${incident.id}:${sink}:${channel}`,
    sink,
    channel,
    incidentId: incident.id,
    content: { kind: 'card' } as const,
    priority: !isNew ? (2 as const) : incident.severity === 'critical' ? (0 as const) : (1 as const),
    dueAt,
  }));
}
