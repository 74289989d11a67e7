/**
 * Incidents while alerts are put into them, and where the next alert finds them: by fingerprint, correlation id, service
 * and name. Maps are changed in place, so that ten thousand alerts of a storm cost ten thousand look-ups and one copy.
 */
import type { Alert } from './alert.ts';
import type { Incident } from './incident.ts';

/** What an incident keeps; `alertCount` goes on counting. When full, resolved alerts make room, and else the new one is only counted. */
export const maxAlerts = 100;
const maxCorrelationIds = 32;

export interface Draft {
  incident: Incident;
  readonly alerts: Map<string, Alert>;
  /** The first of them, which tells how it began; a storm asks for it of every card at every alarm. */
  first: Alert | undefined;
  readonly correlationIds: Set<string>;
  /** Services whose alerts it holds, and of those that were only counted just now. */
  readonly services: Set<string>;
  /** Where it is found. */
  readonly entries: (readonly [Lookup, key: string])[];
  firing: number;
  isChanged: boolean;
  /** Whether the alerts it holds are no longer those of its incident. */
  holdsOthers: boolean;
}

export interface Index {
  /** By the time they were opened. */
  readonly drafts: Draft[];
  readonly byFingerprint: Lookup;
  readonly byCorrelation: Lookup;
  readonly byService: Lookup;
  readonly byName: Lookup;
}

/** Newest last. */
export type Lookup = Map<string, Draft[]>;

export function emptyIndex(): Index {
  return { drafts: [], byFingerprint: new Map(), byCorrelation: new Map(), byService: new Map(), byName: new Map() };
}

/** `takesMore`: whether alerts other than those it already holds may join. */
export function insert(incident: Incident, takesMore: boolean, index: Index): Draft {
  const draft = newDraft(incident, index);
  for (const fingerprint of draft.alerts.keys()) add(index.byFingerprint, fingerprint, draft);
  // Time stands still within one call, so what takes no more alerts now need not be found by the rest.
  if (!takesMore) return draft;
  for (const id of draft.correlationIds) add(index.byCorrelation, id, draft);
  if (isByHand(draft)) return draft;
  if (incident.service !== null) add(index.byService, incident.service, draft);
  for (const alert of draft.alerts.values()) add(index.byName, nameOf(alert), draft);
  return draft;
}

/** Nobody finds it any more; `drafts` is the caller's to put in order. */
export function remove(draft: Draft): void {
  for (const [lookup, key] of draft.entries) {
    const others = (lookup.get(key) ?? []).filter((other) => other !== draft);
    if (others.length === 0) lookup.delete(key);
    else lookup.set(key, others);
  }
}

export function newDraft(incident: Incident, index: Index): Draft {
  const alerts = new Map(incident.alerts.map((alert) => [alert.fingerprint, alert]));
  const draft: Draft = {
    incident,
    alerts,
    first: alerts.values().next().value,
    correlationIds: new Set(incident.correlationIds),
    services: new Set(incident.alerts.flatMap(({ service }) => service ?? [])),
    entries: [],
    firing: incident.alerts.filter((alert) => alert.status === 'firing').length,
    isChanged: false,
    holdsOthers: false,
  };
  index.drafts.push(draft);
  return draft;
}

/** Puts a firing alert into a draft, and the draft where the next alert will look for it. */
export function put(alert: Alert, draft: Draft, index: Index): void {
  draft.isChanged = true;
  if (alert.service !== null) draft.services.add(alert.service);
  for (const id of alert.correlationIds) {
    if (draft.correlationIds.size >= maxCorrelationIds || draft.correlationIds.has(id)) continue;
    draft.correlationIds.add(id);
    add(index.byCorrelation, id, draft);
  }
  const known = draft.alerts.get(alert.fingerprint);
  if (known === undefined && !hasRoom(draft)) return;
  if (known?.status === 'firing' && known.startsAt > alert.startsAt) return; // a late repeat of what came before
  hold(alert, draft);
  if (known?.status !== 'firing') draft.firing++;
  if (known === undefined) add(index.byFingerprint, alert.fingerprint, draft);
  if (isByHand(draft)) return;
  add(index.byName, nameOf(alert), draft);
  const service = draft.incident.service ?? alert.service;
  if (service !== null) add(index.byService, service, draft);
}

/** In place of what it holds of the same alarm. */
export function hold(alert: Alert, draft: Draft): void {
  if (draft.first === undefined || draft.first.fingerprint === alert.fingerprint) draft.first = alert;
  draft.alerts.set(alert.fingerprint, alert);
  draft.holdsOthers = true;
}

/** Room for one more, made by forgetting a resolved alert where that is needed; never the first, which tells how it began. */
function hasRoom(draft: Draft): boolean {
  if (draft.alerts.size < maxAlerts) return true;
  if (draft.firing === draft.alerts.size) return false;
  const [, ...later] = draft.alerts.values();
  const over = later.find((alert) => alert.status === 'resolved');
  if (over !== undefined) draft.holdsOthers = true;
  return over !== undefined && draft.alerts.delete(over.fingerprint);
}

/** In a storm most are full and only count: their list of alerts stays the very one it was, which spares others to go through it. */
export function finished({ incident, alerts, correlationIds, holdsOthers }: Draft): Incident {
  const held = holdsOthers ? [...alerts.values()] : incident.alerts;
  return { ...incident, alerts: held, correlationIds: [...correlationIds], revision: incident.revision + 1 };
}

export function isByHand(draft: Draft): boolean {
  return draft.first?.format === 'manual';
}

export function nameOf(alert: Alert): string {
  return alert.labels['alertname'] ?? alert.title;
}

function add(lookup: Lookup, key: string, draft: Draft): void {
  const drafts = lookup.get(key);
  if (drafts?.at(-1) === draft) return;
  if (drafts === undefined) lookup.set(key, [draft]);
  else drafts.push(draft);
  draft.entries.push([lookup, key]);
}

export function newest(drafts: readonly Draft[] | undefined, fits: (draft: Draft) => boolean): Draft | undefined {
  return drafts?.findLast(fits);
}
