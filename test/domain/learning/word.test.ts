import { expect, it } from 'vitest';
import { prepare } from '../../../src/domain/learning/replay.ts';
import { likelihoodOf, oddsOf } from '../../../src/domain/learning/word.ts';

const prepared = prepare(['a', 'b', 'c', 'd'].map((service) => ({ service, features: { gone: 1, 'nothing-wrong': 1.5 } })));
const said = (right: number[], maybeNone = false) => ({ prepared, right: new Set(right), maybeNone });
const weighed = { shares: [0.6, 0.2, 0.1, 0.05], none: 0.05 };
const likelihood = (word: ReturnType<typeof said>, mistaken = 0.1) => likelihoodOf(oddsOf(word, mistaken), weighed);

it('takes a mistaken agreement for likelier than a mistaken name, and a name that stands next for likelier than others', () => {
  const ifFirst = (right: number) => oddsOf(said([right]), 0.1).places[0];
  expect(oddsOf(said([0]), 0.1).places).toEqual([0.9, 0.1, 0.1, 0.1]);
  expect(ifFirst(1)).toBeCloseTo(0.06);
  expect(ifFirst(2)).toBeCloseTo(0.02);
});

it('explains a rejection of what is right as a mistake, and hardly one that names a third', () => {
  const { places } = oddsOf(said([2]), 0.1);
  expect(places[2]).toBe(0.9);
  expect(places[1]).toBeLessThan(places[0]!);
});

it('takes not saying who it was for a sign that it was none of the listed', () => {
  const { places, none } = oddsOf(said([1, 2, 3], true), 0.1);
  expect(none).toBe(0.9);
  expect(places[0]).toBeLessThan(places[1]!);
  expect(places[1]).toBeLessThan(0.2);
});

it('pulls no harder than a mistake is likely, however unlikely the word', () => {
  const sure = { shares: [1, 0, 0, 0], none: 0 };
  expect(likelihoodOf(oddsOf(said([1]), 0.1), sure)).toBeCloseTo(0.06);
  expect(likelihood(said([0]))).toBeGreaterThan(likelihood(said([1])));
});
