/** Which changes of a card are worth a letter. */
import { describe, expect, it } from 'vitest';
import type { Card } from '../../src/domain/report.ts';
import { newsOf, type Told, toldAfter } from '../../src/domain/told.ts';
import { card, diagnosis, hypothesis } from '../adapters/sinks/slack/cards.ts';

const caused = (service: string) => card({ context: { hypotheses: [hypothesis({ service })] } });
const unclear = card({ context: { verdict: 'inconclusive' } });
const investigating = card({ context: null });
const resolved = card({ incident: { state: 'resolved' } });
const muted = card({ incident: { state: 'muted' } });

const asked = card({ context: { diagnosis: diagnosis({ state: 'asked', claims: [] }) } });
const worded = card({ context: { diagnosis: diagnosis() } });
const over = { incident: { state: 'resolved' } } as const;

/** What is said of cards that follow each other. */
function story(cards: readonly Card[]) {
  let told: Told | null = null;
  return cards.map((shown) => {
    const news = newsOf(shown, told);
    if (news !== null) told = toldAfter(shown, told);
    return news;
  });
}

describe('news', () => {
  it.each([
    ['the beginning, the cause, the end', [investigating, caused('payment'), resolved], ['opened', 'caused', 'resolved']],
    ['nothing of a ranking that names the same', [caused('payment'), caused('payment'), caused('payment')], ['opened', null, null]],
    ['another cause', [caused('payment'), caused('catalog')], ['opened', 'changed']],
    ['a report without a cause, once', [investigating, unclear, unclear, caused('payment')], ['opened', 'reported', null, 'caused']],
    ['a cause that comes and goes only once', [caused('payment'), unclear, caused('payment')], ['opened', null, null]],
    ['that it is back', [resolved, caused('payment'), resolved], ['opened', 'reopened', 'resolved']],
    ['nothing while a model looks for words, then the cause', [investigating, asked, asked, worded], ['opened', null, null, 'caused']],
    [
      'the end, whatever a model is about',
      [investigating, card({ ...over, context: { diagnosis: diagnosis({ state: 'asked' }) } })],
      ['opened', 'resolved'],
    ],
    ['nothing while it is muted', [caused('payment'), muted, caused('payment')], ['opened', null, null]],
    ['nothing new of what is over', [resolved, resolved], ['opened', null]],
  ])('is %s', (_name, cards, said) => {
    expect(story(cards)).toEqual(said);
  });

  it('counts what was said', () => {
    const first = toldAfter(investigating, null);
    expect(first).toEqual({ count: 1, isReported: false, cause: null, isResolved: false });
    expect(toldAfter(resolved, first)).toEqual({ count: 2, isReported: true, cause: 'payment', isResolved: true });
  });
});
