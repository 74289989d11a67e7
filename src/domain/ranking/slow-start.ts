/**
 * A service that took far longer to come up than all others that say how long they took, and waited for nobody in the meantime: it is given
 * too little of a processor. What it is asked then takes long as well, which its callers tell of, if anybody.
 *
 *   cart      Started CartApplication in 12.8 seconds
 *   seats     Started SeatsApplication in 109.7 seconds       seats
 */
import { startedIn } from '../baseline/start-text.ts';
import { isFailing } from './given-ports.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

const fewestOthers = 4;
/** Of the slowest of the others. Programs are of different size, and so are their starts. */
const longer = 3;
/** In so few seconds no start is a matter for anybody. */
const longSeconds = 45;
/** As sure as an orchestrator would be of it; but it is only inferred, and nobody is surer of that than 0.78. */
const worth = 2.5;

export function judgeSlowStart(scene: Scene, suspicions: Suspicions): void {
  if (scene.baseline.minutes > 0 || !isFailing(scene)) return;
  const starts = [...startsIn(scene)].sort(([, a], [, b]) => b.seconds - a.seconds);
  const [first, second] = starts;
  if (first === undefined || second === undefined || starts.length <= fewestOthers) return;
  const [service, { seconds, at }] = first;
  if (seconds < longSeconds || seconds < longer * second[1].seconds || hasWaited(scene, service, at)) return;
  const name = scene.recent.window.strings.text(service);
  const text = `${name} took ${Math.round(seconds)} s to start, all others that say so at most ${Math.round(second[1].seconds)} s, and waited for nobody.`;
  suspicions.add(name, 'condition', worth, [
    finding({ kind: 'saturation', source: 'log', subject: 'slow start', text, at, strength: worth, ambiguous: true }),
  ]);
}

interface Start {
  readonly seconds: number;
  readonly at: number;
}

/** The longest start of each service. */
function startsIn({ recent: { window }, input }: Scene): Map<number, Start> {
  const { logs } = window;
  const found = new Map<number, Start>();
  for (let row = 0; row < logs.length; row++) {
    if (logs.trace[row]! >= 0 || logs.timeMs[row]! > input.alertAt) continue;
    const seconds = startedIn(logs.text(row));
    const service = logs.service[row]!;
    if (seconds !== null && seconds > (found.get(service)?.seconds ?? 0)) found.set(service, { seconds, at: logs.timeMs[row]! });
  }
  return found;
}

const hasWaited = ({ recent: { failing } }: Scene, service: number, until: number): boolean =>
  failing.some(({ reporter, at }) => reporter === service && at <= until);
