import { describe, expect, it } from 'vitest';
import type { Message, Product } from '../../src/demo/product.ts';
import { names, untilReport } from '../../src/demo/story.ts';

const begun = 'Critical incident INC-1 (StorefrontErrors, storefront)';
const texts = {
  investigating: 'Investigating critical incident INC-1 (StorefrontErrors, storefront), alert at 2026-03-01 12:00:00 UTC.',
  unclear: `${begun}: the cause is not clear; most suspect so far is cart (errors), possible at 40 %.`,
  wrong: `${begun}: the most likely cause is checkout (errors), likely at 60 %.`,
  right: `${begun}: the most likely cause is cart (errors), very likely at 96 %.`,
};

/** A channel that shows the next text each time it is looked at, and the last one from then on. */
function channel(...shown: readonly string[]): Product {
  let look = 0;
  return {
    isReady: async () => true,
    latestContext: async () => null,
    async messages(): Promise<readonly Message[]> {
      const text = shown[Math.min(look++, shown.length - 1)] ?? '';
      return text === '' ? [] : [{ text, isEdited: false }];
    },
  };
}

async function follow(product: Product, forMs: number) {
  const told: string[] = [];
  const signal = new AbortController().signal;
  const now = Date.now();
  const outcome = await untilReport(
    product,
    { fault: 'exception', service: 'cart' },
    { alarmAt: now, until: now + forMs, signal },
    (text) => void told.push(text.replace(/[\d.]+ s/, 'N s')),
  );
  return { told, outcome };
}

describe('untilReport', () => {
  it('tells the first message, each other verdict, and ends with the right one', async () => {
    const { told, outcome } = await follow(
      channel('', texts.investigating, texts.investigating, texts.unclear, texts.wrong, texts.wrong, texts.right),
      60_000,
    );
    expect(outcome.isRight).toBe(true);
    expect(outcome.firstMessageMs).toBeLessThanOrEqual(outcome.reportMs ?? 0);
    expect(told).toEqual([
      'First message in the channel, N s after the alarm.',
      'Report, N s after the alarm: the cause is not clear; most suspect so far is cart (errors), possible at 40 %.',
      'Ranked again, N s after the alarm: the most likely cause is checkout (errors), likely at 60 %.',
      'Ranked again, N s after the alarm: the most likely cause is cart (errors), very likely at 96 %.',
    ]);
  });

  it.each([
    ['names another service', texts.wrong],
    ['is not sure', texts.unclear],
    ['is still being made', texts.investigating],
    ['never comes', ''],
  ])('is not content with a report that %s', async (_, text) => {
    expect((await follow(channel(text), 120)).outcome.isRight).toBe(false);
  });
});

describe('names', () => {
  it('takes a name as a whole', () => {
    expect(names(texts.right, 'cart')).toBe(true);
    expect(names(texts.right, 'car')).toBe(false);
    expect(names(texts.unclear, 'cart')).toBe(false);
  });
});
