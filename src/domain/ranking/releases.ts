/**
 * Releases: which of several is the bad one. What speaks for one: calls to it fail since, and those of its new pods in the
 * first place; services that call it fail and nothing else explains that; it has been out long enough to serve and never
 * did. What speaks against it: its new pods served, and served well. Releases that started after the alert do not count.
 */
import { type Change, isDeployed } from '../change.ts';
import { type EdgeLoss, edgeLosses, type EdgeSample, edgeSamples } from './edge-metrics.ts';
import type { Reading } from './metric-readings.ts';
import { hotSince, overrunBy } from './overrun.ts';
import { withoutOwnDoing } from './own-doing.ts';
import { newPods } from './pods-of-release.ts';
import { handedDown, type Worse, worseSince } from './release-costs.ts';
import { releasesBehind } from './release-onsets.ts';
import type { Scene } from './scene.ts';
import { type Finding, finding, type Suspicions } from './suspicion.ts';
import { withoutUnnoticed } from './unnoticed.ts';
import { wrongValuesBehind } from './wrong-values.ts';

/** A change older than this is part of normal life. */
const freshMs = 60 * 60_000;

/** Of a deployment, as long as it is news; nothing is known of one that comes after the alert. */
const isFresh = (change: Change, alertAt: number): boolean =>
  change.startedAt <= alertAt && alertAt - change.startedAt < freshMs && isDeployed(change);

/** Whether a service was released shortly before the alert. */
export const wasReleased = ({ input: { changes, alertAt } }: Scene, service: string): boolean =>
  changes.some((change) => change.service === service && isFresh(change, alertAt));

export function judgeReleases(scene: Scene, suspicions: Suspicions, counted: readonly Reading[]): Map<string, Change> {
  const { changes, alertAt } = scene.input;
  const readings = withoutUnnoticed(counted);
  const samples = edgeSamples(readings, alertAt);
  const blamed = new Map<string, Change>();
  const relevant = changes.filter((change) => isFresh(change, alertAt));
  const latest = latestPerService(relevant);
  const starts = new Map(latest.map(({ service, startedAt }) => [service, startedAt]));
  const fresh = freshIn(samples, readings);
  const unproven = latest.filter((change) => fresh(change)?.length === 0).map(({ service }) => service);
  const { losses, own } = withoutOwnDoing(edgeLosses(samples, alertAt, starts), { samples, alertAt, changes: latest, fresh });
  const onsets = { losses, samples, changes: latest, fresh, known: scene.known, own };
  const ofCallers = new Set([...own].flatMap(([client, of]) => of.map(({ server }) => `${client}\n${server}`)));
  const rest = readings.filter(({ measured, client, server }) => measured !== 'loss' || !ofCallers.has(`${client}\n${server}`));
  const costs = handedDown(
    latest,
    latest.map((change) => worseSince(scene, change, latest, rest)),
  );
  const overrun = overrunBy(onsets, new Map(latest.map(({ service }, i) => [service, costs[i]!])), readings, alertAt);
  for (const server of overrun.keys()) suspicions.weaken(server, 'cpu', another);
  const behind = new Map([...overrun, ...releasesBehind(onsets), ...wrongValuesBehind(onsets, suspicions)]);
  judgeEdges(scene, suspicions, { losses, fresh, changes: latest, unproven, behind });
  const symptoms = symptomsOf(scene, latest, { samples, losses, fresh }, costs);
  for (const [i, change] of latest.entries()) {
    blamed.set(change.service, change);
    const worse = costs[i]!;
    const { value, reasons } =
      samples.length > 0 || worse.length > 0
        ? byMetrics(scene, change, { samples, losses, own, worse, fresh, symptoms, behind, readings })
        : byTiming(suspicions, change);
    if (value <= 0) continue;
    const ambiguous = worse[0]?.found.ambiguous === true;
    const subject = `${change.kind} ${change.version ?? change.sha ?? ''}`;
    const first = `${nameOf(change)} was rolled out ${age(scene, change)} before the alert${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}.`;
    suspicions.add(change.service, 'release', value, [
      finding({ ...{ kind: 'change', source: 'change', subject, text: first, at: change.startedAt, strength: value }, ambiguous }),
      ...worse.map(({ found }) => found),
    ]);
  }
  return blamed;
}

const nameOf = ({ service, kind, version, sha }: Change): string =>
  version ? `${service} ${version}` : sha ? `${service} at ${sha.slice(0, 10)}` : `a ${kind} of ${service}`;

