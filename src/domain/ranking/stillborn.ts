/**
 * Services that have never come up: each of their lives says the same few lines, ends in words that a process has for its own end, and is
 * followed by the next. Who dies because it does not reach another is left out: that is said of the other.
 *
 *   broker   Starting ─ Can't start: mkdir /data: permission denied ╴╴ Starting ─ Can't start: mkdir /data: permission denied ╴╴ ...
 *   worker   exec /usr/bin/python3: exec format error ╴╴ exec /usr/bin/python3: exec format error ╴╴ ...
 */
import { saysAborting, saysUnrunnable } from '../baseline/abort-text.ts';
import { median } from '../baseline/clock.ts';
import { askedPlaces, placeToBlame } from './failed-place.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** Once or twice a program dies that is there before what it needs. */
const fewestLives = 3;
/** Nothing is started anew sooner: lines that come back within it are of one life. */
const shortestLifeMs = 1000;
/** More different lines than this no program says that does not begin its work. */
const mostSaid = 60;
/** Pauses that show a timetable, and how even and how long they are. */
const fewestPauses = 3;
const even = 0.1;
const leastPauseMs = 20_000;
/** With "nothing is wrong" at 1.5, and beside a name for what is wrong, as sure as an orchestrator's own word for it. */
const worth = 2.5;
/** FATAL in OTLP's numbers. */
const fatal = 21;

interface Life {
  readonly from: number;
  readonly said: Set<number>;
  /** The line by which it ends; -1 where none says so. */
  end: number;
}

/** To be asked once starts are counted: what comes of it is more than that somebody started again. */
export function judgeStillborn(scene: Scene, suspicions: Suspicions): void {
  const { window } = scene.recent;
  if (scene.baseline.minutes > 0) return;
  for (const [service, lives] of livesIn(scene)) {
    const { end, said } = lives[0]!;
    if (lives.length < fewestLives || end < 0 || !areAlike(lives) || isEven(lives) || isForAnother(scene, service)) continue;
    // One line that comes again is no life of a process, unless nothing else could say it.
    if (said.size === 1 && !saysUnrunnable(window.logs.text(end))) continue;
    const name = window.strings.text(service);
    const text = `${name} has not come up in ${lives.length} starts, each of which ends alike: ${window.logs.text(end).trim().slice(0, 160)}`;
    suspicions.add(name, 'condition', worth, [
      finding({ kind: 'unavailable', source: 'log', subject: 'stillborn', text, at: window.logs.timeMs[end]!, strength: worth }),
    ]);
  }
}

/** Of services without requests, by number in the window's strings; a life begins with the line that the service began with. */
function livesIn({ recent: { window }, input }: Scene): Map<number, Life[]> {
  const { logs, spans } = window;
  const found = new Map<number, Life[]>();
  const opening = new Map<number, number>();
  const serving = new Set<number>(spans.service);
  for (let row = 0; row < logs.length; row++) {
    const [service, template, at] = [logs.service[row]!, logs.template[row]!, logs.timeMs[row]!];
    if (serving.has(service) || at > input.alertAt) continue;
    if (logs.trace[row]! >= 0) serving.add(service);
    const lives = found.get(service) ?? [];
    if (lives.length === 0) {
      found.set(service, lives);
      opening.set(service, template);
    }
    let life = lives.at(-1);
    if (life === undefined || (template === opening.get(service) && at - life.from > shortestLifeMs)) {
      life = { from: at, said: new Set(), end: -1 };
      lives.push(life);
    }
    life.said.add(template);
    if (life.end < 0 && lives.length === 1 && (logs.severity[row]! >= fatal || saysAborting(logs.text(row)))) life.end = row;
  }
  for (const service of serving) found.delete(service);
  return found;
}

/** Each life but the last, which may not be over, says what the first one said, and none says anything else. */
function areAlike(lives: readonly Life[]): boolean {
  const [first, ...others] = lives;
  const { said } = first!;
  const isOver = (i: number): boolean => i < others.length - 1;
  const isSame = (life: Life, i: number): boolean =>
    [...life.said].every((template) => said.has(template)) && (!isOver(i) || life.said.size === said.size);
  return said.size <= mostSaid && others.every(isSame);
}

/** A job that somebody runs every so often comes in even steps; who starts a program again because it died waits longer each time, or not at all. */
function isEven(lives: readonly Life[]): boolean {
  const pauses = lives.slice(1).map(({ from }, i) => from - lives[i]!.from);
  const usual = median(pauses);
  return pauses.length >= fewestPauses && usual >= leastPauseMs && pauses.every((pause) => Math.abs(pause - usual) <= even * usual);
}

/** Whether it says that it does not reach another, or a place of which nothing is known. */
function isForAnother(scene: Scene, service: number): boolean {
  const { failing, window } = scene.recent;
  const asked = askedPlaces(scene);
  const name = window.strings.text(service);
  const mine = failing.filter(({ reporter }) => reporter === service);
  return mine.some((one) => {
    const blame = placeToBlame(scene, name, one, asked);
    // What names nobody may be any word of time; a store's word on an account or a table is about who came with it.
    return blame === null ? one.host !== '' || one.manner === 'denied' || one.manner === 'unmigrated' : blame.service !== name;
  });
}
