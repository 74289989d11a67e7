/**
 * An incident minute by minute as Slack's own chart, which needs no file, follows the reader's theme and can be read as a table.
 * Slack takes 20 points a line, each with a value, under labels of 20 characters (docs, 2026-06-16). It draws no upright lines:
 * when it began, the alert and changes stand in their minutes' labels. Null where that does not hold what must be seen.
 */
import type { SectionBlock } from '@slack/types';
import { minuteText, pictureName } from '../../../domain/picture-text.ts';
import type { TimelinePlot } from '../../../domain/timeline-chart.ts';

const maxPoints = 20;
const maxLabel = 20;
const maxTitle = 50;

/** The SDK has no type for it yet. */
export interface ChartBlock {
  readonly type: 'data_visualization';
  readonly title: string;
  readonly chart: {
    readonly type: 'line';
    readonly series: readonly { readonly name: string; readonly data: readonly { readonly label: string; readonly value: number }[] }[];
    readonly axis_config: { readonly categories: readonly string[]; readonly x_label: string; readonly y_label: string };
  };
}

/** The plain-text twin: a chart block has no alt text. */
export function wordsBlock(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

export function minutesBlock(plot: TimelinePlot): ChartBlock | null {
  const steps = shownSteps(plot);
  if (steps === null) return null;
  const categories = steps.map((step) => label(plot, step));
  const series = plot.lines.map(({ name, role, values }) => ({
    name: lineName(name, role),
    data: steps.map((step, i) => ({ label: categories[i] ?? '', value: values[step] ?? null })),
  }));
  if (new Set(series.map(({ name }) => name)).size < series.length) return null;
  if (series.some(({ data }) => data.some(({ value }) => value === null))) return null;
  return {
    type: 'data_visualization',
    title: pictureName(plot.title, maxTitle),
    chart: {
      type: 'line',
      series: series.map(({ name, data }) => ({
        name,
        data: data.map(({ label: at, value }) => ({ label: at, value: Math.round((value ?? 0) * 100) / 100 })),
      })),
      axis_config: { categories, x_label: 'UTC', y_label: plot.lines[0]?.unit ?? '' },
    },
  };
}

/** The latest steps in which all was measured, as many as Slack takes; null where a mark would be left out. */
function shownSteps({ lines, marks, fromMs, stepMs }: TimelinePlot): number[] | null {
  const isMeasured = (step: number) => lines.some(({ values }) => (values[step] ?? null) !== null);
  const measured = Array.from({ length: lines[0]?.values.length ?? 0 }, (_, step) => step).filter(isMeasured);
  const [last, first] = [measured.at(-1) ?? -1, measured[0] ?? 0];
  const from = Math.max(first, last - maxPoints + 1);
  if (last - from < 1) return null;
  const isShown = (at: number) => at >= fromMs + from * stepMs && at <= fromMs + (last + 1) * stepMs;
  return marks.every(({ at }) => isShown(at)) ? Array.from({ length: last - from + 1 }, (_, i) => from + i) : null;
}

/** `10:02 deploy, begun`: as many as fit; all of them are in the words above. */
function label({ marks, fromMs, stepMs, lines }: TimelinePlot, step: number): string {
  const at = fromMs + step * stepMs;
  const last = (lines[0]?.values.length ?? 0) - 1;
  const stepOf = (time: number) => Math.min(last, Math.floor((time - fromMs) / stepMs));
  let text = minuteText(at);
  for (const word of new Set(marks.filter((mark) => stepOf(mark.at) === step).map((mark) => mark.word))) {
    const longer = text.length === 5 ? `${text} ${word}` : `${text}, ${word}`;
    if (longer.length <= maxLabel) text = longer;
  }
  return text;
}

function lineName(name: string, role: 'suspect' | 'alerted'): string {
  const suffix = role === 'suspect' ? ' (suspect)' : ' (alert)';
  return name.length + suffix.length <= maxLabel ? `${name}${suffix}` : pictureName(name, maxLabel);
}
