/**
 * Decides which incident each alert belongs to. Pure: the same alerts, open incidents and clock give the same answer.
 *
 * A firing alert joins the first of these, newest incident first, and else opens an incident of its own:
 *   1. an incident that holds its fingerprint (also one resolved shortly before, which is opened again: flapping);
 *   2. one that shares a correlation id;
 *   3. one of the same service, in the same environment;
 *   4. for an alert that names no service: one that got an alert of the same name a moment ago;
 *   5. while many are opened at once, the one it is nearest to on the map (`storm.ts`).
 * Time bounds all of them: an incident that heard nothing for `quietMs`, or is older than `maxLengthMs`, takes no more; a mute
 * in force outlasts both. A critical alert of another service opens its own, except in a storm. A person's question is an incident
 * of its own: it joins none, and no alert joins it by service or name.
 *
 * A resolved alert resolves its fingerprint, and the incident once nothing in it fires. One that ended before the alarm
 * fired anew, or that nobody knows, changes nothing. Alerts are taken in the order in which they happened, so a batch that
 * brings the resolution first still ends resolved.
 */
import { type Alert, receiptKey, type Severity, severities } from './alert.ts';
import type { Incident } from './incident.ts';
import { createStorm, type Neighbours, type Storm } from './storm.ts';
import { type Draft, finished, hold, type Index, nameOf, newest, newDraft, put } from './incident-drafts.ts';
import { createKeptIndex } from './kept-index.ts';

export interface GroupingOptions {
  /** Default 15 min: Alertmanager tells of news in a group every 5 min, so three silent intervals are an end. */
  readonly quietMs?: number;
  /** Default 4 h, Alertmanager's repeat interval: what lasts longer is told again. */
  readonly maxLengthMs?: number;
  /** Default 10 min: how long after its end the same alarm opens an incident again. */
  readonly reopenMs?: number;
  /** Default 2 min: how close alerts of one name without a service must follow each other. */
  readonly sameNameMs?: number;
}

export interface GroupingInput extends GroupingOptions {
  readonly now: number;
  /** Highest number used in an `INC-n` id. */
  readonly lastNumber: number;
  /** Services that are muted, and until when: what opens for them opens muted. */
  readonly mutes?: ReadonlyMap<string, number>;
  /** Who calls whom; without it nothing is known to be near. */
  readonly neighbours?: Neighbours;
  /** `receiptKey` of each alert, for whoever has them already. */
  readonly keys?: readonly string[];
}

/** Where one alert went. `receiptKey` is to be stored with it. An alert that changes nothing may belong nowhere. */
export type Outcome = Went<'opened'> | Went<'joined'> | Went<'resolved'> | Went<'unchanged', string | null>;

interface Went<Kind extends string, Id = string> {
  readonly receiptKey: string;
  readonly outcome: Kind;
  readonly incidentId: Id;
}

export interface Grouping {
  /** New and changed incidents, revision counted up by one. */
  readonly incidents: readonly Incident[];
  /** One per alert, in the order given. */
  readonly outcomes: readonly Outcome[];
}

const minute = 60_000;
const defaults = { quietMs: 15 * minute, maxLengthMs: 240 * minute, reopenMs: 10 * minute, sameNameMs: 2 * minute };

/** `open`: live incidents, and where flapping is to be recognised those resolved lately. */
export type GroupAlerts = (alerts: readonly Alert[], open: readonly Incident[], options: GroupingInput) => Grouping;

/** `groupAlerts` for whoever asks again and again: the same answers, with what was found of incidents kept in between. */
export function createGrouping(): GroupAlerts {
  const kept = createKeptIndex();
  return (alerts, open, options) => {
    const limits: Limits = { ...defaults, mutes: new Map(), ...options };
    return grouped(
      alerts,
      kept.of(open, (incident) => takesMore(incident, limits)),
      limits,
      options,
    );
  };
}

export const groupAlerts: GroupAlerts = (alerts, open, options) => createGrouping()(alerts, open, options);

