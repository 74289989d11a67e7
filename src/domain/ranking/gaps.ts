/** What could not be judged for want of data, said aloud so that silence never reads as "nothing found". */
import type { Gap } from '../evidence.ts';
import type { Scene } from './scene.ts';

/** Whether there is anything recent at all; with nothing for this long before the alert there is nothing to judge. */
const silentMs = 6 * 60_000;

export const hasTelemetry = ({ lastAt, firstAt, input, recent }: Scene): boolean =>
  recent.window.spans.length + recent.window.logs.length + recent.window.metrics.length > 0 &&
  input.alertAt - lastAt < silentMs &&
  firstAt <= lastAt;

export function gapsOf({ recent, baseline, input, normal }: Scene): Gap[] {
  const { spans, logs, metrics, dropped } = recent.window;
  const gaps: Gap[] = [];
  if (spans.length === 0) gaps.push({ source: 'traces', reason: 'no spans in the minutes before the alert' });
  if (logs.length === 0) {
    const before = normal.lines.size > 0 ? ', though there were some before' : '';
    gaps.push({ source: 'logs', reason: `no log lines in the minutes before the alert${before}` });
  }
  if (metrics.length === 0) gaps.push({ source: 'metrics', reason: 'no metric points in the minutes before the alert' });
  if (baseline.minutes === 0)
    gaps.push({ source: 'baseline', reason: 'no normal period is known: what happens now is compared with the minutes before it only' });
  else if (baseline.minutes < 10)
    gaps.push({ source: 'baseline', reason: `only ${Math.max(1, Math.round(baseline.minutes))} min of normal operation are known` });
  if (input.directory.length === 0 && spans.length === 0)
    gaps.push({ source: 'services', reason: 'no list of services: addresses and silent services cannot be resolved' });
  const lost = dropped.spans + dropped.logs + dropped.points;
  if (lost > 0) gaps.push({ source: 'telemetry', reason: `${lost} records of this time were dropped for space` });
  return gaps;
}
