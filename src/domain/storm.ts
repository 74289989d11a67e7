/**
 * A storm: one fault makes alarms all over the map, and a card for each of them would hide the one that matters. While
 * several incidents have been opened within two minutes, an alarm that would open one more joins instead the one it is
 * nearest to on the map, over at most three calls in either direction. Two faults at once stay two: each alarm goes to the nearer.
 *
 *   14:00:00  payments, orders, ledger alarm: three cards       from here on it is a storm
 *   14:00:04  checkout, two calls from payments                 joins payments
 *   14:00:05  mailer, critical, no call leads to any of them    a card of its own
 *
 * What is near none has a card of its own, up to a handful; then it joins the nearest however far. What no call leads to at all
 * has its own up to a dozen: that it began in the same minutes alone does not make it part of another's fault. Beyond that
 * nothing more is told apart, and it joins the largest.
 */
import type { Alert } from './alert.ts';
import type { Incident } from './incident.ts';
import { type Draft, type Index, isByHand } from './incident-drafts.ts';

/** The services that call `service` or are called by it. */
export type Neighbours = (service: string) => readonly string[];

const stormMs = 120_000;
/** More than a person looks at side by side. */
const stormSize = 3;
const maxCalls = 3;
/** A critical alarm is to be hidden in another card only where the two are close. */
const maxCallsOfCritical = 2;
/** Cards of a storm, up to which what is not near any gets its own. */
const maxCards = { critical: 8, warning: 5, info: 5 } as const;
/** The same for what the map leads from to none of them; room for critical ones is left by those that are not. */
const maxUnrelated = { critical: 12, warning: 9, info: 9 } as const;
/** What a service one call further away counts. Steep: two halves of a company know of each other somewhere. */
const decay = 0.35;

interface Nearest {
  near?: Draft | undefined;
  related?: Draft | undefined;
}
const nowhere: Nearest = {};

/** Whether so many alerts more could make one: else nobody needs to ask for the map. */
export function isStormy(arriving: number, open: readonly Incident[], now: number): boolean {
  return arriving + open.filter(({ openedAt }) => now - openedAt <= stormMs).length > stormSize;
}

export interface Storm {
  /** The incident that shelters an alarm which belongs to none; undefined: it is to have one of its own. */
  shelterFor(alert: Alert): Draft | undefined;
}

export function createStorm(index: Index, now: number, neighbours: Neighbours): Storm {
  const reaches = new Map<string, ReadonlyMap<string, number>>();
  // Drafts are only ever added, and which of those before this call are young does not change in it.
  const young: Draft[] = [];
  let seen = 0;
  const around = (service: string, open: readonly Draft[], most: number): Nearest => {
    // What no call is known of is near to who has it, and to nobody else.
    if (neighbours(service).length === 0) {
      const holder = open.find(({ services }) => services.has(service));
      return { near: holder, related: holder };
    }
    const known = reaches.get(service) ?? reachOf(service, neighbours);
    reaches.set(service, known);
    return nearest(open, known, most);
  };
  return {
    shelterFor(alert) {
      for (; seen < index.drafts.length; seen++) {
        const draft = index.drafts[seen];
        if (draft !== undefined && now - draft.incident.openedAt <= stormMs && !isByHand(draft)) young.push(draft);
      }
      if (alert.format === 'manual' || young.length < stormSize) return undefined;
      const open: Draft[] = [];
      for (const draft of young) if (draft.incident.state === 'open' && isSamePlace(draft, alert)) open.push(draft);
      if (open.length < stormSize) return undefined;
      const most = alert.severity === 'critical' ? maxCallsOfCritical : maxCalls;
      const { near, related } = alert.service === null ? nowhere : around(alert.service, open, most);
      if (near !== undefined || open.length < maxCards[alert.severity]) return near;
      return related ?? (open.length < maxUnrelated[alert.severity] ? undefined : largest(open));
    },
  };
}

/** How many calls away each service is. */
function reachOf(service: string, neighbours: Neighbours): Map<string, number> {
  const calls = new Map([[service, 0]]);
  // A Map is walked in insertion order and may grow meanwhile: breadth first without a second queue.
  for (const [at, distance] of calls) for (const next of neighbours(at)) if (!calls.has(next)) calls.set(next, distance + 1);
  return calls;
}

/** The one whose services lie closest around it, the nearer the more: among those within `most` calls, and among all. */
function nearest(open: readonly Draft[], calls: ReadonlyMap<string, number>, most: number): Nearest {
  const best: Nearest = {};
  let [nearWeight, relatedWeight] = [0, 0];
  for (const draft of open) {
    const { weight, distance } = pullOf(draft.services, calls);
    if (weight > relatedWeight) [best.related, relatedWeight] = [draft, weight];
    if (distance <= most && weight > nearWeight) [best.near, nearWeight] = [draft, weight];
  }
  return best;
}

const noPull = { weight: 0, distance: Number.POSITIVE_INFINITY };

/**
 * Of those in both, whichever are fewer are gone through: in a storm an incident has hundreds of services, and few are called by
 * one. Every card is asked for every alarm, and most have nothing in common with it: then nothing is made.
 */
function pullOf(services: ReadonlySet<string>, calls: ReadonlyMap<string, number>): { weight: number; distance: number } {
  let { weight, distance } = noPull;
  if (calls.size < services.size) {
    for (const [service, away] of calls) {
      if (!services.has(service)) continue;
      weight += decay ** away;
      distance = Math.min(distance, away);
    }
  } else {
    for (const service of services) {
      const away = calls.get(service);
      if (away === undefined) continue;
      weight += decay ** away;
      distance = Math.min(distance, away);
    }
  }
  return weight === 0 ? noPull : { weight, distance };
}

function largest(open: readonly Draft[]): Draft | undefined {
  return open.reduce<Draft | undefined>((most, draft) => (most === undefined || sizeOf(draft) > sizeOf(most) ? draft : most), undefined);
}

function sizeOf({ incident }: Draft): number {
  return incident.alertCount;
}

/** Alarms that do not say where they are from may be from anywhere. */
function isSamePlace(draft: Draft, { environment }: Alert): boolean {
  const known = draft.first?.environment ?? null;
  return known === null || environment === null || known === environment;
}
