import { describe, expect, it } from 'vitest';
import { minutesBlock } from '../../../../src/adapters/sinks/slack/minutes.ts';
import { timelineChart, type TimelinePlot } from '../../../../src/domain/timeline-chart.ts';
import { illustrated, longIllustrated } from './illustrated.ts';

const plotOf = ({ report }: typeof illustrated) => timelineChart(report!.context, report!.timeline!)!.plot;
const plot = plotOf(illustrated);
const withLines = (values: readonly (readonly (number | null)[])[], names = ['payment', 'checkout']): TimelinePlot => ({
  ...plot,
  marks: [],
  lines: values.map((each, i) => ({ ...plot.lines[i]!, name: names[i] ?? '', values: each })),
});

describe('minutesBlock', () => {
  it('has a point a minute for the suspect and the alert, with what happened in the labels', async () => {
    await expect(`${JSON.stringify(minutesBlock(plot), null, 2)}\n`).toMatchFileSnapshot('./golden/minutes.json');
  });

  it.each([
    ['leaves out a mark', plotOf(longIllustrated)],
    ['has to claim a value for a minute that has none', withLines([[1, null, 3]])],
    [
      'cannot tell two lines apart',
      withLines(
        [
          [1, 2],
          [3, 4],
        ],
        ['recommendation-service-eu', 'recommendation-service-us'],
      ),
    ],
    ['has one point', withLines([[1]])],
    ['has none', withLines([[null, null]])],
  ])('is none where it %s', (_, refused) => {
    expect(minutesBlock(refused)).toBeNull();
  });

  it('drops minutes at the ends in which nothing was measured, and keeps the latest twenty', () => {
    const labels = (values: readonly (number | null)[]) => minutesBlock(withLines([values]))?.chart.axis_config.categories ?? [];
    expect(labels([null, 5, 6, null])).toHaveLength(2);
    const long = labels(Array.from({ length: 30 }, (_, i) => i));
    expect([long.length, long[0], long.at(-1)]).toEqual([20, '09:59', '10:18']);
  });

  it('puts as many words as fit into a label', () => {
    const at = plot.fromMs;
    const mark = (word: string) => ({ at, word, text: word, kind: 'change' as const });
    const marks = ['rollback', 'begun', 'alert', 'a'].map(mark);
    const [label] = minutesBlock({ ...withLines([[1, 2]]), marks })!.chart.axis_config.categories;
    expect(label).toBe('09:49 rollback, a');
  });
});
