/**
 * A service that is asked again and again whether it is well, in the beat of an orchestrator, by a path that it does not have: it never
 * becomes ready, or is killed for it. It says so itself, though nobody whom it serves is answered by it.
 */
import { median } from '../baseline/clock.ts';
import { refusedProbe } from '../baseline/start-text.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

const fewest = 4;
/** A beat: so large a share of the pauses is that near the usual one. Strangers who try paths out come as they like. */
const share = 0.75;
const near = 0.25;
/** Lines of one request come together. */
const sameMs = 100;
/** Still asked within the last part of what was recorded. */
const lastShare = 0.4;
/** As sure as an orchestrator would be of it; but it is only inferred, and nobody is surer of that than 0.78. */
const worth = 2.5;

export function judgeProbes(scene: Scene, suspicions: Suspicions): void {
  if (scene.baseline.minutes > 0) return;
  const { window } = scene.recent;
  const from = scene.lastAt - lastShare * (scene.lastAt - scene.firstAt);
  for (const [service, paths] of refusedIn(scene))
    for (const [path, times] of paths) {
      const lastAt = times.at(-1)!;
      if (times.length < fewest || lastAt < from || !isBeat(times) || suspicions.value(window.strings.text(service), 'condition') > 0)
        continue;
      const name = window.strings.text(service);
      const text = `${name} is asked ${times.length} times whether it is well at ${path}, and answers that there is no such path, or that it may not be asked.`;
      suspicions.add(name, 'condition', worth, [
        finding({ kind: 'configuration', source: 'log', subject: `probe ${path}`, text, at: lastAt, strength: worth, ambiguous: true }),
      ]);
    }
}

/** By service and path, when it was refused. */
function refusedIn({ recent: { window }, input }: Scene): Map<number, Map<string, number[]>> {
  const { logs } = window;
  const found = new Map<number, Map<string, number[]>>();
  for (let row = 0; row < logs.length; row++) {
    const at = logs.timeMs[row]!;
    const path = at > input.alertAt ? null : refusedProbe(logs.text(row));
    if (path === null) continue;
    const paths = found.get(logs.service[row]!) ?? new Map<string, number[]>();
    found.set(logs.service[row]!, paths);
    const times = paths.get(path) ?? [];
    paths.set(path, times);
    if (times.length === 0 || at - times.at(-1)! > sameMs) times.push(at);
  }
  return found;
}

function isBeat(times: readonly number[]): boolean {
  const pauses = times.slice(1).map((at, i) => at - times[i]!);
  const usual = median(pauses);
  return pauses.filter((pause) => Math.abs(pause - usual) <= near * usual).length >= share * pauses.length;
}
