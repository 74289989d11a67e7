/**
 * Services that started again while others did not: their opening lines come back. An opening is the first few different
 * lines of a service, one of which says so; lines that are part of normal operation or of a request are no opening.
 */
import { saysAborting } from '../baseline/abort-text.ts';
import { median } from '../baseline/clock.ts';
import { pairKey } from '../baseline/counts.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

const openingLines = 8;
const startWords = /\bstart(?:ed|ing|s|up)?\b|\blisten(?:ing|s)?\b|\bboot|\binitiali[sz]|\blaunch|\bready\b|\bserving\b/i;
/** What a process says last when it is told to stop. */
const stopWords =
  /\bsig(?:term|int)\b|\bshut(?:ting)?[ -]?down\b|\bexit(?:ing|ed)?\b|\bterminat(?:ing|ed)\b|\b(?:stopped|stopping)\b|\bgoodbye\b/i;
/** How a process that has just started says that it can be stopped: "Press Ctrl+C to shut down". */
const stopHint = /\b(?:press|use|hit|type)\b[^\n]{0,30}\bto (?:shut ?down|exit|quit|stop|terminate)\b/gi;
/** So often. */
const fewestAborts = 3;
/** More often than this it is not a start but a habit. */
const mostStarts = 20;

interface Service {
  readonly name: string;
  firstAt: number;
  readonly opening: number[];
  /** Its first lines are those of a request: it was there before. */
  isServing: boolean;
  readonly counts: Map<number, number>;
  /** How often its first line came again right after one that says it stopped. */
  stops: number;
  isStopping: boolean;
  /** When its first line came last. */
  beganAt: number;
}

/** What is known of services' starts, for those who ask whether a failure healed by itself. */
export interface Starts {
  /** Services that began to speak clearly later than the others. */
  readonly late: ReadonlySet<string>;
  /** Services that began more than once, and when they last did. */
  readonly again: ReadonlyMap<string, number>;
}

export function judgeRestarts(scene: Scene, suspicions: Suspicions): Starts {
  const services = openings(scene);
  const late = new Set<string>();
  const again = new Map<string, number>();
  const { alertAt } = scene.input;
  const begins = services.map(({ firstAt }) => firstAt);
  const usual = median(begins);
  for (const { name, firstAt, opening, counts, stops, beganAt } of services) {
    // Without a past all services start in view; one that starts much later than the rest has started again, or late.
    if (scene.baseline.minutes === 0 && firstAt - usual > 0.3 * (alertAt - usual)) late.add(name);
    const starts = Math.max(1 + stops, Math.min(...opening.map((template) => counts.get(template) ?? 0)));
    const texts = opening.map((template) => scene.recent.window.templateText(template));
    const isAborting = starts >= fewestAborts && texts.some(saysAborting);
    const says = texts.some((text) => startWords.test(text)) || isAborting;
    const value = says && starts >= 2 && starts <= mostStarts ? Math.log(starts) : late.has(name) && says ? 1 : 0;
    if (value <= 0) continue;
    if (starts >= 2) again.set(name, beganAt);
    const text =
      starts >= 2
        ? `${name} started ${starts} times within these minutes.`
        : `${name} started ${Math.round((firstAt - usual) / 1000)} s after the others.`;
    suspicions.add(name, 'restart', value, [
      finding({ kind: 'unavailable', source: 'log', subject: 'starts', text, at: firstAt, strength: value }),
    ]);
  }
  return { late, again };
}

/** Whether a service says within a stretch of time that it starts, apart from any request and other than it does every day. */
export function startedWithin(scene: Scene, service: number, from: number, to: number): boolean {
  const { window, tree } = scene.recent;
  const { logs } = window;
  const name = window.strings.text(service);
  const offset = tree.offsets.get(service) ?? 0;
  for (let row = 0; row < logs.length; row++) {
    if (logs.service[row] !== service || logs.trace[row]! >= 0) continue;
    const at = logs.timeMs[row]! + offset;
    const template = logs.template[row]!;
    if (at >= from && at <= to && startWords.test(window.templateText(template)) && !isHabit(scene, name, template)) return true;
  }
  return false;
}

function openings(scene: Scene): Service[] {
  const { window, tree } = scene.recent;
  const { logs } = window;
  const services = new Map<number, Service>();
  const saysStop = remembered((template) => stopWords.test(window.templateText(template).replace(stopHint, '')));
  for (let row = 0; row < logs.length; row++) {
    const at = logs.timeMs[row]! + (tree.offsets.get(logs.service[row]!) ?? 0);
    if (at > scene.input.alertAt) continue;
    const template = logs.template[row]!;
    let service = services.get(logs.service[row]!);
    if (!service) {
      service = {
        name: window.strings.text(logs.service[row]!),
        firstAt: at,
        opening: [],
        isServing: false,
        counts: new Map(),
        stops: 0,
        isStopping: false,
        beganAt: at,
      };
      services.set(logs.service[row]!, service);
    }
    service.firstAt = Math.min(service.firstAt, at);
    const seen = service.counts.get(template) ?? 0;
    service.counts.set(template, seen + 1);
    if (template === service.opening[0]) {
      if (service.isStopping) service.stops++;
      service.beganAt = Math.max(service.beganAt, at);
    }
    service.isStopping = saysStop(template);
    if (seen === 0 && service.opening.length < openingLines) {
      service.opening.push(template);
      if (logs.trace[row]! >= 0) service.isServing = true;
    }
  }
  return [...services.values()].filter(
    ({ name, opening, isServing }) => !isServing && opening.length >= 2 && !opening.some((template) => isHabit(scene, name, template)),
  );
}

/** Lines are many and templates few. */
function remembered(ask: (template: number) => boolean): (template: number) => boolean {
  const known = new Map<number, boolean>();
  return (template) => {
    const answer = known.get(template) ?? ask(template);
    known.set(template, answer);
    return answer;
  };
}

function isHabit({ normal, lexicon, recent }: Scene, service: string, template: number): boolean {
  return normal.spoken.sum(pairKey(lexicon.id(service), lexicon.template(recent.window, template))) >= 1;
}
