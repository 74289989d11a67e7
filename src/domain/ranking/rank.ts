/** From telemetry, map and normal period to hypotheses: arithmetic only, same input, same answer. */
import type { Change } from '../change.ts';
import type { Evidence, Gap } from '../evidence.ts';
import type { Hypothesis, Verdict } from '../hypothesis.ts';
import { atOnce, type Steps } from '../steps.ts';
import { judgeAsksMore } from './asks-more.ts';
import { combine, type Combined } from './combine.ts';
import { judgeConditions } from './conditions.ts';
import { departuresIn } from './departures.ts';
import { excuse } from './excuses.ts';
import { gapsOf, hasTelemetry } from './gaps.ts';
import { judgeGauges } from './gauges.ts';
import { judgeGivenPorts } from './given-ports.ts';
import { hypothesise } from './hypothesise.ts';
import { readingsOf } from './metric-readings.ts';
import { judgeLostKeys } from './lost-keys.ts';
import { judgeMoreCalls, withoutDriven } from './more-calls.ts';
import { judgeOrigins } from './origins.ts';
import { judgePresence } from './presence.ts';
import { judgeProbes } from './probes.ts';
import type { RankInput } from './rank-input.ts';
import { judgeReleases } from './releases.ts';
import { judgeResources, strainedServices } from './resources.ts';
import { judgeReloads } from './reloads.ts';
import { judgeRestartCounts } from './restart-counts.ts';
import { judgeRestarts } from './restarts.ts';
import { doubtLockedStores } from './lock-waits.ts';
import { observe, onsetAt, type Scene } from './scene.ts';
import { judgeSilent } from './silent.ts';
import { judgeSlowEdges } from './slow-edges.ts';
import { judgeSlowStart } from './slow-start.ts';
import { findSlowness, judgeQuickness, judgeSlowness, withStores } from './slowness.ts';
import { judgeStartsAnew } from './started-anew.ts';
import { judgeStillborn } from './stillborn.ts';
import { storesAtFault } from './stores.ts';
import { withStrainedStore } from './strained-stores.ts';
import { Suspicions } from './suspicion.ts';
import { judgeUnanswered } from './unanswered.ts';
import { unconsumed } from './unconsumed.ts';
import { judgeUnfitStores } from './unfit-stores.ts';
import { judgeUnlaidQueues } from './unlaid-queues.ts';
import { judgeUnreachable } from './unreachable.ts';
import { judgeUnrouted } from './unrouted.ts';
import { judgeAnswers } from './wrong-answers.ts';

export interface Ranking {
  readonly verdict: Verdict;
  readonly onsetAt: number | null;
  /** Best first, at most 5, one per service. */
  readonly hypotheses: readonly Hypothesis[];
  readonly evidence: readonly Evidence[];
  readonly gaps: readonly Gap[];
}

export function rank(input: RankInput): Ranking {
  return atOnce(rankInSteps(input));
}

/** The same, letting others go first now and then. Until it has ended nobody else may rank with this baseline, or teach it. */
export function* rankInSteps(input: RankInput): Steps<Ranking> {
  const examined = yield* examining(input);
  const { scene, gaps } = examined;
  if (examined.suspicions === null) return { verdict: 'inconclusive', onsetAt: null, hypotheses: [], evidence: [], gaps };
  const combined = combine(scene, examined.suspicions);
  const { hypotheses, evidence } = hypothesise(scene, combined, examined.changes);
  return { verdict: verdictOf(scene, combined, hypotheses), onsetAt: onsetOf(scene, combined), hypotheses, evidence, gaps };
}

export interface Examined {
  readonly scene: Scene;
  readonly gaps: readonly Gap[];
  /** null where there is no telemetry to examine. */
  readonly suspicions: Suspicions | null;
  readonly changes: ReadonlyMap<string, Change>;
}

/** What speaks against whom, before it is weighed: the same whatever the weights are. */
export function examine(input: RankInput): Examined {
  return atOnce(examining(input));
}

function* examining(input: RankInput): Steps<Examined> {
  const scene = yield* observe(input);
  yield;
  const gaps = gapsOf(scene);
  if (!hasTelemetry(scene)) return { scene, gaps, suspicions: null, changes: new Map() };
  const suspicions = new Suspicions();
  const readings = readingsOf(scene);
  const seen = findSlowness(scene);
  yield;
  const departures = departuresIn(scene, scene.recent);
  const strained = strainedServices(scene, readings);
  const stores = storesAtFault(scene, { own: seen.own, departures, strained });
  const slowness = withoutDriven(scene, withStrainedStore(scene, withStores(scene, seen, stores), strained));
  yield;
  const untaken = unconsumed(scene, departures);
  const excused = excuse(scene, departures, slowness.visits, { stores, untaken });
  yield;
  judgeSlowness(scene, suspicions, slowness);
  const undecided = judgeAnswers(scene, suspicions, departures, excused);
  judgePresence(scene, suspicions, departures, { excused, undecided });
  const shut = judgeUnreachable(scene, suspicions, judgeRestarts(scene, suspicions));
  judgeGivenPorts(scene, suspicions);
  judgeStillborn(scene, suspicions);
  judgeSlowStart(scene, suspicions);
  judgeProbes(scene, suspicions);
  judgeUnlaidQueues(scene, suspicions);
  judgeUnanswered(scene, suspicions, departures, shut);
  yield;
  judgeQuickness(scene, suspicions, excused);
  yield;
  judgeOrigins(scene, suspicions, { stores, departures, slow: slowness.own, untaken });
  judgeResources(scene, suspicions, readings);
  judgeSlowEdges(scene, suspicions, readings);
  judgeGauges(scene, suspicions, readings);
  judgeRestartCounts(scene, suspicions, readings);
  judgeConditions(scene, suspicions);
  judgeUnfitStores(scene, suspicions);
  yield;
  judgeMoreCalls(scene, suspicions);
  judgeAsksMore(scene, suspicions, readings);
  judgeLostKeys(scene, suspicions);
  const changes = judgeReleases(scene, suspicions, readings);
  judgeStartsAnew(scene, suspicions, readings);
  judgeReloads(scene, suspicions);
  doubtLockedStores(scene, suspicions);
  for (const { name, isDriven } of stores.values())
    if (isDriven) suspicions.doubt(name, ['slow', 'cpu', 'pressure', 'unreachable', 'origin']);
  judgeUnrouted(scene, suspicions);
  judgeSilent(scene, suspicions);
  return { scene, gaps, suspicions, changes };
}

function verdictOf(scene: Scene, { none, suspects }: Combined, hypotheses: readonly Hypothesis[]): Verdict {
  const first = hypotheses[0];
  // What people rejected did depart from normal: they said that it is not the cause, not that all is well.
  const isRejected = suspects.some(({ suspicion }) => (scene.input.weights.services[suspicion.service] ?? 0) < 0);
  if (!first || none >= (suspects[0]?.probability ?? 0)) return scene.baseline.minutes > 0 && !isRejected ? 'healthy' : 'inconclusive';
  return first.confidence < 0.5 ? 'inconclusive' : 'cause';
}

function onsetOf(scene: Scene, { suspects }: Combined): number | null {
  const strongest = suspects[0]?.suspicion.findings.filter(({ onset }) => onset !== null).sort((a, b) => b.strength - a.strength)[0];
  return strongest?.onset == null ? null : Math.round(onsetAt(scene, strongest.onset));
}
