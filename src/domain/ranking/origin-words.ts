/** What is said of failed requests, and of whom they speak against. */
import { cannotRead } from '../baseline/failure-text.ts';
import type { Origin } from '../baseline/error-origins.ts';
import type { FaultKind } from '../hypothesis.ts';
import { isCutOff } from './cut-off.ts';
import { lastAnswer, visitsBlaming } from './misled.ts';
import { plainPeer } from '../service-map.ts';
import { isOwnStore } from './own-store.ts';
import { saidIn } from './said.ts';
import { onsetAt, type Scene } from './scene.ts';
import { type Finding, finding } from './suspicion.ts';
import { isVainWait } from './vain-waits.ts';

/**
 * A vote, with whom it speaks against: the store rather than its client, where the store is at fault; the caller rather than who
 * did not answer, where the caller is cut off or has no patience; who answered wrong rather than those that failed on it; who asked
 * wrong rather than who choked on it; who has no key for a token rather than who brought it; who asks more than
 * he may, or so often that nobody could answer, rather than who turns him away or is late.
 */
export interface Vote extends Origin {
  readonly name: string;
  /** Why it is not against the service that it names by itself. */
  readonly turned:
    | 'misled'
    | 'choked'
    | 'disordered'
    | 'impatient'
    | 'untaken'
    | 'keyless'
    | 'stricter'
    | 'unread'
    | 'cut'
    | 'greedy'
    | 'insistent'
    | 'untimely'
    | null;
}

const sentences: Record<Origin['why'], (service: string, who: string) => string> = {
  own: (service) => `fail in ${service} itself, nothing beneath them failed`,
  unanswered: (service, who) => `get no answer from ${service} (seen from ${who})`,
  late: (service, who) => `were given up by ${who} before ${service} answered`,
  refused: (service) => `were refused for what ${service} sent (not allowed, or not valid)`,
  store: (service) => `fail where ${service} talks to something that sends no telemetry`,
};

export function describeOrigins(scene: Scene, service: string, all: readonly Vote[], onset: number, value: number): Finding {
  const { recent } = scene;
  const { strings, spans } = recent.window;
  const votes = all.filter(({ trace }) => recent.bucketOfTrace[trace]! >= onset);
  const counts = new Map<Origin['why'], number>();
  for (const { why, weight } of votes) counts.set(why, (counts.get(why) ?? 0) + weight);
  const why = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'own';
  const sample = votes.filter((vote) => vote.why === why).sort((a, b) => b.weight - a.weight)[0];
  const row = sample?.row ?? -1;
  const who = row >= 0 ? strings.text(spans.service[row]!) : service;
  const isAlone = why === 'unanswered' && sample !== undefined && isCutOff(scene, spans.service[row]!, sample.service);
  const isTurned = sample?.turned === 'impatient' || sample?.turned === 'greedy' || sample?.turned === 'insistent';
  const isOpen = ((why === 'unanswered' && !isAlone) || why === 'late') && !isTurned;
  const total = Math.round(votes.reduce((sum, { weight }) => sum + weight, 0));
  const failed = Math.max(total, recent.traces.sum(1, onset));
  const problem = row >= 0 && spans.problem[row]! >= 0 ? `: ${strings.text(spans.problem[row]!).slice(0, 160)}` : '';
  const isBlaming = why === 'own' && row >= 0 && who === service && visitsBlaming(scene).has(recent.visits.ofSpan[row]!);
  const isUnread = why === 'own' && row >= 0 && saidIn(recent)(row).some((said) => cannotRead.test(said));
  const kind = kindOf({ why, turned: sample?.turned ?? null, isAlone, isOthers: who !== service });
  return finding({
    kind,
    source: 'span',
    subject: `origin ${why}`,
    text: `${Math.max(1, total)} of ${failed} failed requests ${howTheyFailed(scene, { service, why, sample, votes, isAlone, who })}${problem}.`,
    at: row >= 0 ? recent.tree.startMs[row]! : onsetAt(scene, onset),
    traceId: row >= 0 ? spans.traceId(row) : null,
    spanId: row >= 0 ? spans.spanId(row) : null,
    component: sample !== undefined && who === service ? partOf(scene, service, sample) : null,
    strength: value,
    onset,
    // It may itself wait for somebody, or have been answered wrongly: only a look beneath could tell.
    ambiguous:
      sample?.turned === 'unread' ||
      sample?.turned === 'cut' ||
      isBlaming ||
      (why === 'store' && who === service && isVainWait(scene, row)) ||
      ((isOpen || isUnread) && scene.known.calls(service).size > 0),
    traces: [...new Set(votes.map((vote) => vote.trace))],
  });
}