function grouped(alerts: readonly Alert[], index: Index, limits: Limits, options: GroupingInput): Grouping {
  const storm = createStorm(index, options.now, options.neighbours ?? (() => []));
  let number = options.lastNumber;
  const outcomes: Outcome[] = [];
  const take = (alert: Alert, place: number): void => {
    const key = options.keys?.[place] ?? receiptKey(alert);
    if (alert.status === 'resolved') outcomes[place] = resolve(alert, key, index, limits);
    else outcomes[place] = join(alert, key, index, limits, storm) ?? openFor(alert, key, `INC-${++number}`, index, limits);
  };
  if (isInOrderOfTime(alerts)) alerts.forEach(take);
  else for (const [alert, place] of inOrderOfTime(alerts)) take(alert, place);
  return { incidents: index.drafts.filter((draft) => draft.isChanged).map(finished), outcomes };
}

type Limits = Required<GroupingOptions> & { readonly now: number; readonly mutes: ReadonlyMap<string, number> };

function join(alert: Alert, key: string, index: Index, limits: Limits, storm: Storm): Outcome | null {
  const same = newest(
    index.byFingerprint.get(alert.fingerprint),
    (draft) => (takesMore(draft.incident, limits) || isFlapping(draft, limits)) && !wouldSwallow(draft, alert),
  );
  const known = same?.alerts.get(alert.fingerprint);
  if (same !== undefined && known !== undefined && isOld(alert, key, known))
    return { receiptKey: key, outcome: 'unchanged', incidentId: same.incident.id };
  const draft = same ?? (alert.format === 'manual' ? undefined : (related(alert, index, limits) ?? shelter(alert, storm, limits)));
  if (draft === undefined) return null;
  put(alert, draft, index);
  // Opened anew it is looked at anew: the telemetry of its first time may be gone.
  const isAnew = draft.incident.state === 'resolved';
  const incident = isAnew ? { ...draft.incident, alertAt: alert.startsAt, openedAt: limits.now } : draft.incident;
  // A mute in force outlasts an end and a new beginning, and one of the service may have come in between.
  const ofService = isAnew && incident.service !== null ? (limits.mutes.get(incident.service) ?? null) : null;
  const mutedUntil = ofService === null ? incident.mutedUntil : Math.max(ofService, incident.mutedUntil ?? 0);
  const isMuted = mutedUntil === null ? incident.state === 'muted' : mutedUntil > limits.now;
  draft.incident = {
    ...incident,
    state: isMuted ? 'muted' : 'open',
    mutedUntil: isMuted ? mutedUntil : null,
    resolvedAt: null,
    severity: graver(incident.severity, alert.severity),
    service: incident.service ?? alert.service,
    alertCount: incident.alertCount + 1,
    lastAlertAt: limits.now,
    updatedAt: limits.now,
  };
  return { receiptKey: key, outcome: 'joined', incidentId: incident.id };
}

/** What opens for a muted service is silent, and stays apart. */
function shelter(alert: Alert, storm: Storm, { mutes }: Limits): Draft | undefined {
  return alert.service !== null && mutes.has(alert.service) ? undefined : storm.shelterFor(alert);
}

function related(alert: Alert, index: Index, limits: Limits): Draft | undefined {
  for (const id of alert.correlationIds) {
    const draft = newest(index.byCorrelation.get(id), (found) => isLive(found) && !wouldSwallow(found, alert));
    if (draft !== undefined) return draft;
  }
  if (alert.service !== null)
    return newest(index.byService.get(alert.service), (found) => isLive(found) && isSameEnvironment(found, alert));
  return newest(
    index.byName.get(nameOf(alert)),
    (found) => isLive(found) && limits.now - found.incident.lastAlertAt <= limits.sameNameMs && isSameEnvironment(found, alert),
  );
}

