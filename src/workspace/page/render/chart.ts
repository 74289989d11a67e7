/**
 * The `data_visualization` block as inline SVG, with the same numbers as a table behind "Show as table". Colours come
 * from classes, so they follow the page's theme; series also differ by dash and marker, so that colour is never alone.
 */
import { attributes, escapeHtml } from './html.ts';
import { type Json, list, number, object, objects, string } from './read.ts';
import type { Scope } from './scope.ts';

interface Series {
  readonly name: string;
  /** One value a category; undefined where the series has no point. */
  readonly values: readonly (number | undefined)[];
}

const width = 640;
const height = 260;
const plot = { left: 56, right: 12, top: 14, bottom: 46 };
const innerWidth = width - plot.left - plot.right;
/** Of an axis, and how wide a sign of one is drawn where there is little room (styles/blocks.css). */
const maxLabel = 20;
const labelSign = 11;
const innerHeight = height - plot.top - plot.bottom;

export function chartBlock(block: Json, scope: Scope): string {
  const chart = object(block['chart']);
  const title = string(block['title']);
  const type = string(chart['type']);
  if (type === 'pie') return figure(title, pie(objects(chart['segments']), title), segmentsTable(objects(chart['segments'])), scope);
  if (type !== 'line' && type !== 'bar' && type !== 'area') throw new Error(`no chart of type ${type}`);
  const axis = object(chart['axis_config']);
  const categories = categoriesOf(chart, axis);
  const series = objects(chart['series']).map((one) => ({
    name: string(one['name']),
    values: categories.map((category) => number(objects(one['data']).find((point) => string(point['label']) === category)?.['value'])),
  }));
  const drawing = axes(type, series, categories, string(axis['x_label']), string(axis['y_label']), title);
  return figure(title, `${drawing}${legend(series)}`, seriesTable(series, categories, string(axis['x_label'])), scope);
}

function categoriesOf(chart: Json, axis: Json): readonly string[] {
  const named = list(axis['categories']).map(string);
  const used = objects(chart['series']).flatMap((one) => objects(one['data']).map((point) => string(point['label'])));
  return [...new Set([...named, ...used])];
}

function figure(title: string, drawing: string, table: string, scope: Scope): string {
  const id = scope.newId('chart');
  return `<figure class="chart" aria-labelledby="${id}"><figcaption id="${id}">${escapeHtml(title)}</figcaption>${drawing}<details class="chart-twin"><summary>Show as table</summary>${table}</details></figure>`;
}

function axes(
  type: string,
  series: readonly Series[],
  categories: readonly string[],
  xLabel: string,
  yLabel: string,
  title: string,
): string {
  const values = series.flatMap((one) => one.values.filter((value) => value !== undefined));
  const ticks = niceTicks(Math.min(0, ...values), Math.max(0, ...values));
  const low = ticks[0] ?? 0;
  const high = ticks[ticks.length - 1] ?? 1;
  const y = (value: number): number => round(plot.top + innerHeight * (1 - (value - low) / (high - low || 1)));
  const step = innerWidth / Math.max(1, categories.length);
  const x = (index: number): number => round(plot.left + step * (index + 0.5));
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${plot.left}" x2="${width - plot.right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" x="${plot.left - 8}" y="${y(tick) + 4}" text-anchor="end">${shortNumber(tick)}</text>`,
  );
  const labels = shownLabels(categories, x).map(
    ({ label, at }) => `<text class="tick" x="${at}" y="${height - plot.bottom + 18}" text-anchor="middle">${escapeHtml(label)}</text>`,
  );
  const marks = series.map((one, index) =>
    type === 'bar' ? bars(one, index, series.length, x, y, step) : lineOf(one, index, type === 'area', x, y),
  );
  const names =
    `<text class="axis-name" x="${plot.left + innerWidth / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(xLabel)}</text>` +
    `<text class="axis-name" transform="translate(13 ${plot.top + innerHeight / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yLabel)}</text>`;
  return `<svg viewBox="0 0 ${width} ${height}" role="img"${attributes({ 'aria-label': `${title || 'Chart'}: ${summary(series, categories)}` })}>${grid.join('')}${labels.join('')}${names}${marks.join('')}</svg>`;
}

/** Those that do not touch: first the longest, which say more than where they stand, then as they come. */
function shownLabels(categories: readonly string[], x: (index: number) => number): readonly { label: string; at: number }[] {
  const placed: { label: string; at: number; half: number }[] = [];
  const byLength = categories
    .map((category, index) => ({ label: category.slice(0, maxLabel), index }))
    .sort((a, b) => b.label.length - a.label.length);
  for (const { label, index } of byLength) {
    const half = ([...label].length * labelSign) / 2;
    const at = round(Math.min(Math.max(x(index), half), width - half));
    if (placed.every((other) => Math.abs(other.at - at) >= half + other.half + labelSign)) placed.push({ label, at, half });
  }
  return placed.sort((a, b) => a.at - b.at);
}

