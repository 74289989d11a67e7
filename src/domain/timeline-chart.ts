/** An incident's timeline as an SVG: the suspect beside the service of the alert, with onset, alert and changes. Times are UTC. */
import type { IncidentContext } from './incident-context.ts';
import { minuteText, pictureName, xmlText } from './picture-text.ts';
import { type Curve, curveOf, measureFor, type Timeline, type TimelineSeries } from './timeline.ts';

/** A thread shows about 360 of these across: few enough for its words to be read there. */
const size = { width: 540, height: 360 } as const;
const plot = { left: 62, right: 524, top: 132, bottom: 322 } as const;
const maxName = 40;
const maxChanges = 3;
const colours = { suspect: '#b3261e', alerted: '#1f5fa8', ink: '#1d2b36', faint: '#d5dbe0', mark: '#55616b', change: '#6a3d9a' } as const;

export interface TimelinePicture {
  readonly svg: string;
  /** The same in words. */
  readonly words: string;
  /** The same for those who draw it themselves. */
  readonly plot: TimelinePlot;
}

export interface TimelinePlot {
  readonly title: string;
  readonly fromMs: number;
  readonly stepMs: number;
  /** The suspect first. */
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
}

interface Line extends Curve {
  readonly name: string;
  readonly role: 'suspect' | 'alerted';
}

interface Mark {
  readonly at: number;
  readonly text: string;
  /** In one word. */
  readonly word: string;
  readonly kind: 'onset' | 'alert' | 'change';
}

/** Null where there is no suspect, or nothing of it was measured. */
export function timelineChart(context: IncidentContext, timeline: Timeline): TimelinePicture | null {
  const suspect = context.hypotheses[0];
  const series = timeline.series.find(({ hypothesisId }) => hypothesisId === suspect?.id);
  if (suspect === undefined || series === undefined || context.verdict === 'healthy') return null;
  const measure = measureFor(series, suspect.kind);
  if (measure === null) return null;
  const line = (of: TimelineSeries, name: string, role: Line['role']): Line => ({
    ...curveOf(of, measure, timeline.stepMs),
    name: pictureName(name, maxName),
    role,
  });
  const alerted = timeline.series.find(({ hypothesisId }) => hypothesisId === null);
  const { service } = context.incident;
  const lines = [
    line(series, suspect.service, 'suspect'),
    ...(alerted === undefined || service === null || service === suspect.service ? [] : [line(alerted, service, 'alerted')]),
  ];
  const marks = marksOf(context, timeline);
  const { fromMs, stepMs } = timeline;
  const plot = { title: title(lines[0]), fromMs, stepMs, lines, marks };
  return { svg: draw(lines, marks, timeline), words: words(lines, marks, timeline), plot };
}

function marksOf({ onsetAt, incident, changes, hypotheses }: IncidentContext, { fromMs, stepMs, series }: Timeline): Mark[] {
  const endMs = fromMs + stepMs * (series[0]?.calls.length ?? 0);
  const blamed = hypotheses[0]?.change ?? null;
  const named = [...(blamed === null ? [] : [blamed]), ...changes.filter(({ service }) => service === hypotheses[0]?.service)];
  const shown = [...new Map(named.map((change) => [`${change.kind} ${change.version ?? ''} ${change.startedAt}`, change])).values()];
  const of = shown.slice(0, maxChanges).map(({ kind, version, sha, startedAt, service }) => ({
    at: Date.parse(startedAt),
    text: `${kind} ${pictureName(version ?? sha?.slice(0, 8) ?? '', 24)} of ${pictureName(service, 24)}`.replace(' ? of', ' of'),
    word: pictureName(kind, 12),
    kind: 'change' as const,
  }));
  const onset = onsetAt === null ? [] : [{ at: Date.parse(onsetAt), text: 'begun', word: 'begun', kind: 'onset' as const }];
  const all: Mark[] = [...of, ...onset, { at: Date.parse(incident.alertAt), text: 'alert', word: 'alert', kind: 'alert' }];
  return all.filter(({ at }) => at >= fromMs && at <= endMs).sort((a, b) => a.at - b.at);
}

