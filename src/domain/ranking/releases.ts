/**
 * Releases: which of several is the bad one. What speaks for one: calls to it fail since, and those of its new pods in the
 * first place; services that call it fail and nothing else explains that; it has been out long enough to serve and never
 * did. What speaks against it: its new pods served, and served well. Releases that started after the alert do not count.
 */
import { type Change, isDeployed } from '../change.ts';
import { type EdgeLoss, edgeLosses, type EdgeSample, edgeSamples } from './edge-metrics.ts';
import type { Scene } from './scene.ts';
import { type Finding, finding, type Suspicions } from './suspicion.ts';

/** A change older than this is part of normal life. */
const freshMs = 60 * 60_000;

export function judgeReleases(scene: Scene, suspicions: Suspicions): Map<string, Change> {
  const { changes, alertAt } = scene.input;
  const samples = edgeSamples(scene);
  const losses = edgeLosses(samples, alertAt);
  const blamed = new Map<string, Change>();
  const relevant = changes.filter((change) => change.startedAt <= alertAt && alertAt - change.startedAt < freshMs && isDeployed(change));
  const latest = latestPerService(relevant);
  const unproven = latest.filter((change) => freshSamples(change, samples).length === 0).map(({ service }) => service);
  judgeEdges(scene, suspicions, losses, latest, unproven);
  for (const change of latest) {
    blamed.set(change.service, change);
    const { value, reasons } = samples.length > 0 ? byEdges(scene, change, samples, losses) : byTiming(suspicions, change);
    if (value <= 0) continue;
    const subject = `${change.kind} ${change.version ?? change.sha ?? ''}`;
    const first = `${nameOf(change)} was rolled out ${age(scene, change)} before the alert${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}.`;
    suspicions.add(change.service, 'release', value, [
      finding({ kind: 'change', source: 'change', subject, text: first, at: change.startedAt, strength: value }),
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
  losses: ReadonlyMap<string, EdgeLoss>,
  changes: readonly Change[],
  unproven: readonly string[],
): void {
  for (const { server, samples, before } of losses.values()) {
    const change = changes.find(({ service }) => service === server);
    const excused =
      failsBelow(server, losses) || (failsOnOldPods(samples, change) && unproven.some((name) => scene.known.calls(server).has(name)));
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
function failsOnOldPods(samples: readonly EdgeSample[], change: Change | undefined): boolean {
  if (!change) return true;
  const old = samples.filter(({ service, server, version }) => service === server && version !== change.version);
  return old.length > samples.length / 3;
}

const freshSamples = ({ service, version, startedAt }: Change, samples: readonly EdgeSample[]): EdgeSample[] =>
  samples.filter((sample) => sample.service === service && version !== null && sample.version === version && sample.at >= startedAt);

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const weightOf = (samples: readonly EdgeSample[]): number => samples.reduce((sum, { loss }) => sum + 0.5 + Math.min(1, 2 * loss), 0);
const failsBelow = (service: string, losses: ReadonlyMap<string, EdgeLoss>): boolean =>
  [...losses.values()].some(({ samples }) => samples.some(({ client }) => client === service));

/** Being released is a reason to look at all. */
const prior = 1;

function byEdges(
  scene: Scene,
  change: Change,
  samples: readonly EdgeSample[],
  losses: ReadonlyMap<string, EdgeLoss>,
): { value: number; reasons: string[] } {
  const { service, version, startedAt } = change;
  const reasons: string[] = [];
  let value = prior;
  const fresh = freshSamples(change, samples);
  const direct = losses.get(service)?.samples.filter(({ at }) => at >= startedAt) ?? [];
  if (direct.length > 0) {
    const own = failsBelow(service, losses) || failsOnOldPods(direct, change) ? 0.4 : 1;
    value += Math.log1p(weightOf(direct)) * own;
    reasons.push(`calls to it fail since`);
  }
  const above = [...losses.keys()].filter(
    (caller) => caller !== service && scene.known.calls(caller).has(service) && !failsBelow(caller, losses),
  );
  if (above.length > 0 && direct.length === 0) {
    const unproved = fresh.length === 0 ? 0.6 : 0.3;
    value += unproved * Math.max(...above.map((caller) => Math.log1p(weightOf(losses.get(caller)?.samples ?? []))));
    reasons.push(`${above.join(', ')}, which calls it, fails`);
  }
  const served = fresh.filter(({ loss }) => loss <= 0.02).length;
  if (fresh.length === 0 && version !== null && samples.some((sample) => sample.service === service)) {
    value += unserved(scene.input.alertAt - startedAt);
    reasons.push('its new pods have not taken a single call yet');
  } else if (served > 0 && served === fresh.length) {
    value -= 0.7 * Math.log1p(new Set(fresh.map(({ at }) => Math.round(at / 30_000))).size);
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