function age({ input }: Scene, { startedAt }: Change): string {
  const seconds = Math.round((input.alertAt - startedAt) / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function latestPerService(changes: readonly Change[]): Change[] {
  const latest = new Map<string, Change>();
  for (const change of changes)
    if (change.startedAt > (latest.get(change.service)?.startedAt ?? -Infinity)) latest.set(change.service, change);
  return [...latest.values()];
}

/**
 * Failing edges speak against the service called, and less so where its own calls fail as well, or where it fails on old
 * pods too while something it calls was just released and has not shown that it works.
 */
function judgeEdges(
  scene: Scene,
  suspicions: Suspicions,
  {
    losses,
    fresh,
    changes,
    unproven,
    behind,
  }: {
    readonly losses: ReadonlyMap<string, EdgeLoss>;
    readonly fresh: Fresh;
    readonly changes: readonly Change[];
    readonly unproven: readonly string[];
    readonly behind: ReadonlyMap<string, string>;
  },
): void {
  for (const { server, samples, before } of losses.values()) {
    const change = changes.find(({ service }) => service === server);
    const excused =
      failsBelow(server, losses) ||
      behind.has(server) ||
      (failsOnOldPods(samples, change && fresh(change)) && unproven.some((name) => scene.known.calls(server).has(name)));
    const value = Math.log1p(weightOf(samples)) * (excused ? 0.35 : 1);
    const worst = Math.max(...samples.map((sample) => sample.loss));
    const callers = [...new Set(samples.map(({ client }) => client))].sort();
    const text = `Calls of ${callers.join(', ')} to ${server} fail, at worst ${percent(worst)}; before ${percent(before)}.`;
    const at = samples[0]?.at ?? scene.input.alertAt;
    const found: Finding = finding({ kind: 'error', source: 'metric', subject: `edges into ${server}`, text, at, strength: value });
    suspicions.add(server, 'edge', value, [found]);
  }
}

/** Whether the new version is not the difference: a good part of the failures is on pods of the old one. */
function failsOnOldPods(samples: readonly EdgeSample[], fresh: readonly EdgeSample[] | null | undefined): boolean {
  if (!fresh) return true;
  const isFresh = new Set(fresh);
  const old = samples.filter((sample) => sample.service === sample.server && !isFresh.has(sample));
  return old.length > samples.length / 3;
}

type Fresh = (change: Change) => readonly EdgeSample[] | null;

/** Samples of a release's new pods since it began; null where nothing tells new pods from old ones. */
function freshIn(samples: readonly EdgeSample[], readings: readonly Reading[]): Fresh {
  const known = new Map<Change, readonly EdgeSample[] | null>();
  return (change) => {
    let fresh = known.get(change);
    if (fresh === undefined) {
      const isNew = newPods(
        readings.filter(({ service }) => service === change.service),
        change,
      );
      fresh =
        isNew && samples.filter((sample) => sample.service === change.service && sample.at >= change.startedAt && isNew(sample, sample.at));
      known.set(change, fresh);
    }
    return fresh;
  };
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** A share that a few calls lose in passing. */
const passing = 0.03;

/** How much failing there is: what each caller loses in each minute, however many pods and scrapes tell of it. */
function weightOf(samples: readonly EdgeSample[]): number {
  const byMinute = new Map<string, { sum: number; n: number }>();
  for (const { client, at, loss } of samples) {
    const key = `${Math.round(at / 60_000)} ${client}`;
    const known = byMinute.get(key) ?? { sum: 0, n: 0 };
    const beyond = Math.max(0, loss - passing);
    byMinute.set(key, { sum: known.sum + Math.min(0.5, 2.5 * beyond) + Math.min(1, 2 * beyond), n: known.n + 1 });
  }
  return [...byMinute.values()].reduce((total, { sum, n }) => total + (sum / n) * Math.sqrt(Math.min(4, n)), 0);
}

const failsBelow = (service: string, losses: ReadonlyMap<string, EdgeLoss>): boolean =>
  [...losses.values()].some(({ samples }) => samples.some(({ client }) => client === service));

/**
 * Being released is a reason to look at all, and the more so the clearer it is that something is wrong: releases are what
 * most often breaks a system.
 */
const prior = (symptoms: number): number => Math.min(1.5, 0.5 + symptoms);

/** How clear it is, whoever did it: calls fail, a release costs more or never served. */
function symptomsOf(
  scene: Scene,
  changes: readonly Change[],
  { samples, losses, fresh }: Pick<Measured, 'samples' | 'losses' | 'fresh'>,
  worse: readonly (readonly Worse[])[],
): number {
  const failing = [...losses.values()].map((loss) => Math.log1p(weightOf(loss.samples)));
  const silent = changes.map((change) => {
    const never = fresh(change)?.length === 0 && samples.some(({ service }) => service === change.service);
    return never ? unserved(scene.input.alertAt - change.startedAt) : 0;
  });
  return Math.max(0, ...failing, ...silent, ...worse.map(costsOf));
}

/** Of what costs more since: the clearest counts, and a second kind of cost a little. */
const costsOf = (worse: readonly Worse[]): number => (worse[0]?.value ?? 0) + 0.3 * (worse[1]?.value ?? 0);

interface Measured {
  readonly samples: readonly EdgeSample[];
  readonly losses: ReadonlyMap<string, EdgeLoss>;
  /** Calls that fail by their caller's doing, by caller. */
  readonly own: ReadonlyMap<string, readonly EdgeLoss[]>;
  readonly worse: readonly Worse[];
  readonly fresh: Fresh;
  readonly symptoms: number;
  /** Services that fail by another's release, and whose. */
  readonly behind: ReadonlyMap<string, string>;
  readonly readings: readonly Reading[];
}

/** What it adds that the old pods that are left do the work of those that went. */
const overworked = 0.3;

/** Failures of a service that began with another's release, and that it runs hot, say this much less of its own. */
const another = 0.2;

function byMetrics(
  scene: Scene,
  change: Change,
  { samples, losses, own, worse, fresh: freshOf, symptoms, behind, readings }: Measured,
): { value: number; reasons: string[] } {
  const { service, startedAt } = change;
  const reasons: string[] = [];
  const costs = costsOf(worse);
  let value = prior(symptoms) + costs;
  reasons.push(...worse.map(({ reason }) => reason));
  const fresh = freshOf(change);
  const direct = losses.get(service)?.samples.filter(({ at }) => at >= startedAt) ?? [];
  if (direct.length > 0) {
    const own = behind.has(service) ? another : failsBelow(service, losses) || failsOnOldPods(direct, fresh) ? 0.4 : 1;
    value += Math.log1p(weightOf(direct)) * own;
    reasons.push(`calls to it fail since`);
  }
  const vain = own.get(service);
  if (vain) {
    value += Math.max(...vain.map(({ samples: failed }) => Math.log1p(weightOf(failed))));
    reasons.push(`its calls to ${vain.map(({ server }) => server).join(', ')} fail, those of others do not`);
  }
  const above = [...losses.keys()].filter(
    (caller) =>
      caller !== service &&
      !own.get(caller)?.some(({ server }) => server === service) &&
      scene.known.calls(caller).has(service) &&
      !failsBelow(caller, losses),
  );
  if (above.length > 0 && direct.length === 0) {
    const unproved = fresh?.length === 0 ? 0.6 : 0.3;
    value += unproved * Math.max(...above.map((caller) => Math.log1p(weightOf(losses.get(caller)?.samples ?? []))));
    reasons.push(`${above.join(', ')}, which calls it, fails`);
  }
  const led = [...behind].filter(([, by]) => by === service).map(([failing]) => failing);
  if (led.length > 0) {
    value += Math.max(...led.map((failing) => Math.log1p(weightOf(losses.get(failing)?.samples ?? []))));
    const isBelow = scene.known.calls(service).has(led[0]!);
    reasons.push(`calls to ${led.join(', ')}, which ${isBelow ? 'it calls' : 'calls it'}, fail since`);
  }
  if (fresh === null || led.length > 0) return { value, reasons };
  const served = fresh.filter(({ loss }) => loss <= 0.02).length;
  if (fresh.length === 0 && samples.some((sample) => sample.service === service)) {
    value += unserved(scene.input.alertAt - startedAt);
    reasons.push('its new pods have not taken a single call yet');
    const cpu = readings.filter((one) => one.measured === 'cpu' && one.service === service);
    const hot = hotSince(cpu, startedAt, scene.input.alertAt);
    if (hot !== null && hot >= startedAt) {
      value += overworked;
      reasons.push('the old ones that are left run hot');
    }
  } else if (served > 0 && served === fresh.length && costs < 1) {
    // What they cost more takes away from that as much as it adds.
    value -= (1 - costs) * 0.7 * Math.log1p(new Set(fresh.map(({ at }) => Math.round(at / 30_000))).size);
    reasons.push('its new pods answer well');
  }
  return { value, reasons };
}

/**
 * What it says that a new version has not served `ageMs` after its release began. Healthy ones are first seen after about
 * 105 s, give or take 18 (recorded rollouts, samples a minute apart); about half of the bad ones never are.
 */
function unserved(ageMs: number): number {
  const notYet = 1 / (1 + Math.exp((ageMs / 1000 - 105) / 18));
  return Math.min(1.6, Math.max(-0.5, Math.log(0.55 / notYet)));
}

/** Without edges a recent change only adds to what else is found on its service. */
function byTiming(suspicions: Suspicions, { service }: Change): { value: number; reasons: string[] } {
  const signals = suspicions.of(service).signals;
  const found = Math.max(0, ...signals.values());
  return found >= 1 ? { value: 0.5, reasons: [] } : { value: 0, reasons: [] };
}
