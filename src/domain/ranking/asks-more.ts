/**
 * Who asks another far more often for each call it takes than it did, where nothing but counts tells of it: a condition that is the wrong
 * way round, a cache that is gone, a loop. Whoever is asked is busy, and no spans show by whose doing (see `more-calls.ts`, where they do).
 *
 *   shelf takes 40 calls a minute ─ asks prices 12 times      before, minute by minute
 *   shelf takes 40 calls a minute ─ asks prices 40 times      now: shelf
 *
 * Who fails to reach somebody asks again, or asks another instead; and what several do at once has one reason outside them. Neither counts.
 */
import { median } from '../baseline/clock.ts';
import { edgeLosses, edgeSamples } from './edge-metrics.ts';
import type { Reading } from './metric-readings.ts';
import { wasReleased } from './releases.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

const minuteMs = 60_000;
/** Minutes before the alert by which it asks more, and from which on it does not yet: what lies between is left out. */
const since = 1;
const before = 3;
/** So many minutes show how often it asks. */
const fewestBefore = 5;
/** Nearly twice as often as usual, and clearly more often than ever. */
const muchMore = 1.7;
const thanEver = 1.3;
/** What is left of asking another, where it has taken to asking somebody else instead: a cache that is gone. What that adds. */
const hardlyAny = 0.1;
/** Whom it asks for fewer of its calls than one in five it may well not ask for a minute. */
const regular = 0.2;
const instead = 1;
/** Of fewer calls between two scrapes it says little how often each of them asks. */
const fewestTaken = 20;
const most = 3;

interface Asking {
  readonly service: string;
  readonly callee: string;
  /** Calls for each that it takes: by the minute in the past, and now. */
  readonly past: readonly number[];
  readonly usual: number;
  readonly least: number;
  readonly now: number;
}

export function judgeAsksMore(scene: Scene, suspicions: Suspicions, readings: readonly Reading[]): void {
  const { alertAt } = scene.input;
  const made = readings.filter((one) => one.measured === 'served' && one.client === one.service && one.server !== one.service);
  if (made.length === 0) return;
  const takenBy = Map.groupBy(
    readings.filter((one) => one.measured === 'served' && one.server === one.service),
    ({ service }) => service,
  );
  const asked = [...Map.groupBy(made, ({ service }) => service)].flatMap(([service, all]): Asking[] => {
    if (isJudgedElsewhere(scene, service)) return [];
    const taken = byMinute(takenBy.get(service) ?? [], alertAt);
    return [...Map.groupBy(all, ({ server }) => server)].flatMap(([callee, list]) =>
      askedOf(service, callee, byMinute(list, alertAt), taken),
    );
  });
  const found = asked.filter(isMore);
  if (found.length === 0) return;
  const failing = [...edgeLosses(edgeSamples(readings, alertAt), alertAt).values()].flatMap(({ samples }) => samples);
  for (const [service, list] of Map.groupBy(found, (one) => one.service)) {
    const isAlone = list.every(({ callee }) => found.every((other) => other.callee !== callee || other.service === service));
    const isFailing = failing.some(({ client, server }) => client === service || (server === service && client === ''));
    if (!isAlone || isFailing || complains(scene, service)) continue;
    const worst = list.reduce((best, one) => (worthOf(one) > worthOf(best) ? one : best));
    const { callee, usual, now } = worst;
    const hasLeft = asked.some(
      (one) => one.service === service && one.usual >= regular && one.least > 0 && one.now <= hardlyAny * one.least,
    );
    const value = worthOf(worst) + (hasLeft ? instead : 0);
    const text = `${service} asks ${callee} ${now.toPrecision(2)} times for each call it takes, before ${usual.toPrecision(2)} times.`;
    const part = { kind: 'error', source: 'metric', subject: `asks ${callee}`, text, at: alertAt, strength: value } as const;
    // Whoever answers late or wrongly may be asked again: counts alone do not tell.
    suspicions.add(service, 'asking', value, [finding({ ...part, ambiguous: true })]);
  }
}

/** Spans show what each request asks, and a release is judged by its pods. */
const isJudgedElsewhere = (scene: Scene, service: string): boolean =>
  scene.recent.spans.sum(scene.lexicon.id(service)) > 0 || wasReleased(scene, service);

/** Whether it says that it could not reach somebody. */
const complains = ({ recent }: Scene, service: string): boolean =>
  recent.failing.some(({ reporter }) => recent.window.strings.text(reporter) === service);

/** By minutes before the alert: calls between two scrapes, of all pods together. A scrape that is missing is no calls fewer. */
function byMinute(list: readonly Reading[], alertAt: number): Map<number, number> {
  const found = new Map<number, number>();
  for (const { at, values } of list) {
    const scrapes = new Map<number, number[]>();
    for (const [i, time] of at.entries()) {
      const minute = Math.floor((alertAt - time) / minuteMs);
      if (minute >= 0) scrapes.set(minute, [...(scrapes.get(minute) ?? []), values[i]!]);
    }
    for (const [minute, of] of scrapes) found.set(minute, (found.get(minute) ?? 0) + of.reduce((sum, one) => sum + one, 0) / of.length);
  }
  return found;
}

function askedOf(service: string, callee: string, asked: ReadonlyMap<number, number>, taken: ReadonlyMap<number, number>): Asking[] {
  const past: number[] = [];
  let now: number | null = null;
  for (const [minute, calls] of taken) {
    if (calls < fewestTaken) continue;
    const share = (asked.get(minute) ?? 0) / calls;
    if (minute < since) now = share;
    else if (minute >= before) past.push(share);
  }
  const usual = median(past);
  return now === null || past.length < fewestBefore || !(usual > 0)
    ? []
    : [{ service, callee, past, usual, least: Math.min(...past), now }];
}

const isMore = ({ past, usual, now }: Asking): boolean => now >= muchMore * usual && now >= thanEver * Math.max(...past);

function worthOf({ past, usual, now }: Asking): number {
  const spread = median(past.map((one) => Math.abs(one - usual))) + 0.15 * usual;
  return Math.min(most, (Math.log1p((now - Math.max(...past)) / spread) * past.length) / (past.length + 3));
}
