/** Whether what fails still fails at the end of what its reporter says, or has healed. */
import type { Failing } from '../baseline/period.ts';
import { rememberedMinutes } from '../baseline/baseline.ts';
import { pairKey } from '../baseline/counts.ts';
import { stillMs } from './held-up.ts';
import type { Scene } from './scene.ts';
import type { Group } from './unreachable-words.ts';

/** The reporter's last stretch of activity that is looked at. */
const lastShare = 0.4;

export interface Activity {
  readonly times: readonly number[];
  /** Those of lines that tell of something else than a failure to reach somebody, whoever it was. */
  readonly working: readonly number[];
  /** All lines carry one instant: order in time says nothing. */
  readonly flat: boolean;
}

export function activityOf({ recent }: Scene, reporter: number): Activity {
  const { logs } = recent.window;
  const offset = recent.tree.offsets.get(reporter) ?? 0;
  const failures = new Set(recent.failing.filter((line) => line.reporter === reporter).map(({ row }) => row));
  const times: number[] = [];
  const working: number[] = [];
  for (let row = 0; row < logs.length; row++) {
    if (logs.service[row] !== reporter || healthCheck.test(logs.text(row).slice(0, headLength))) continue;
    const at = logs.timeMs[row]! + offset;
    times.push(at);
    if (!failures.has(row)) working.push(at);
  }
  return { times, working, flat: times.length > 1 && times.at(-1)! - times[0]! < 50 };
}

/** A health check says so at the front of its line. */
const headLength = 400;
/** In the line itself: a template may have generalised the path away, or lend one to lines of another. */
const healthCheck = /\bhealth|\/healthz|readiness|liveness|_healthz/i;

export function stillFailing(
  { normal, lexicon, recent, firstAt, input, baseline }: Scene,
  { lines, place, reporter }: Group,
  { times, flat }: Activity,
): number {
  const end = times.at(-1) ?? lines.at(-1)!.at;
  const begin = times[0] ?? lines[0]!.at;
  const late = flat ? lines : lines.filter(({ at }) => at >= end - lastShare * (end - begin));
  const learned = normal.failing.sum(pairKey(lexicon.id(recent.window.strings.text(reporter)), lexicon.id('F', place)));
  if (learned === 0 || baseline.minutes === 0) return late.length;
  const expected = (learned / rememberedMinutes(baseline)) * (Math.max(1, (input.alertAt - firstAt) * lastShare) / 60_000);
  return late.length - 1.5 * expected - 2 * Math.sqrt(expected);
}

/** A reporter that says less than this has to be judged by what the system around it goes on doing. */
const sayingMuch = 5;

/** How likely it is beforehand that what fails will have healed by the alert: an alert is of what lasts. */
const healedBefore = 0.1;

/** 1 while it still fails; towards 0.1 as the reporter goes on without failing, or the system does where the reporter is quiet. */
export function healingOf(scene: Scene, lines: readonly Failing[], { times, working, flat }: Activity): number {
  if (flat) return 1;
  const first = lines[0]!.at;
  const last = lines.at(-1)!.at;
  const own = times.filter((at) => at > last + 1).length;
  const isQuiet = own < sayingMuch && working.length < sayingMuch;
  if (!isQuiet && times.at(-1)! - last < stillMs) return 1;
  const of = isQuiet ? [...scene.recent.window.logs.timeMs] : times;
  const during = of.filter((at) => at >= first && at <= last).length;
  const after = of.filter((at) => at > last + stillMs).length;
  const chance = (1 - healedBefore) * Math.exp((-after * lines.length) / Math.max(1, during));
  return 0.1 + (0.9 * chance) / (chance + healedBefore);
}

/** Since when what is said of the target counts: the reporter's last stretch, not before its first failure. */
export function lastlyFrom({ input }: Scene, { lines }: Group, { times }: Activity): number {
  const end = times.at(-1) ?? input.alertAt;
  return Math.max(lines[0]!.at, end - lastShare * (end - (times[0] ?? end)));
}
