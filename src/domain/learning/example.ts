/** Verdicts as labelled examples: one per judged incident, with the numbers its ranking saw and what each person said of it. */
import type { Vote } from '../feedback.ts';
import { type PreparedCase, prepare } from './replay.ts';

/** One person's standing word on one incident. */
export interface Voice {
  readonly person: string;
  readonly at: number;
  /** Places of the suspects that are right by this word; `none` is open where the person only said who it is not. */
  readonly right: ReadonlySet<number>;
  readonly maybeNone: boolean;
}

export interface Example {
  readonly incidentId: string;
  readonly prepared: PreparedCase;
  readonly voices: readonly Voice[];
}

/** Incidents looked at: older ones have faded by then. */
const most = 300;

/** From the log alone: the latest word of a person on a suspect counts, and a word taken back was never said. */
export function examplesOf(votes: readonly Vote[]): Example[] {
  const ordered = [...votes].sort((a, b) => a.at - b.at);
  const byIncident = [...Map.groupBy(ordered, ({ incidentId }) => incidentId)];
  return byIncident.slice(-most).flatMap(([incidentId, of]) => exampleOf(incidentId, of) ?? []);
}

function exampleOf(incidentId: string, votes: readonly Vote[]): Example | null {
  const standing = new Map<string, Vote>();
  for (const vote of votes) {
    const key = `${vote.person}\n${vote.hypothesisId}`;
    standing.delete(key);
    if (vote.verdict !== 'withdraw') standing.set(key, vote);
  }
  const words = [...standing.values()];
  const seen = words.findLast(({ suspects }) => suspects !== undefined)?.suspects ?? [];
  if (seen.length === 0) return null;
  const placeOf = new Map(seen.map(({ service }, place) => [service, place]));
  const voices = [...Map.groupBy(words, ({ person }) => person)].flatMap(([person, own]) => voiceOf(person, own, placeOf) ?? []);
  return voices.length === 0 ? null : { incidentId, prepared: prepare(seen), voices };
}

function voiceOf(person: string, own: readonly Vote[], placeOf: ReadonlyMap<string, number>): Voice | null {
  const at = Math.max(...own.map((vote) => vote.at));
  const named = own.flatMap(({ verdict, service, actualService }) => (verdict === 'confirm' ? service : (actualService ?? [])));
  const right = new Set(named.flatMap((service) => placeOf.get(service) ?? []));
  if (right.size > 0) return { person, at, right, maybeNone: false };
  const rejected = new Set(own.flatMap(({ verdict, service }) => (verdict === 'reject' ? (placeOf.get(service) ?? []) : [])));
  if (rejected.size === 0) return null;
  return { person, at, right: new Set([...placeOf.values()].filter((place) => !rejected.has(place))), maybeNone: true };
}

/** Changes when any word on which something was learned is changed or taken back; what was said later leaves it as it is. */
export function basisOf(votes: readonly Vote[], until: number): string {
  const standing = new Map<string, Vote>();
  for (const vote of [...votes].sort((a, b) => a.at - b.at)) standing.set(`${vote.incidentId}\n${vote.person}\n${vote.hypothesisId}`, vote);
  return [...standing.values()]
    .filter(({ at, verdict }) => at <= until && verdict !== 'withdraw')
    .map(({ id }) => id)
    .sort()
    .join(' ');
}
