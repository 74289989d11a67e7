/**
 * Calls that fail by their caller's doing: of all who call a service, one alone finds it failing, and only since that one was
 * released. It asks what it should not, gives up early, or has no connection left; the service called is well.
 *
 *   feed v2 ── all its calls fail ──> graph (v1 and v2 alike) <── all well ── timeline, feed v1
 */
import type { Change } from '../change.ts';
import { type EdgeLoss, type EdgeSample, noticeableLoss, recentMs } from './edge-metrics.ts';

/** So many measurements of others clear whom one caller alone finds failing. */
const fewestOthers = 3;
/** So many measurements show how pods of one kind do. */
const fewestPerKind = 2;
/** Others lose at most this much of what the one loses: new pods on either side stumble as they start. */
const inPassing = 0.1;
/** Pods fail alike where the one kind loses at least this much of what the other does. */
const alike = 0.5;

export interface Accounts {
  readonly samples: readonly EdgeSample[];
  readonly alertAt: number;
  /** The latest release of each service. */
  readonly changes: readonly Change[];
  /** Measurements of a release's new pods; null where nothing tells new pods from old ones. */
  readonly fresh: (change: Change) => readonly EdgeSample[] | null;
}

export interface OwnDoing {
  /** What is left of what fails. */
  readonly losses: Map<string, EdgeLoss>;
  /** By caller: whom it calls in vain by its own doing, and those calls. */
  readonly own: ReadonlyMap<string, readonly EdgeLoss[]>;
}

/** Takes the calls that fail by their caller's doing out of what fails. */
export function withoutOwnDoing(losses: ReadonlyMap<string, EdgeLoss>, accounts: Accounts): OwnDoing {
  const left = new Map<string, EdgeLoss>();
  const own = new Map<string, EdgeLoss[]>();
  const failing = new Set([...losses.values()].flatMap(({ samples }) => samples.map(({ client }) => client)));
  const into = Map.groupBy(accounts.samples, ({ server }) => server);
  for (const [server, loss] of losses) {
    const of = { ...accounts, samples: into.get(server)! };
    const callers = [...new Set(loss.samples.map(({ client }) => client))];
    const guilty = callers.filter((client) => isOwnDoing(client, loss, { fails: losses.has(client), failsBelow: failing.has(server) }, of));
    const isOthers = ({ client }: EdgeSample): boolean => guilty.length !== 1 || client !== guilty[0];
    const samples = loss.samples.filter(isOthers);
    if (samples.length > 0) left.set(server, { ...loss, samples });
    if (samples.length < loss.samples.length)
      own.set(guilty[0]!, [...(own.get(guilty[0]!) ?? []), { ...loss, samples: loss.samples.filter((sample) => !isOthers(sample)) }]);
  }
  return { losses: left, own };
}

/** Whether calls to the caller fail, and calls of the callee. */
interface Around {
  readonly fails: boolean;
  readonly failsBelow: boolean;
}

/** `samples`: of calls to that one server. */
function isOwnDoing(
  client: string,
  { server, samples: bad }: EdgeLoss,
  { fails, failsBelow }: Around,
  { samples, alertAt, changes, fresh }: Accounts,
): boolean {
  const change = changes.find(({ service }) => service === client);
  const other = changes.find(({ service }) => service === server);
  if (change === undefined) return false;
  const mine = bad.filter((sample) => sample.client === client);
  if (mine.some(({ at }) => at < change.startedAt)) return false;
  const earlier = samples.filter((one) => one.client === client && one.at < change.startedAt && one.at >= change.startedAt - recentMs);
  if (earlier.length > 0 && meanLoss(earlier) >= alike * meanLoss(mine)) return false;
  const freshOfServer = other ? fresh(other) : null;
  // New pods that have yet to serve, the others may not have met.
  if (other && freshOfServer?.length === 0) return false;
  const calls = samples.filter((sample) => sample.at >= alertAt - recentMs);
  const others = calls.filter((sample) => sample.client !== client);
  const isAlone = fails && mine.length === bad.length && mine.every(({ service }) => service === client);
  if (isAlone && others.length >= fewestOthers && others.every(({ loss }) => loss <= noticeableLoss)) return true;
  const newOf = new Set(fresh(change));
  const since = calls.filter((sample) => sample.client === client && sample.at >= change.startedAt);
  const own = since.filter(({ service }) => service === client);
  const [onNew, onOld] = split(own, newOf);
  const lost = meanLoss(onNew.length > 0 ? onNew : mine);
  const isWell = (list: readonly EdgeSample[], fewest: number): boolean => list.length >= fewest && meanLoss(list) <= inPassing * lost;
  // What the callee counts of these calls are those that came to it.
  const arrived = since.filter(({ service }) => service === server);
  const neverCame = onNew.length > 0 && isWell(arrived, 1) ? arrived : [];
  const [byNew, byOld] = split(arrived, new Set(freshOfServer));
  const failsAlike = byOld.length >= fewestPerKind && meanLoss(byOld) > inPassing * lost && meanLoss(byOld) >= alike * meanLoss(byNew);
  // Of two contrasts, pods of the caller that differ and pods of the callee that do not, each needs less.
  const fewest = failsAlike && onOld.length > 0 ? fewestPerKind : fewestOthers;
  if (!isWell([...others, ...onOld, ...neverCame], fewest) || (onOld.length > 0 && !isWell(onOld, 1))) return false;
  if (other === undefined && !failsBelow) return true;
  const served = (freshOfServer ?? []).reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
  const before = samples.filter((one) => one.service === client && one.client === client && one.at >= served && !newOf.has(one));
  return failsAlike || isWell(before, fewestPerKind);
}

function split(samples: readonly EdgeSample[], fresh: ReadonlySet<EdgeSample>): [EdgeSample[], EdgeSample[]] {
  return [samples.filter((sample) => fresh.has(sample)), samples.filter((sample) => !fresh.has(sample))];
}

const meanLoss = (samples: readonly EdgeSample[]): number => samples.reduce((sum, { loss }) => sum + loss, 0) / samples.length;
