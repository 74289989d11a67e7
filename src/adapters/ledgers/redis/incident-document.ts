/**
 * An incident as Redis holds it: a document without its alerts, and each alert in a field of its own, named by its place.
 * A storm puts one alert after the other into an incident of a hundred, so a change writes the alerts that are not those of
 * the state it was made from, and the rest stays where it lies:
 *
 *   incident:INC-7   { … }  stamp 4f2a.3k      alerts:INC-7   0 → {…}  1 → {…}  2 → {…}
 *   one joins        { … }  stamp 4f2a.3l                                              3 → {…}
 *
 * The stamp is new with every commit. A change names the stamp it was made from, and is refused where another stands there,
 * also one of the same revision: a successor of a Redis that died may not have all that was answered.
 */
import type { Incident } from '../../../domain/incident.ts';

export interface StampedIncident {
  readonly incident: Incident;
  readonly stamp: string;
}

type Step = readonly (string | number)[];

/** `base`: what this process knows of the state before; null where it knows nothing of it, and everything is written. */
export function incidentSteps(incident: Incident, base: StampedIncident | null): Step[] {
  const { alerts, ...head } = incident;
  const { id, state, service, openedAt, resolvedAt, revision } = incident;
  const number = /^INC-(\d{1,15})$/.exec(id)?.[1];
  const overAt = Math.max(openedAt, resolvedAt ?? openedAt);
  const before = base?.incident.alerts ?? [];
  const changed = alerts.flatMap((alert, place) => (alert === before[place] ? [] : [place, JSON.stringify(alert)]));
  return [
    ['incident', id, number ?? '', state, service ?? '', openedAt, overAt, revision, base?.stamp ?? '', JSON.stringify(head)],
    ...(changed.length === 0 ? [] : [['alerts', changed.length / 2, id, ...changed]]),
    ...(before.length > alerts.length ? [['alertsGone', id, alerts.length, before.length - 1]] : []),
  ];
}

/** `fields`: places and alerts, one after the other, in any order. */
export function incidentIn(doc: string, fields: readonly string[]): Incident {
  const alerts: Incident['alerts'][number][] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) alerts[Number(fields[i])] = JSON.parse(fields[i + 1] ?? 'null');
  // What was stored before alerts had fields of their own has them in its document.
  return { ...(fields.length === 0 ? { alerts: [] } : { alerts }), ...(JSON.parse(doc) as Omit<Incident, 'alerts'>) };
}

/** So that what the caller makes of its lists later is not ours; what is in them is never altered. */
export function copyOf(incident: Incident): Incident {
  return { ...incident, alerts: [...incident.alerts], correlationIds: [...incident.correlationIds] };
}
