/**
 * The index of incidents between two calls. A storm asks for it hundreds of times a second, and of a thousand incidents each
 * time one or two are other than before: only these are taken out and put in anew, and with them what the last call tried,
 * whether it was stored or not. What comes out is what an index made anew would be.
 */
import type { Alert } from './alert.ts';
import type { Incident } from './incident.ts';
import { type Draft, emptyIndex, type Index, insert, nameOf, remove } from './incident-drafts.ts';

export interface KeptIndex {
  /** `open`: all incidents that are to be found. `takesMore`: whether alerts other than those it already holds may join one. */
  of(open: readonly Incident[], takesMore: (incident: Incident) => boolean): Index;
}

/** A draft as it was put in, so that the next call can tell whether it is still that. */
interface Standing {
  readonly draft: Draft;
  readonly takesMore: boolean;
  entries: number;
  services: number;
  incident: Incident;
}

export function createKeptIndex(): KeptIndex {
  const index = emptyIndex();
  let standing = new Map<string, Standing>();
  return {
    of(open, takesMore) {
      const before = standing;
      standing = new Map();
      const arriving: Incident[] = [];
      for (const incident of open) {
        const known = before.get(incident.id);
        if (known !== undefined && follows(known, incident, takesMore(incident))) standing.set(incident.id, known);
        else arriving.push(incident);
      }
      const gone = index.drafts.filter((draft) => standing.get(draft.incident.id)?.draft !== draft);
      if (gone.length === 0 && arriving.length === 0) return index;
      gone.forEach(remove);
      for (const incident of arriving) standing.set(incident.id, standingOf(incident, takesMore(incident), index));
      putInOrder(index, open, standing, arriving);
      return index;
    },
  };
}

function standingOf(incident: Incident, takesMore: boolean, index: Index): Standing {
  const draft = insert(incident, takesMore, index);
  return { draft, takesMore, entries: draft.entries.length, services: draft.services.size, incident };
}

/** True when it is found where an index made anew would have it; the draft is then one of this incident. */
function follows(known: Standing, incident: Incident, takesMore: boolean): boolean {
  const { draft, incident: before } = known;
  if (takesMore !== known.takesMore) return false;
  if (incident === before && !draft.isChanged && draft.entries.length === known.entries) return true;
  const isAlike = incident.service === before.service && incident.openedAt === before.openedAt && incident.state === before.state;
  if (!isAlike || !isSame(draft.correlationIds, incident.correlationIds)) return false;
  if (draft.holdsOthers || incident.alerts !== before.alerts) {
    if (!isSame(draft.alerts.values(), incident.alerts)) return false;
    if (!before.alerts.every((alert, place) => isFoundAlike(alert, incident.alerts[place]))) return false;
  }
  if (!isInPlace(known)) return false;
  known.incident = incident;
  known.entries = draft.entries.length;
  draft.incident = incident;
  draft.isChanged = false;
  draft.holdsOthers = false;
  if (draft.services.size !== known.services) {
    // Those that were only counted were added last; where more alerts are held, one may be of a service of these.
    if (incident.alerts.length === before.alerts.length) shorten(draft.services, known.services);
    else resetServices(draft, incident.alerts);
    known.services = draft.services.size;
  }
  return true;
}

/**
 * What has joined meanwhile holds what found it, for `put` adds an alert and the places that lead to it together; one that was only
 * counted leads nowhere new. Where it stood before, it stands in order, and the place it was given behind others is taken back:
 *
 *   by name   ErrorsHigh → [INC-1, INC-2, INC-1]   becomes [INC-1, INC-2]
 *
 * Where it is new, there is an order to keep unless nobody else is found there.
 */
function isInPlace({ draft, entries }: Standing): boolean {
  for (const entry of draft.entries.splice(entries)) {
    const found = entry[0].get(entry[1]) ?? [];
    const last = found.lastIndexOf(draft);
    if (found.indexOf(draft) < last) found.splice(last, 1);
    else draft.entries.push(entry);
  }
  return draft.entries.slice(entries).every(([lookup, key]) => lookup.get(key)?.length === 1);
}

/** To its first so many. */
function shorten(services: Set<string>, length: number): void {
  let place = 0;
  for (const service of services) if (place++ >= length) services.delete(service);
}

/** Those that were only counted are not held. */
function resetServices({ services }: Draft, alerts: readonly Alert[]): void {
  services.clear();
  for (const { service } of alerts) if (service !== null) services.add(service);
}

/** The same alarm, perhaps in another state: found by the same, and of the same service. */
function isFoundAlike(alert: Alert, before: Alert | undefined): boolean {
  if (alert === before) return true;
  if (before === undefined || alert.fingerprint !== before.fingerprint || alert.format !== before.format) return false;
  return alert.service === before.service && nameOf(alert) === nameOf(before);
}

function isSame<T>(some: Iterable<T>, list: readonly T[]): boolean {
  let place = 0;
  for (const one of some) if (one !== list[place++]) return false;
  return place === list.length;
}

/** By the time of opening, of one moment as they were given, in the whole and wherever one of those that arrived is found. */
function putInOrder(index: Index, open: readonly Incident[], standing: ReadonlyMap<string, Standing>, arriving: readonly Incident[]): void {
  const drafts = open.toSorted((a, b) => a.openedAt - b.openedAt).flatMap(({ id }) => standing.get(id)?.draft ?? []);
  index.drafts.splice(0, index.drafts.length, ...drafts);
  const places = new Map(drafts.map((draft, place) => [draft, place]));
  const disturbed = new Set(
    arriving.flatMap(({ id }) => (standing.get(id)?.draft.entries ?? []).map(([lookup, key]) => lookup.get(key) ?? [])),
  );
  for (const found of disturbed) if (found.length > 1) found.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}
