/** Brings a change to Redis, and this replica's picture up to date with what Redis answers. */
import type { LedgerChange, Work } from '../../../ports.ts';
import { commitScript } from './commit-script.ts';
import { encodeChange } from './encode-change.ts';
import { copyOf } from './incident-document.ts';
import type { DurabilityCheck } from './durability.ts';
import type { IncidentReader } from './incident-reader.ts';
import type { CommitReply, Pictures, Stand } from './picture.ts';
import type { RedisRecords } from './records.ts';

/** Runs a script of the ledger's; whatever keeps Redis from it is a Failure. */
export type RunScript = (attempt: string, script: string, args: readonly (string | number)[]) => Promise<unknown>;

export interface CommitterOptions {
  readonly now: () => number;
  readonly rememberMs: number;
  readonly run: RunScript;
  readonly nextStamp: () => string;
  readonly records: RedisRecords;
  readonly incidents: IncidentReader;
  readonly pictures: Pictures;
  readonly assure?: () => void;
  readonly secure?: DurabilityCheck['secure'];
  readonly onWork?: (work: readonly Work[]) => void;
}

export interface Committed {
  readonly isStored: boolean;
  /** Of a change that is refused: the deliveries in it that were seen before, and the incident each went to. */
  readonly seen: ReadonlyMap<string, string | null>;
}

export type Commit = (change: LedgerChange, stand?: Stand) => Promise<Committed>;

export function createCommitter(options: CommitterOptions): Commit {
  const { incidents, pictures, now, rememberMs } = options;

  async function store(change: LedgerChange, stand?: Stand): Promise<CommitReply> {
    const own = { incidents: (change.incidents ?? []).map(copyOf), acts: [...(change.acts ?? [])] };
    const isPlain = change.revived === undefined || change.revived.length === 0;
    const revived = isPlain ? [] : await options.records.buried(change.revived ?? []);
    const steps = encodeChange(change, { revived, baseOf: incidents.baseOf });
    const stamp = options.nextStamp();
    // Who moves nothing of the picture and does not stand on it need not hear of it.
    const isAside = stand === undefined && own.incidents.length === 0 && own.acts.length === 0;
    const given = isAside ? null : pictures.given(stand?.picture);
    const { version = '', actsFrom = 0, mostActs = 0 } = given ?? {};
    const head = [rememberMs, now() - rememberMs, stamp, stand?.how ?? '', version, actsFrom, mostActs];
    const reply = (await options.run('store a change', commitScript, [...head, ...steps])) as CommitReply;
    if (reply[0] === 1) for (const incident of own.incidents) incidents.keep({ incident, stamp });
    if (given !== null) pictures.heard(given, reply, own);
    return reply;
  }

  return async (change, stand) => {
    if (change.seen !== undefined && change.seen.length > 0) options.assure?.();
    const [stored, , , , seen] = await store(change, stand);
    if (stored !== 1) {
      // It is acknowledged again, perhaps for somebody who was told that it was not safe.
      if (seen.length > 0) await options.secure?.('met');
      return { isStored: false, seen: new Map(seen.map(([key, incidentId]) => [key, incidentId || null])) };
    }
    await options.secure?.('written');
    if (change.work !== undefined && change.work.length > 0) options.onWork?.(change.work);
    return { isStored: true, seen: new Map() };
  };
}
