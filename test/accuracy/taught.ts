/**
 * Simulated people teach the ranking: incidents come one after the other, somebody judges what the report put first (truth
 * with some noise; hostile ones the contrary), and what is learned is scored on other incidents. All from kept features.
 */
import type { Vote } from '../../src/domain/feedback.ts';
import type { Candidate } from '../../src/domain/learning/blend.ts';
import { contest, type Learning, type Scenario } from '../../src/domain/learning/contest.ts';
import { type LearnedWeights, type PreparedCase, prepare, rankedAgain } from '../../src/domain/learning/replay.ts';
import type { KeptCase } from './kept-features.ts';
import type { Random } from './random.ts';

export interface Prepared {
  readonly kept: KeptCase;
  readonly prepared: PreparedCase;
  readonly guilty: ReadonlySet<number>;
}

export function preparedOf(kept: KeptCase): Prepared {
  const prepared = prepare(kept.suspects);
  return { kept, prepared, guilty: new Set(kept.suspects.flatMap(({ service }, place) => (kept.guilty.includes(service) ? [place] : []))) };
}

export interface Score {
  readonly n: number;
  /** Share with the right service first, or nobody accused where nothing is wrong. */
  readonly first: number;
  /** Expected calibration error, ten bins. */
  readonly calibration: number;
}

export function scoreOf(cases: readonly Prepared[], weights: LearnedWeights): Score {
  let right = 0;
  const bins = Array.from({ length: 10 }, () => ({ n: 0, said: 0, held: 0 }));
  for (const { kept, prepared, guilty } of cases) {
    const first = rankedAgain(prepared, weights)[0];
    const isFirst = first !== undefined && guilty.has(first.place);
    if (kept.guilty.length > 0 ? isFirst : (first?.confidence ?? 0) < 0.5) right++;
    if (first === undefined) continue;
    const bin = bins[Math.min(9, Math.floor(first.confidence * 10))]!;
    bin.n++;
    bin.said += first.confidence;
    bin.held += isFirst ? 1 : 0;
  }
  const said = bins.reduce((sum, { n }) => sum + n, 0);
  const off = bins.reduce((sum, bin) => sum + Math.abs(bin.said - bin.held), 0);
  return { n: cases.length, first: right / Math.max(1, cases.length), calibration: off / Math.max(1, said) };
}

export interface People {
  readonly honest: number;
  readonly hostile: number;
  /** Verdicts a hostile one casts for each of an honest one's. */
  readonly zeal: number;
}

const dayMs = 86_400_000;
const shown = 5;

/** One verdict on a case, as somebody would press it. */
function verdictOn(one: Prepared, weights: LearnedWeights, index: number, person: string, lies: boolean, random: Random): Vote | null {
  const order = rankedAgain(one.prepared, weights).slice(0, shown);
  const first = order[0];
  if (first === undefined) return null;
  const isRight = one.guilty.has(first.place);
  const nameOf = (place: number) => one.prepared.suspects[place]!.service;
  const other = order.find(({ place }) => place !== first.place && one.guilty.has(place) !== lies && (lies || one.guilty.has(place)));
  const confirms = isRight !== lies;
  const incidentId = `INC-${index}`;
  const actualService = confirms || other === undefined ? null : nameOf(other.place);
  return {
    id: `v${index}`,
    incidentId,
    hypothesisId: `${incidentId} ${first.place}`,
    service: nameOf(first.place),
    verdict: confirms ? 'confirm' : 'reject',
    person,
    at: index * (dayMs / 4) + random.whole(1, 1_000_000),
    actualService,
    note: null,
    suspects: order.map(({ place }) => ({ ...one.kept.suspects[place]!, service: nameOf(place) })),
  };
}

export interface Course {
  readonly stream: readonly Prepared[];
  readonly people: People;
  readonly noise: number;
  readonly start: LearnedWeights;
  /** What learning may blend. */
  readonly among: readonly Candidate[];
  readonly scenarios: readonly Scenario[];
  /** Verdicts of honest people after which is scored. */
  readonly marks: readonly number[];
  readonly random: Random;
}

/** Learns along the stream and hands out what is in force at each mark; contested after every few verdicts. */
export function teach(course: Course, onMark: (mark: number, learning: Learning | null, judged: ReadonlySet<Prepared>) => void): void {
  const { stream, people, noise, start, among, scenarios, marks, random } = course;
  const votes: Vote[] = [];
  const judged = new Set<Prepared>();
  let learning: Learning | null = null;
  let given = 0;
  let index = 0;
  const liars = people.hostile * people.zeal;
  const liarShare = liars / Math.max(1, people.honest + liars);
  for (const mark of [...marks].sort((a, b) => a - b)) {
    while (given < mark && index < stream.length) {
      const one = stream[index]!;
      const isHostile = random.chance(liarShare);
      const person = isHostile ? `h${random.whole(1, people.hostile)}` : `p${random.whole(1, people.honest)}`;
      const vote = verdictOn(one, learning?.weights ?? start, index, person, isHostile || random.chance(noise), random);
      index++;
      if (vote === null) continue;
      votes.push(vote);
      judged.add(one);
      // Hostile words come on top where one person is meant to be busy, and are part of the count otherwise.
      if (!isHostile || people.zeal === 1) given++;
      if (votes.length % 10 === 0 || given === mark)
        learning = contest({ votes, before: learning, scenarios, now: index * (dayMs / 4), start, among });
    }
    onMark(mark, learning, judged);
  }
}
