/**
 * The ledger as one decision sees it: it reads this replica's picture, and its commit says which version that was. The first try
 * is stored only where nothing of the picture has moved. A picture that was brought by a question asked since the decision began
 * knows everything that was acknowledged before then; on that a try is stored as if it had just been read, where it holds against
 * the incidents and numbers it touches. So replicas that are all busy do not wait for a moment in which none of the others stores.
 *
 * Deliveries that were seen before are told by the refusal.
 */
import type { IncidentQuery, Ledger } from '../../../ports.ts';
import type { Commit } from './committer.ts';
import { placeOf } from './incident-reader.ts';
import { latestKept, type Picture, type Pictures } from './picture.ts';

export interface DecidingOptions {
  readonly ledger: Ledger;
  readonly pictures: Pictures;
  readonly assure: () => void;
  readonly commit: Commit;
}

export function createDecision({ ledger, pictures, assure, commit }: DecidingOptions): Ledger {
  const begun = pictures.ask();
  let looking: Promise<Picture | null> | null = null;
  /** What a refusal told of the deliveries it was about; null before the first. */
  let told: Map<string, { readonly incidentId: string | null } | 'unseen'> | null = null;

  const look = () => {
    looking ??= pictures.current();
    return looking;
  };
  return {
    ...ledger,
    async seen(keys) {
      assure();
      if ((await look()) === null) return ledger.seen(keys);
      if (told === null) return new Map();
      const seen = new Map(await ledger.seen(keys.filter((key) => told?.has(key) !== true)));
      for (const key of keys) {
        const answer = told.get(key);
        if (answer !== undefined && answer !== 'unseen') seen.set(key, answer.incidentId);
      }
      return seen;
    },
    async incidents(query) {
      const picture = await look();
      const isPictured = query.after === undefined && query.state === undefined && query.service === undefined;
      const reach = query.live === true ? Number.POSITIVE_INFINITY : latestKept - 1;
      return picture !== null && isPictured && query.limit <= reach ? page(picture, query) : ledger.incidents(query);
    },
    async incident(id) {
      const found = (await look())?.live.find(({ incident }) => incident.id === id);
      return found === undefined ? ledger.incident(id) : found.incident;
    },
    async acts(sinceAt, limit) {
      const picture = await look();
      if (picture === null || sinceAt < picture.actsFrom) return ledger.acts(sinceAt, limit);
      return picture.acts.filter(({ at }) => at >= sinceAt).slice(-limit);
    },
    async lastIncidentNumber() {
      return (await look())?.lastNumber ?? ledger.lastIncidentNumber();
    },
    async commit(change) {
      const picture = await look();
      if (picture === null) return ledger.commit(change);
      const { isStored, seen } = await commit(change, { how: picture.asked > begun ? 'lately' : 'now', picture });
      if (isStored) return 'committed';
      looking = null;
      told ??= new Map();
      for (const { key } of change.seen ?? []) told.set(key, seen.has(key) ? { incidentId: seen.get(key) ?? null } : 'unseen');
      return 'conflict';
    },
  };
}

function page(picture: Picture, { live, limit }: IncidentQuery) {
  const all = live === true ? picture.live : picture.latest;
  const last = all.length > limit ? all[limit - 1] : undefined;
  return {
    incidents: all.slice(0, limit).map(({ incident }) => incident),
    next: last === undefined ? null : placeOf(last.incident.openedAt, last.row),
  };
}
