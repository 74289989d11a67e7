import { describe, expect, it } from 'vitest';
import type { Case } from './folder.ts';
import { barTable, failureList, kindTable, pairTable } from './page.ts';
import { withPart } from './page-file.ts';
import { type Answer, judge, type Scored } from './score.ts';

function scoredAs(half: Case['half'], affected: number, first: string, confidence: number): Scored {
  const one: Case = {
    set: 'made-1',
    half,
    affected,
    truth: { services: ['a'], fault: 'cpu', changeService: null },
    read: () => {
      throw new Error('not read here');
    },
  };
  const answer: Answer = {
    verdict: 'cause',
    elapsedMs: 1,
    hypotheses: [{ service: first, kind: 'latency', confidence, changeService: null }],
  };
  return judge(one, `case of ${half}`, answer, {});
}

const scored = [
  scoredAs('open', 12, 'a', 0.9),
  scoredAs('open', 40, 'b', 0.9),
  scoredAs('open', 3, 'b', 0.4),
  scoredAs('closed', 12, 'b', 0.6),
];

describe('the page', () => {
  it('counts the bar over faults of at least ten requests, each half apart', () => {
    const [, , open, closed] = barTable(scored).split('\n');
    expect(open).toContain('1/2 = 50 %');
    expect(open).toContain('1 = 50 %');
    expect(closed).toContain('0/1 = 0 %');
  });

  it('shows a fault by the number of requests it touched, open beside closed', () => {
    const rows = kindTable(scored).split('\n').slice(2);
    expect(rows.map((row) => row.split(' | ')[2])).toEqual(['1-9', '10-29', '30+']);
    expect(rows[1]).toContain('1/1 = 100 %');
    expect(rows[1]).toContain('0/1 = 0 %');
  });

  it('counts of two at once how often both stand in front, each half apart', () => {
    const pairs = [
      { ...scored[0]!, both: { inTwo: true, inThree: true } },
      { ...scored[0]!, both: { inTwo: false, inThree: true } },
    ];
    const [, , open, closed] = pairTable([...pairs, ...scored]).split('\n');
    expect(open?.split(' | ').slice(2)).toEqual([expect.stringContaining('1/2 = 50 %'), expect.stringContaining('2/2 = 100 %')]);
    expect(closed).toContain('0/0');
  });

  it('names the failures of the open half only', () => {
    const list = failureList(scored);
    expect(list).toContain('case of open (cpu, 40 requests): wanted a; another one named, right one not in three: b 0.90 latency');
    expect(list).not.toContain('case of closed');
    expect(list).toContain('1 of the closed half');
  });

  it('replaces a part and leaves the others', () => {
    const first = withPart(withPart('# T\n', 'recorded', 'old'), 'injected', 'kept');
    const second = withPart(first, 'recorded', 'new');
    expect(second).toContain('new');
    expect(second).toContain('kept');
    expect(second).not.toContain('old');
  });
});
