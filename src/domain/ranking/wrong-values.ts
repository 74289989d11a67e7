/**
 * Whose release gives wrong answers: its calls succeed, and whoever works with what they bring fails. A service fails that
 * was not released, while all it asks is answered; of all beneath it one alone was released, just before that.
 *
 *   web ── calls to feed fail ──> feed v1 ── all calls succeed ──> ranker v2, released when that began: ranker's doing
 */
import type { Change } from '../change.ts';
import { type EdgeSample, noticeableLoss } from './edge-metrics.ts';
import { firstBad, type ReleaseOnsets, slackMs, soonMs } from './release-onsets.ts';
import type { SignalName, Suspicions } from './suspicion.ts';

/** So many measurements show that new pods answer. */
const fewestAnswered = 2;

/** What a service shows of itself that is reason enough to fail, whatever it is answered; from this value on. */
const ownReasons: readonly SignalName[] = ['cpu', 'pressure', 'restart', 'condition'];
const clearly = 1;

/** By service that fails and was not released: the one that it calls whose release is behind that. */
export function wrongValuesBehind(
  { losses, samples, changes, fresh, known }: ReleaseOnsets,
  suspicions: Pick<Suspicions, 'value'>,
): Map<string, string> {
  const found = new Map<string, string>();
  const made = Map.groupBy(samples, ({ client }) => client);
  const failing = new Set([...losses.values()].flatMap((loss) => loss.samples.map(({ client }) => client)));
  for (const loss of losses.values()) {
    const { server } = loss;
    if (failing.has(server) || changes.some(({ service }) => service === server)) continue;
    if (ownReasons.some((signal) => suspicions.value(server, signal) >= clearly)) continue;
    const below = known.reach(server);
    const released = changes.filter(({ service }) => below.has(service));
    const [change] = released;
    if (released.length !== 1 || !known.calls(server).has(change!.service)) continue;
    const since = firstBad(loss, samples);
    if (since === null || since < change!.startedAt - slackMs || since - change!.startedAt >= soonMs) continue;
    if (isAnswered(change!, made.get(server) ?? [], fresh(change!))) found.set(server, change!.service);
  }
  return found;
}

/** Whether calls to a release since it began went well: those its new pods took, where they can be told. */
function isAnswered({ service, startedAt }: Change, made: readonly EdgeSample[], fresh: readonly EdgeSample[] | null): boolean {
  const newOf = fresh && new Set(fresh);
  const taken = made.filter((sample) => sample.server === service && sample.at >= startedAt);
  const byNew = newOf === null ? taken : taken.filter((sample) => newOf.has(sample));
  const isWell = (list: readonly EdgeSample[]): boolean => list.reduce((sum, { loss }) => sum + loss, 0) <= noticeableLoss * list.length;
  return byNew.length >= fewestAnswered && isWell(byNew) && isWell(taken);
}
