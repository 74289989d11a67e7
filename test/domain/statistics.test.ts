import { describe, expect, it } from 'vitest';
import { type IncidentRecord, statisticsOf, unnamedService } from '../../src/domain/statistics.ts';

/** A Wednesday. */
const at = Date.parse('2026-03-04T12:00:00Z');
const day = 86_400_000;
const record = (over: Partial<IncidentRecord>): IncidentRecord => ({
  service: 'cart',
  openedAt: at,
  reportedAt: at + 2_000,
  confirmedAt: null,
  wasFirst: false,
  isJudged: false,
  ...over,
});

describe('statisticsOf', () => {
  it('counts what was judged, and times what was explained', () => {
    const { total } = statisticsOf(
      [
        record({ confirmedAt: at + 60_000, wasFirst: true, isJudged: true }),
        record({ confirmedAt: at + 120_000, wasFirst: false, isJudged: true, reportedAt: at + 4_000 }),
        record({ isJudged: true, reportedAt: at + 3_000 }),
        record({ reportedAt: null }),
      ],
      0,
    );
    expect(total).toEqual({ incidents: 4, judged: 3, confirmed: 2, confirmedFirst: 1, toReportMs: 3_000, toConfirmMs: 90_000 });
  });

  it('tells services apart, most incidents first, and weeks by their Monday, latest first', () => {
    const { byService, byWeek } = statisticsOf(
      [
        record({ service: null }),
        record({ service: 'pay', openedAt: at - 2 * day - 12 * 3_600_000 }),
        record({ service: 'pay', openedAt: at - 2 * day - 12 * 3_600_000 - 1 }),
      ],
      0,
    );
    expect(byService.map(([service, { incidents }]) => [service, incidents])).toEqual([
      ['pay', 2],
      [unnamedService, 1],
    ]);
    expect(byWeek.map(([week, { incidents }]) => [new Date(week).toISOString().slice(0, 10), incidents])).toEqual([
      ['2026-03-02', 2],
      ['2026-02-23', 1],
    ]);
  });

  it('says nothing where there is nothing', () => {
    expect(statisticsOf([], 7)).toEqual({
      sinceAt: 7,
      total: { incidents: 0, judged: 0, confirmed: 0, confirmedFirst: 0, toReportMs: null, toConfirmMs: null },
      byService: [],
      byWeek: [],
    });
  });
});
