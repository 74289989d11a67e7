/**
 * Configuration that is wrong by what services print as they start: a port of another service that this one does not have by the list,
 * that nobody else was given, and that it does not say it listens on. Not every failure that comes of it names the place: many a program
 * tells only that it could not get what it asked for.
 */
import { askedPlaces, isItsMistake } from './failed-place.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';
import { unlistedPortsGiven } from './told-places.ts';

/** Beside nothing else, a little more than "nothing is wrong" has. */
const worth = 1.3;
/** So many errors in the last part of what was recorded: something fails, whatever it is. */
const fewestErrors = 3;
const lastShare = 0.4;
/** ERROR in OTLP's numbers. */
const error = 17;

/** To be asked once it is known who could not be reached: what failed there tells more. */
export function judgeGivenPorts(scene: Scene, suspicions: Suspicions): void {
  if (scene.baseline.minutes > 0 || !isFailing(scene)) return;
  const asked = askedPlaces(scene);
  for (const [reporter, [given, ...others]] of Map.groupBy(unlistedPortsGiven(scene), ({ reporter }) => reporter)) {
    const { service, port } = given!;
    // Whoever tells of several has a list of his own, of what he scrapes or of where others are managed.
    if (others.length > 0) continue;
    if (suspicions.value(reporter, 'misconfigured') > 0 || !isItsMistake(scene, reporter, { service, port }, asked)) continue;
    const text = `${reporter} was given port ${port} of ${service}, by what it prints, which is no port of it in the list of services.`;
    suspicions.add(reporter, 'misconfigured', worth, [
      finding({ kind: 'configuration', source: 'log', subject: `given ${service}:${port}`, text, at: scene.firstAt, strength: worth }),
    ]);
  }
}

/** Whether something fails lately, whatever it is. */
export function isFailing({ firstAt, lastAt, recent: { window, tree } }: Scene): boolean {
  const { logs } = window;
  const from = lastAt - lastShare * (lastAt - firstAt);
  let errors = 0;
  for (let row = 0; row < logs.length; row++)
    if (logs.severity[row]! >= error && logs.timeMs[row]! + (tree.offsets.get(logs.service[row]!) ?? 0) >= from) errors++;
  return errors >= fewestErrors;
}
