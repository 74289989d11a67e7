import { describe, expect, it } from 'vitest';
import type { Act } from '../../src/domain/act.ts';
import { answerIdOf, isAnswerId, ratingBlock, ratingsOf, readRating } from '../../src/domain/answer-rating.ts';

const rated = (answerId: string, person: string, at: number, hasHelped: boolean): Act => ({
  id: `${answerId}${person}${at}`,
  kind: 'rate',
  person,
  at,
  incidentId: null,
  service: null,
  untilAt: null,
  rated: { answerId, hasHelped },
});

describe('ratings of answers', () => {
  it('count the latest word of each person on each answer', () => {
    const acts = [rated('a', 'x', 3, false), rated('a', 'x', 1, true), rated('a', 'y', 2, true), rated('b', 'x', 4, true)];
    expect(ratingsOf(acts)).toEqual({ helped: 2, didNotHelp: 1 });
    expect(ratingsOf([])).toEqual({ helped: 0, didNotHelp: 0 });
  });

  it('are read back from what the buttons carry, and from nothing else', () => {
    const id = answerIdOf('C0DEBUG', '1.2');
    const [{ positive_button, negative_button }] = ratingBlock(id).elements as [ReturnType<typeof ratingBlock>['elements'][number]];
    expect(readRating(positive_button.value)).toEqual({ answerId: id, hasHelped: true });
    expect(readRating(negative_button.value)).toEqual({ answerId: id, hasHelped: false });
    for (const value of ['', '+', 'answer:C:1', '+card:INC-1', '+answer:C', '+answer::1']) expect(readRating(value), value).toBeNull();
    expect(isAnswerId('answer:C:1.2')).toBe(true);
    expect(isAnswerId('card:INC-1:slack:#debug')).toBe(false);
  });
});
