/**
 * What people's verdicts do to a ranking. Weights are computed from the vote log each time, so a vote that is changed or
 * taken back leaves nothing behind.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Ledger, Work } from '../ports.ts';
import { contestInSteps, type Learning } from '../domain/learning/contest.ts';
import { builtInScenarios } from '../domain/learning/scenarios.ts';
import { inSlices } from '../domain/steps.ts';
import { initialWeights, tallies, type Vote, type Weights } from '../domain/feedback.ts';

/**
 * Evidence one person's verdict adds or takes, in the ranking's own units: the first answer leads the second by 1.6 in
 * the median recorded incident (RANKING 3), so one rejection is enough to bring the runner-up forward.
 */
const firstVoice = 2;

/** Each further person counts half of the one before: many voices settle it, none decides alone for ever. */
function voices(count: number): number {
  return firstVoice * 2 * (1 - 0.5 ** Math.abs(count)) * Math.sign(count);
}

/** Asks for what was said to be learned from; asked again before it ran, it is still one. */
export function learnWork(dueAt: number) {
  return { id: 'learn', kind: 'learn', subject: 'votes', dueAt, attempts: 0 } as const;
}

/** Learns anew from the whole vote log; what comes of it is live or a shadow by the contest's word. */
export async function learnAgain(work: Work, ledger: Ledger, now: number): Promise<void> {
  const [votes, before] = await Promise.all([ledger.votes(), ledger.learning()]);
  // Of three hundred verdicts that takes a second in all: alerts come in between.
  const learning = await inSlices(contestInSteps({ votes, before, scenarios: builtInScenarios(), now }), () => breathe());
  await ledger.commit({ learning, workDone: [work] });
}

/**
 * Weights for ranking one incident again: those that are live, what its own voters said of each service, and which service
 * they named instead.
 */
export function weightsFor(incidentId: string, votes: readonly Vote[], learning: Learning | null = null): Weights {
  const own = votes.filter((vote) => vote.incidentId === incidentId);
  const standing = tallies(own);
  const balance = new Map<string, number>();
  for (const vote of own) {
    const tally = standing.get(vote.hypothesisId);
    if (tally) balance.set(vote.service, tally.confirm - tally.reject);
  }
  for (const [service, people] of namedInstead(own)) balance.set(service, (balance.get(service) ?? 0) + people);
  const services = Object.fromEntries([...balance].filter(([, n]) => n !== 0).map(([service, n]) => [service, voices(n)]));
  const live = learning === null || learning.version === 0 ? initialWeights : { ...learning.weights, version: learning.version };
  return { ...initialWeights, ...live, services };
}

/** Services that people with a standing rejection said it really was, with how many said so. */
function namedInstead(votes: readonly Vote[]): Map<string, number> {
  const latest = new Map<string, Vote>();
  for (const vote of [...votes].sort((a, b) => a.at - b.at)) latest.set(`${vote.hypothesisId}\n${vote.person}`, vote);
  const people = new Map<string, Set<string>>();
  for (const vote of latest.values()) {
    if (vote.verdict !== 'reject' || vote.actualService === null) continue;
    people.set(vote.actualService, (people.get(vote.actualService) ?? new Set()).add(vote.person));
  }
  return new Map([...people].map(([service, names]) => [service, names.size]));
}
