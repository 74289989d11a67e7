import { describe, expect, it } from 'vitest';
import { createVisitBook, type Experience } from '../../../src/demo/shop/load.ts';
import { alarmBody, createWatch } from '../../../src/demo/shop/watch.ts';

const usual: Experience = { visits: 300, errorShare: 0.01, p90Ms: 60 };
const brokenAt = 100_000;

/** Ten visits a second for `seconds` from `from`, each as `visit` says; answers the alarms by second. */
function alarms(visit: (second: number, i: number) => { ms: number; ok: boolean }, from = brokenAt, seconds = 20) {
  const book = createVisitBook();
  const watch = createWatch(book, usual, brokenAt);
  const raised: (string | null)[] = [];
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < 10; i++) book.add({ at: from + second * 1_000 + i * 100, ...visit(second, i) });
    raised.push(watch.look(from + (second + 1) * 1_000)?.alertname ?? null);
  }
  return raised;
}

describe('createWatch', () => {
  it('says nothing while visitors get what they usually get', () => {
    expect(alarms((_, i) => ({ ms: 40 + i * 3, ok: true })).every((alarm) => alarm === null)).toBe(true);
  });

  it('does not judge visits from before something was broken, however bad', () => {
    expect(alarms(() => ({ ms: 5_000, ok: false }), brokenAt - 20_000).every((alarm) => alarm === null)).toBe(true);
  });

  it('raises an alarm once errors have lasted, and names the symptom alone', () => {
    const raised = alarms((_, i) => ({ ms: 50, ok: i > 1 }));
    expect(raised.findIndex((alarm) => alarm !== null)).toBe(5);
    expect(raised[5]).toBe('StorefrontErrors');
  });

  it('raises an alarm once visits have become slow', () => {
    expect(alarms((_, i) => ({ ms: i > 6 ? 900 : 50, ok: true })).at(-1)).toBe('StorefrontSlow');
  });

  it("makes no alarm of a moment's trouble", () => {
    expect(
      alarms((second) => ({ ms: 50, ok: second !== 3 }))
        .slice(0, 7)
        .every((alarm) => alarm === null),
    ).toBe(true);
  });

  it('waits for enough visits to stand on', () => {
    const book = createVisitBook();
    const watch = createWatch(book, usual, brokenAt);
    for (let second = 0; second < 20; second++) {
      if (second % 2 === 0) book.add({ at: brokenAt + second * 1_000, ms: 50, ok: false });
      expect(watch.look(brokenAt + (second + 1) * 1_000)).toBeNull();
    }
  });
});

describe('alarmBody', () => {
  it("is Alertmanager's, and says what visitors feel but not why", () => {
    const body = alarmBody({ alertname: 'StorefrontErrors', summary: '20 % of visits fail' }, Date.parse('2026-03-01T12:00:00Z'));
    expect(body).toMatchObject({
      version: '4',
      status: 'firing',
      alerts: [
        { status: 'firing', startsAt: '2026-03-01T12:00:00.000Z', labels: { alertname: 'StorefrontErrors', service: 'storefront' } },
      ],
    });
  });
});

describe('createVisitBook', () => {
  it('tells what visits of a time were like', () => {
    const book = createVisitBook();
    for (let i = 0; i < 10; i++) book.add({ at: i, ms: i * 10, ok: i !== 4 });
    expect(book.experience(0, 10)).toEqual({ visits: 10, errorShare: 0.1, p90Ms: 90 });
    expect(book.experience(5, 7)).toEqual({ visits: 2, errorShare: 0, p90Ms: 60 });
    expect(book.experience(50, 70)).toEqual({ visits: 0, errorShare: 0, p90Ms: 0 });
  });
});
