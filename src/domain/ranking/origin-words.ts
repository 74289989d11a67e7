/** Failed requests in words: whom they speak against, and why. */
import type { Origin } from '../baseline/error-origins.ts';
import type { FaultKind } from '../hypothesis.ts';
import type { Scene } from './scene.ts';

/**
 * A vote, with whom it speaks against: the store rather than its client, where the store is at fault; the caller rather than who
 * did not answer, where the caller is cut off or has no patience; who answered wrong rather than those that failed on it; who asked
 * wrong rather than who choked on it; who has no key for a token rather than who brought it; who asks more than he may rather than who turns him away.
 */
export interface Vote extends Origin {
  readonly name: string;
  /** Why it is not against the service that it names by itself. */
  readonly turned: 'misled' | 'choked' | 'impatient' | 'untaken' | 'keyless' | 'unread' | 'greedy' | null;
}

const sentences: Record<Origin['why'], (service: string, who: string) => string> = {
  own: (service) => `fail in ${service} itself, nothing beneath them failed`,
  unanswered: (service, who) => `get no answer from ${service} (seen from ${who})`,
  late: (service, who) => `were given up by ${who} before ${service} answered`,
  refused: (service) => `were refused for what ${service} sent (not allowed, or not valid)`,
  store: (service) => `fail where ${service} talks to something that sends no telemetry`,
};

const kinds: Record<Origin['why'], FaultKind> = {
  own: 'error',
  unanswered: 'unavailable',
  late: 'latency',
  refused: 'configuration',
  store: 'error',
};

/** Its kind, from what went wrong and whose doing that was. */
export function kindOf({ why, turned, isAlone, isOthers }: Kind): FaultKind {
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

export function howTheyFailed({ recent }: Scene, { service, why, sample, votes, isAlone, who }: Told): string {
  const { strings } = recent.window;
  const named = [
    ...new Set(
      votes.filter((vote) => vote.why === why && vote.turned === (sample?.turned ?? null)).map((vote) => strings.text(vote.service)),
    ),
  ]
    .filter((one) => one !== service)
    .sort()
    .join(', ');
  if (why === 'store' && who !== service) return `fail where ${named} talk to ${service}`;
  if (isAlone) return `fail where ${service} gets no answer from ${named}, which answer all the same`;
  if (sample?.turned === 'misled') return `fail in ${named}, right after ${service} has answered them`;
  if (sample?.turned === 'unread') return `fail in ${named}, which cannot read what ${service} sends since that started anew`;
  if (sample?.turned === 'untaken') return `fail in ${named}, whose messages ${service} no longer takes`;
  if (sample?.turned === 'choked') return `fail in ${named} on what ${service} asked for, and on nobody else's requests of that kind`;
  if (sample?.turned === 'keyless') return `were refused by ${service}, which has no key for tokens brought by ${named}`;
  if (sample?.turned === 'greedy') return `were turned away by ${named}, which ${service} asks in far more of its requests than it did`;
  if (sample?.turned === 'impatient') return `were given up by ${service} before ${named} answered, as quickly as ever`;
  return sentences[why](service, who);
}