function openFor(alert: Alert, key: string, id: string, index: Index, { now, mutes }: Limits): Outcome {
  const mutedUntil = alert.service === null || alert.format === 'manual' ? null : (mutes.get(alert.service) ?? null);
  const draft = newDraft(
    {
      id,
      title: alert.title,
      state: mutedUntil === null ? 'open' : 'muted',
      severity: alert.severity,
      service: alert.service,
      correlationIds: [],
      alerts: [],
      alertCount: 1,
      alertAt: alert.startsAt,
      openedAt: now,
      lastAlertAt: now,
      updatedAt: now,
      resolvedAt: null,
      mutedUntil,
      revision: 0,
    },
    index,
  );
  put(alert, draft, index);
  return { receiptKey: key, outcome: 'opened', incidentId: id };
}

function resolve(alert: Alert, key: string, index: Index, { now }: Limits): Outcome {
  const holding = (index.byFingerprint.get(alert.fingerprint) ?? []).filter(isLive);
  const ended = holding.filter((draft) => {
    const known = draft.alerts.get(alert.fingerprint);
    return known?.status === 'firing' && known.startsAt <= endOf(alert);
  });
  for (const draft of ended) {
    const { incident } = draft;
    hold(alert, draft);
    draft.firing--;
    draft.isChanged = true;
    const isOver = draft.firing === 0;
    draft.incident = {
      ...incident,
      state: isOver ? 'resolved' : incident.state,
      resolvedAt: isOver ? Math.min(now, Math.max(incident.alertAt, endOf(alert))) : null,
      alertCount: incident.alertCount + 1,
      updatedAt: now,
    };
  }
  const at = ended.at(-1);
  return at === undefined
    ? {
        receiptKey: key,
        outcome: 'unchanged',
        incidentId: index.byFingerprint.get(alert.fingerprint)?.at(-1)?.incident.id ?? null,
      }
    : { receiptKey: key, outcome: 'resolved', incidentId: at.incident.id };
}

function takesMore(incident: Incident, { now, quietMs, maxLengthMs }: Limits): boolean {
  if (incident.state === 'resolved') return false;
  if (incident.state === 'muted' && incident.mutedUntil !== null && now < incident.mutedUntil) return true;
  return now - incident.lastAlertAt <= quietMs && now - incident.openedAt <= maxLengthMs;
}

function isFlapping({ incident }: Draft, { now, reopenMs, maxLengthMs }: Limits): boolean {
  return incident.resolvedAt !== null && now - incident.resolvedAt <= reopenMs && now - incident.openedAt <= maxLengthMs;
}

/** Something already known of this alarm: the same firing again, or one that has ended since. */
function isOld(alert: Alert, key: string, known: Alert): boolean {
  return known.status === 'firing' ? key === receiptKey(known) : alert.startsAt < endOf(known) || alert.startsAt === known.startsAt;
}

function endOf(resolved: Alert): number {
  return Math.max(resolved.startsAt, resolved.endsAt ?? 0);
}

function wouldSwallow({ incident }: Draft, alert: Alert): boolean {
  return alert.severity === 'critical' && alert.service !== null && incident.service !== null && alert.service !== incident.service;
}

function isLive({ incident }: Draft): boolean {
  return incident.state !== 'resolved';
}

/** Alerts that do not say where they are from may be from anywhere. */
function isSameEnvironment(draft: Draft, alert: Alert): boolean {
  const environment = draft.first?.environment ?? null;
  return environment === null || alert.environment === null || environment === alert.environment;
}

function graver(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) <= severities.indexOf(b) ? a : b;
}

const happenedAt = (alert: Alert): number => (alert.status === 'resolved' ? endOf(alert) : alert.startsAt);

function isInOrderOfTime(alerts: readonly Alert[]): boolean {
  for (let i = 1; i < alerts.length; i++) if (happenedAt(alerts[i]!) < happenedAt(alerts[i - 1]!)) return false;
  return true;
}

/** With the place each had. */
function inOrderOfTime(alerts: readonly Alert[]): [alert: Alert, place: number][] {
  return alerts.map((alert, place): [Alert, number] => [alert, place]).sort(([a], [b]) => happenedAt(a) - happenedAt(b));
}
