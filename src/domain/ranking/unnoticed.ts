/**
 * What the service called counts or measures and its caller does not notice. Of failures: the caller asked again and got its
 * answer, or the reply went to one who had long left. Where both ends of a call measure it, users meet what the caller does.
 */
import { noticeableLoss } from './edge-metrics.ts';
import type { Reading } from './metric-readings.ts';

/** Both ends are compared over the scrapes of a minute before and after, whatever their phase, put together so coarsely. */
const nearMs = 75_000;
const stepMs = 15_000;
/** A caller that was last measured longer ago than this may only not have said yet what it met. */
const lagMs = 10_000;
/** So many of the caller's measurements show whether it noticed. */
const fewestOwn = 4;
/** The caller noticed where it counts at least this much of what the callee does. */
const noticed = 0.2;

/** What is left of failures that no caller noticed: many of them still are a fault, if one that is made good. */
const left = 0.2;

/** The same readings with less of the failures that no caller noticed. */
export function withoutUnnoticed(readings: readonly Reading[]): readonly Reading[] {
  const byCall = Map.groupBy(
    readings.filter(({ measured, client, server }) => measured === 'loss' && client !== '' && client !== server),
    ({ client, server }) => `${client}\n${server}`,
  );
  const changed = new Map<Reading, Reading>();
  for (const list of byCall.values()) {
    const theirs = list.filter(({ service, server }) => service === server);
    const own = list.filter(({ service, client }) => service === client);
    if (theirs.length === 0 || own.length === 0) continue;
    const lastTold = own.reduce((last, { at }) => Math.max(last, at.at(-1)!), Number.NEGATIVE_INFINITY);
    const [counted, met] = [tallied(theirs), tallied(own)];
    const isUnnoticed = (moment: number): boolean => {
      const meant = near(met, moment);
      return lastTold >= moment - lagMs && meant.n >= fewestOwn && meant.mean < noticed * near(counted, moment).mean;
    };
    for (const one of theirs) {
      const values = one.values.map((loss, i) => (loss > noticeableLoss && isUnnoticed(one.at[i]!) ? left * loss : loss));
      if (values.some((loss, i) => loss !== one.values[i])) changed.set(one, { ...one, values });
    }
  }
  return changed.size === 0 ? readings : readings.map((one) => changed.get(one) ?? one);
}

/** Whether callers that measure their own calls to a service wait no longer at a moment, though its pods are slower than before. */
export function isSlownessUnnoticed(service: string, readings: readonly Reading[], startedAt: number, moment: number): boolean {
  const timed = readings.filter(({ measured, server, client }) => measured === 'latency' && server === service && client !== server);
  const growth = (list: readonly Reading[]): { by: number; n: number } => {
    const now = near(tallied(list, startedAt), moment);
    return { by: now.mean - meanBefore(list, startedAt), n: now.n };
  };
  const slower = growth(timed.filter((one) => one.service === service));
  const waited = growth(timed.filter((one) => one.service === one.client));
  return waited.n >= fewestOwn && slower.by > 0 && waited.by < noticed * slower.by;
}

type Tally = ReadonlyMap<number, { sum: number; n: number }>;

/** By step of time, from a moment on. */
function tallied(readings: readonly Reading[], from = Number.NEGATIVE_INFINITY): Tally {
  const tally = new Map<number, { sum: number; n: number }>();
  for (const { at, values } of readings)
    for (const [i, time] of at.entries()) {
      if (time < from) continue;
      const step = Math.round(time / stepMs);
      const known = tally.get(step) ?? { sum: 0, n: 0 };
      tally.set(step, { sum: known.sum + values[i]!, n: known.n + 1 });
    }
  return tally;
}

function near(tally: Tally, moment: number): { mean: number; n: number } {
  let [sum, n] = [0, 0];
  const [from, to] = [Math.round((moment - nearMs) / stepMs), Math.round((moment + nearMs) / stepMs)];
  for (let step = from; step <= to; step++) {
    const known = tally.get(step);
    if (known) [sum, n] = [sum + known.sum, n + known.n];
  }
  return { mean: sum / n, n };
}

function meanBefore(readings: readonly Reading[], moment: number): number {
  let [sum, n] = [0, 0];
  for (const { at, values } of readings) for (const [i, time] of at.entries()) if (time < moment) [sum, n] = [sum + values[i]!, n + 1];
  return sum / n;
}