function draw(lines: readonly Line[], marks: readonly Mark[], { fromMs, stepMs }: Timeline): string {
  const steps = lines[0]?.values.length ?? 1;
  const top = niceTop(Math.max(...lines.flatMap(({ values }) => values.map((value) => value ?? 0))), lines[0]?.unit ?? '%');
  const x = (at: number) => plot.left + ((at - fromMs) / (stepMs * steps)) * (plot.right - plot.left);
  const y = (value: number) => plot.bottom - (value / top) * (plot.bottom - plot.top);
  const middle = (step: number) => x(fromMs + (step + 0.5) * stepMs);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="DejaVu Sans" font-size="13">`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text({ x: 16, y: 26, words: title(lines[0]), size: 15 }),
    ...lines.map((line, i) => legend(line, i)),
    ...grid(top, y, lines[0]?.unit ?? '%'),
    ...hours(fromMs, stepMs, steps, x),
    ...marks.flatMap((mark, i) => markLines(mark, x(mark.at), i)),
    ...lines.toReversed().flatMap((line) => curve(line, middle, y)),
    '</svg>',
  ].join('\n');
}

function title(line: Line | undefined): string {
  const step = {
    'failed calls': 'Failed calls, %',
    'slowest calls': 'Slowest 5 % of calls, ms',
    'error lines': 'Error lines',
    calls: 'Calls',
  };
  return `${step[line?.measure ?? 'calls']}, per minute (UTC)`;
}

function legend({ name, role }: Line, place: number): string {
  const y = 46 + place * 19;
  const dash = role === 'alerted' ? ' stroke-dasharray="7 4"' : '';
  return (
    `<line x1="16" y1="${y}" x2="44" y2="${y}" stroke="${colours[role]}" stroke-width="3"${dash}/>` +
    text({ x: 52, y: y + 5, words: `${name}${role === 'suspect' ? ' (suspect)' : ' (alert)'}`, colour: colours[role] })
  );
}

function grid(top: number, y: (value: number) => number, unit: Curve['unit']): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(top * share);
    const value = Math.round(top * share * 100) / 100;
    return (
      `<line x1="${plot.left}" y1="${at}" x2="${plot.right}" y2="${at}" stroke="${colours.faint}"/>` +
      text({ x: plot.left - 8, y: at + 4, words: unit === '%' ? `${value} %` : `${value}`, anchor: 'end', size: 12 })
    );
  });
}

function hours(fromMs: number, stepMs: number, steps: number, x: (at: number) => number): string[] {
  const every = Math.max(1, Math.ceil(steps / 7));
  return Array.from({ length: steps }, (_, step) => step)
    .filter((step) => step % every === 0)
    .map((step) => fromMs + step * stepMs)
    .map((at) => text({ x: x(at), y: plot.bottom + 20, words: minuteText(at), anchor: 'middle', size: 12 }));
}

/** Each on a row of its own above the plot, so that no two labels meet. */
function markLines({ text: words, at, kind }: Mark, x: number, place: number): string[] {
  const colour = kind === 'change' ? colours.change : colours.mark;
  const row = 90 + (place % 3) * 15;
  const isRight = x > plot.left + (plot.right - plot.left) * 0.5;
  const dash = { onset: ' stroke-dasharray="2 4"', alert: '', change: ' stroke-dasharray="9 3"' }[kind];
  return [
    `<line x1="${x}" y1="${row - 8}" x2="${x}" y2="${plot.bottom}" stroke="${colour}" stroke-width="1.6"${dash}/>`,
    text({
      x: isRight ? x - 6 : x + 6,
      y: row + 1,
      words: `${words} ${minuteText(at)}`,
      anchor: isRight ? 'end' : 'start',
      size: 12,
      colour,
    }),
  ];
}

function curve({ values, role }: Line, middle: (step: number) => number, y: (value: number) => number): string[] {
  const runs: string[][] = [[]];
  const dots: string[] = [];
  for (const [step, value] of values.entries()) {
    if (value === null) {
      runs.push([]);
      continue;
    }
    const [cx, cy] = [round(middle(step)), round(y(value))];
    runs.at(-1)?.push(`${cx},${cy}`);
    dots.push(`<circle cx="${cx}" cy="${cy}" r="3" fill="${colours[role]}"/>`);
  }
  const dash = role === 'alerted' ? ' stroke-dasharray="7 4"' : '';
  const lines = runs
    .filter((run) => run.length > 1)
    .map((run) => `<polyline points="${run.join(' ')}" fill="none" stroke="${colours[role]}" stroke-width="3"${dash}/>`);
  return [...lines, ...dots];
}

function text({
  x,
  y,
  words: said,
  anchor = 'start',
  size: px = 13,
  colour = colours.ink,
}: {
  x: number;
  y: number;
  words: string;
  anchor?: 'start' | 'middle' | 'end';
  size?: number;
  colour?: string;
}): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${px}" fill="${colour}" stroke="#ffffff" stroke-width="4" paint-order="stroke">${xmlText(said)}</text>`;
}

/** 1, 2 or 5 times a power of ten that holds the highest value; of shares 100 at most. */
function niceTop(highest: number, unit: Curve['unit']): number {
  if (unit === '%' && highest > 50) return 100;
  if (highest <= 0) return unit === '%' ? 1 : 10;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= highest) ?? 10;
  return step * power;
}

function words(lines: readonly Line[], marks: readonly Mark[], timeline: Timeline): string {
  const split = (marks.find(({ kind }) => kind === 'onset') ?? marks.find(({ kind }) => kind === 'alert'))?.at ?? null;
  const said = lines.map((line) => lineWords(line, split, timeline));
  const times = marks.map(({ text: word, at }) => `${word} ${minuteText(at)} UTC`);
  return `${said.join(' ')}${times.length === 0 ? '' : ` Times: ${times.join(', ')}.`}`;
}

function lineWords({ name, measure, unit, values }: Line, split: number | null, { fromMs, stepMs }: Timeline): string {
  const amount = (value: number) =>
    unit === 'per minute' ? `${Math.round(value)} a minute` : `${value < 10 ? round(value) : Math.round(value)} ${unit}`;
  const highest = (from: number, to: number) => {
    let found: { value: number; step: number } | null = null;
    for (let step = from; step < to; step++) {
      const value = values[step] ?? null;
      if (value !== null && value > (found?.value ?? -1)) found = { value, step };
    }
    return found;
  };
  const cut = split === null ? 0 : Math.max(0, Math.min(values.length, Math.floor((split - fromMs) / stepMs)));
  const [before, after] = [highest(0, cut), highest(cut, values.length)];
  const subject = `${measure[0]?.toUpperCase()}${measure.slice(1)} of ${name}:`;
  const earlier = before === null ? '' : ` at most ${amount(before.value)} before`;
  const later = after === null ? ' none since' : ` up to ${amount(after.value)} at ${minuteText(fromMs + after.step * stepMs)} UTC`;
  return `${subject}${earlier}${earlier === '' ? '' : ','}${later}.`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