function lineOf(series: Series, index: number, isArea: boolean, x: (index: number) => number, y: (value: number) => number): string {
  // A missing point breaks the line: joining over it would claim a value nobody measured.
  const runs: [number, number][][] = [[]];
  for (const [at, value] of series.values.entries()) {
    if (value === undefined) runs.push([]);
    else runs[runs.length - 1]?.push([x(at), y(value)]);
  }
  const paths = runs
    .filter((run) => run.length > 0)
    .map((run) => {
      const points = run.map(([left, top]) => `${left},${top}`).join(' ');
      const area = isArea ? `<polygon class="area" points="${run[0]?.[0]},${y(0)} ${points} ${run[run.length - 1]?.[0]},${y(0)}"/>` : '';
      return `${area}<polyline class="line" points="${points}"/>`;
    });
  const dots = series.values.map((value, at) => (value === undefined ? '' : `<circle class="dot" cx="${x(at)}" cy="${y(value)}" r="3"/>`));
  return `<g class="series series-${index % 12}">${paths.join('')}${dots.join('')}</g>`;
}

function bars(
  series: Series,
  index: number,
  count: number,
  x: (index: number) => number,
  y: (value: number) => number,
  step: number,
): string {
  const barWidth = round(Math.min(36, (step * 0.8) / count));
  const rects = series.values.map((value, at) => {
    if (value === undefined) return '';
    const left = round(x(at) - (barWidth * count) / 2 + barWidth * index);
    const top = Math.min(y(value), y(0));
    return `<rect class="bar" x="${left}" y="${top}" width="${barWidth}" height="${round(Math.max(1, Math.abs(y(value) - y(0))))}"/>`;
  });
  return `<g class="series series-${index % 12}">${rects.join('')}</g>`;
}

function pie(segments: readonly Json[], title: string): string {
  const values = segments.map((segment) => Math.max(0, number(segment['value']) ?? 0));
  const total = values.reduce((sum, value) => sum + value, 0) || 1;
  let turned = -Math.PI / 2;
  const slices = values.map((value, index) => {
    const from = turned;
    const angle = (value / total) * 2 * Math.PI;
    turned += angle;
    if (angle >= 2 * Math.PI - 1e-9) return `<circle class="slice series-${index % 12}" cx="110" cy="110" r="100"/>`;
    const at = (radians: number): string => `${round(110 + 100 * Math.cos(radians))} ${round(110 + 100 * Math.sin(radians))}`;
    return `<path class="slice series-${index % 12}" d="M110 110 L${at(from)} A100 100 0 ${angle > Math.PI ? 1 : 0} 1 ${at(turned)} Z"/>`;
  });
  const words = segments.map((segment, index) => `${string(segment['label'])} ${shortNumber(values[index] ?? 0)}`).join(', ');
  const names = segments.map((segment, index) => ({
    name: `${string(segment['label'])}: ${shortNumber(values[index] ?? 0)} (${Math.round(((values[index] ?? 0) / total) * 100)} %)`,
    values: [],
  }));
  return `<svg viewBox="0 0 220 220" class="pie" role="img"${attributes({ 'aria-label': `${title || 'Chart'}: ${words}` })}>${slices.join('')}</svg>${legend(names)}`;
}

function legend(series: readonly Series[]): string {
  const entries = series.map(
    (one, index) =>
      `<li><svg class="swatch" viewBox="0 0 20 10" aria-hidden="true"><g class="series series-${index % 12}"><line class="line" x1="1" x2="19" y1="5" y2="5"/></g></svg> ${escapeHtml(one.name)}</li>`,
  );
  return `<ul class="legend">${entries.join('')}</ul>`;
}

function seriesTable(series: readonly Series[], categories: readonly string[], xLabel: string): string {
  const head = [xLabel || 'Category', ...series.map((one) => one.name)].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = categories.map(
    (category, index) =>
      `<tr><th scope="row">${escapeHtml(category)}</th>${series.map((one) => `<td class="align-right">${one.values[index] ?? '–'}</td>`).join('')}</tr>`,
  );
  return `<div class="table-scroll" tabindex="0" role="group" aria-label="Chart as table"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

function segmentsTable(segments: readonly Json[]): string {
  const body = segments.map(
    (segment) =>
      `<tr><th scope="row">${escapeHtml(string(segment['label']))}</th><td class="align-right">${escapeHtml(string(segment['value']))}</td></tr>`,
  );
  return `<table><thead><tr><th scope="col">Segment</th><th scope="col">Value</th></tr></thead><tbody>${body.join('')}</tbody></table>`;
}

function summary(series: readonly Series[], categories: readonly string[]): string {
  const each = series.map((one) => {
    const known = one.values.filter((value) => value !== undefined);
    return known.length === 0
      ? `${one.name} has no points`
      : `${one.name} from ${shortNumber(Math.min(...known))} to ${shortNumber(Math.max(...known))}`;
  });
  return `${each.join(', ')}; ${categories[0] ?? ''} to ${categories[categories.length - 1] ?? ''}`;
}

/** Four to six round numbers that enclose the range: 0…8.4 becomes 0, 2, 4, 6, 8, 10. */
export function niceTicks(low: number, high: number): readonly number[] {
  const span = high - low || 1;
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let at = Math.floor(low / step); at <= Math.ceil(high / step); at += 1) ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}

function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(3))}G`;
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(4)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
