/**
 * What pods, their events and deployments say of replicas that cannot serve. One condition for each service and kind: the
 * earliest moment, how many replicas, and the cluster's own words.
 */
import type { Condition } from '../../../domain/condition.ts';
import type { Objects } from './lists.ts';
import type { Names } from './names.ts';
import type { Event, Pod, Workload } from './shapes.ts';

interface Trouble {
  readonly service: string;
  readonly kind: Condition['kind'];
  readonly at: number;
  /** Whose; counted once. */
  readonly replica: string;
  readonly words: string;
}

/** A replica may take so long to begin. */
const startingMs = 60_000;
/** What was said longer ago and not again is over. */
const staleMs = 30 * 60_000;
const longest = 240;

export function conditionsOf(objects: Objects, names: Names, now: number): Condition[] {
  const replicas = new Map<string, number>();
  const troubles: Trouble[] = [];
  for (const pod of objects.pods) {
    const service = names.ofPod(pod);
    if (service === null || pod.metadata.deletionTimestamp !== null || pod.status.phase === 'Succeeded') continue;
    replicas.set(service, (replicas.get(service) ?? 0) + 1);
    for (const trouble of ofPod(pod, now)) troubles.push({ ...trouble, service, replica: pod.metadata.name });
  }
  for (const event of objects.events) {
    const trouble = ofEvent(event, now);
    const { namespace, name } = event.involvedObject;
    const service = names.ofObject(namespace ?? event.metadata.namespace, name ?? '');
    if (trouble !== null && service !== null) troubles.push({ ...trouble, service, replica: name ?? '' });
  }
  for (const deployment of objects.deployments)
    for (const trouble of ofDeployment(deployment, now))
      troubles.push({ ...trouble, service: names.ofWorkload(deployment), replica: deployment.metadata.name });
  const grouped = Map.groupBy(troubles, ({ service, kind }) => `${kind} ${service}`);
  return [...grouped.values()].map((of) => conditionOf(of, replicas.get(of[0]!.service) ?? 0));
}

function conditionOf(troubles: readonly Trouble[], replicas: number): Condition {
  const [first] = troubles;
  const { service, kind } = first!;
  const hit = new Set(troubles.map(({ replica }) => replica)).size;
  const words = [...new Set(troubles.map((trouble) => trouble.words))].slice(0, 3).join('; ').replace(/\s+/g, ' ');
  const share = replicas === 0 ? 1 : Math.min(1, hit / replicas);
  const count = replicas > 1 ? `${Math.min(hit, replicas)} of ${replicas} replicas of ${service}` : service;
  const at = Math.min(...troubles.map((trouble) => trouble.at));
  return { service, kind, at, share, text: `${count}: ${words.length > longest ? `${words.slice(0, longest)}…` : words}.` };
}

type Said = Pick<Trouble, 'kind' | 'at' | 'words'>;

const waitingKinds: Readonly<Record<string, Condition['kind']>> = {
  CrashLoopBackOff: 'crash loop',
  ImagePullBackOff: 'image not pulled',
  ErrImagePull: 'image not pulled',
  InvalidImageName: 'image not pulled',
  CreateContainerConfigError: 'bad configuration',
  CreateContainerError: 'bad configuration',
  RunContainerError: 'bad configuration',
};

function ofPod({ metadata, status }: Pod, now: number): Said[] {
  const createdAt = status.startTime ?? metadata.creationTimestamp ?? now;
  const said: Said[] = [];
  for (const { restartCount, state, lastState } of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const { reason, message } = state?.waiting ?? {};
    const kind = waitingKinds[reason ?? ''];
    const last = state?.terminated ?? lastState?.terminated;
    const ended =
      last?.reason === undefined || last.reason === null ? '' : `, last ended with ${last.reason} (exit code ${last.exitCode ?? '?'})`;
    if (kind !== undefined) {
      const at = kind === 'crash loop' ? crashingSince(restartCount, last?.finishedAt ?? now, createdAt) : createdAt;
      const restarts = kind === 'crash loop' ? `, ${restartCount} restarts` : '';
      said.push({ kind, at, words: `${reason}${restarts}${ended}${message && kind !== 'crash loop' ? `: ${message}` : ''}` });
    }
    if (last?.reason === 'OOMKilled' && now - (last.finishedAt ?? now) < staleMs)
      said.push({ kind: 'out of memory', at: last.finishedAt ?? now, words: `OOMKilled, ${restartCount} restarts` });
  }
  const scheduled = status.conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False')
    said.push({
      kind: 'not schedulable',
      at: scheduled.lastTransitionTime ?? createdAt,
      words: `${scheduled.reason ?? 'Unschedulable'}: ${scheduled.message ?? ''}`,
    });
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  if (said.length === 0 && ready?.status === 'False' && now - createdAt > startingMs)
    said.push({
      kind: 'not ready',
      at: ready.lastTransitionTime ?? createdAt,
      words: `not ready: ${ready.message ?? ready.reason ?? 'no reason given'}`,
    });
  return said;
}

/**
 * A cluster does not say when a loop of crashes began, only how many there were. Its pauses are 10 s, doubled up to 5 min
 * (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle, container restarts): 3 restarts took 70 s, 20 of them 80 min.
 */
function crashingSince(restarts: number, lastAt: number, createdAt: number): number {
  const pausesMs = restarts <= 5 ? 10_000 * (2 ** restarts - 1) : 310_000 + (restarts - 5) * 300_000;
  return Math.max(createdAt, lastAt - pausesMs);
}

const eventKinds: Readonly<Record<string, Condition['kind']>> = {
  FailedScheduling: 'not schedulable',
  Unhealthy: 'not ready',
  FailedMount: 'bad configuration',
  FailedAttachVolume: 'bad configuration',
  FailedCreate: 'not schedulable',
};

function ofEvent({ reason, message, firstTimestamp, lastTimestamp, eventTime, count }: Event, now: number): Said | null {
  const words = message ?? '';
  const kind =
    reason === 'BackOff' || reason === 'Failed'
      ? /pull|image/i.test(words)
        ? 'image not pulled'
        : reason === 'BackOff'
          ? 'crash loop'
          : undefined
      : eventKinds[reason ?? ''];
  const lastAt = lastTimestamp ?? eventTime ?? firstTimestamp ?? now;
  // A probe fails now and then.
  if (kind === undefined || now - lastAt > staleMs || (reason === 'Unhealthy' && (count ?? 1) < 3)) return null;
  return { kind, at: firstTimestamp ?? eventTime ?? lastAt, words: `${reason}: ${words}` };
}

function ofDeployment({ status }: Workload, now: number): Said[] {
  return (status?.conditions ?? []).flatMap(({ type, status: is, message, reason, lastTransitionTime }): Said[] =>
    type === 'ReplicaFailure' && is === 'True'
      ? [{ kind: 'not schedulable', at: lastTransitionTime ?? now, words: `${reason ?? 'ReplicaFailure'}: ${message ?? ''}` }]
      : [],
  );
}