const kinds: Record<Origin['why'], FaultKind> = {
  own: 'error',
  unanswered: 'unavailable',
  late: 'latency',
  refused: 'configuration',
  store: 'error',
};

/** Its kind, from what went wrong and whose doing that was. */
function kindOf({ why, turned, isAlone, isOthers }: Kind): FaultKind {
  if (why === 'store' && isOthers) return 'unavailable';
  if (turned === 'impatient' || turned === 'greedy') return 'configuration';
  if (turned === 'untaken') return 'unavailable';
  return isAlone ? 'error' : kinds[why];
}

interface Kind {
  readonly why: Origin['why'];
  readonly turned: Vote['turned'];
  readonly isAlone: boolean;
  /** Somebody else says so. */
  readonly isOthers: boolean;
}

interface Told {
  readonly service: string;
  readonly why: Origin['why'];
  readonly sample: Vote | undefined;
  readonly votes: readonly Vote[];
  readonly isAlone: boolean;
  readonly who: string;
}

/** The store that a failed call says it was made to. */
function storeNamed({ recent: { window } }: Scene, { row }: Vote): string | null {
  const peer = window.spans.peer[row]!;
  return peer < 0 ? null : plainPeer(window.strings.text(peer));
}

/** What a failed call shows the part of its service to be: a store that this one has to itself, else the code that made it. */
function partOf(scene: Scene, service: string, sample: Vote): string | null {
  const { spans, strings } = scene.recent.window;
  const store = sample.why === 'store' ? storeNamed(scene, sample) : null;
  if (store !== null && isOwnStore(scene, store, service)) return store;
  return spans.component[sample.row]! >= 0 ? strings.text(spans.component[sample.row]!) : null;
}

function howTheyFailed(scene: Scene, { service, why, sample, votes, isAlone, who }: Told): string {
  const { recent } = scene;
  const { strings } = recent.window;
  const named = [
    ...new Set(
      votes.filter((vote) => vote.why === why && vote.turned === (sample?.turned ?? null)).map((vote) => strings.text(vote.service)),
    ),
  ]
    .filter((one) => one !== service)
    .sort()
    .join(', ');
  const store = sample === undefined ? null : storeNamed(scene, sample);
  if (why === 'store' && who === service && store !== null) return `fail where ${service} talks to ${store}, which sends no telemetry`;
  if (why === 'store' && who !== service) return `fail where ${named} talk to ${service}`;
  if (isAlone) return `fail where ${service} gets no answer from ${named}, which answer all the same`;
  if (sample?.turned === 'misled') {
    const isLast = strings.text(lastAnswer(recent, sample.row).callee) === service;
    return `fail in ${named}, ${isLast ? `right after ${service} has answered them` : `on what ${service} has answered them, as they say`}`;
  }
  if (sample?.turned === 'cut') return `fail in ${named}, where what ${service} sends ends too early to be read`;
  if (sample?.turned === 'unread') return `fail in ${named}, which cannot read what ${service} sends since that started anew`;
  if (sample?.turned === 'untaken') return `fail in ${named}, whose messages ${service} no longer takes`;
  if (sample?.turned === 'choked') return `fail in ${named} on what ${service} asked for, and on nobody else's requests of that kind`;
  if (sample?.turned === 'disordered') return `fail in ${named}, which ${service} asks in another order than in requests that go well`;
  if (sample?.turned === 'keyless') return `were refused by ${service}, which has no key for tokens brought by ${named}`;
  if (sample?.turned === 'stricter') return `were refused by ${service}, which takes less of what ${named} ask since it was started anew`;
  if (sample?.turned === 'untimely')
    return `fail in ${named} over a time that has passed or is yet to come, by the clock of ${service}, which is off`;
  if (sample?.turned === 'greedy') return `were turned away by ${named}, which ${service} asks in far more of its requests than it did`;
  if (sample?.turned === 'insistent' && why !== 'late')
    return `fail where ${named} is busy with what ${service} asks far more often than before`;
  if (sample?.turned === 'insistent')
    return `were given up before ${named} answered, busy with what ${service} asks more often than before`;
  if (sample?.turned === 'impatient') return `were given up by ${service} before ${named} answered, as quickly as ever`;
  return sentences[why](service, who);
}
