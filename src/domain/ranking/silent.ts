/**
 * The one listed service that never says a word, where nothing is known of the past and all others speak: it may never have come up,
 * and may as well be one that has nothing to say. That is worth a look where nothing speaks against anybody, and adds to it where it is
 * not reached.
 */
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** Less than "nothing is wrong" has. */
const worthALook = 0.9;

/** To be asked last. */
export function judgeSilent(scene: Scene, suspicions: Suspicions): void {
  const { known, baseline, recent, firstAt } = scene;
  if (baseline.minutes > 0 || recent.window.spans.length > 0) return;
  const silent = known.onlySilent();
  if (silent === null || (suspicions.value(silent, 'unreachable') === 0 && isAnybodySuspected(suspicions))) return;
  const text = `${silent} is listed and has said nothing at all, while all others have.`;
  suspicions.add(silent, 'condition', worthALook, [
    finding({ kind: 'unavailable', source: 'log', subject: 'silent', text, at: firstAt, strength: worthALook }),
  ]);
}

const isAnybodySuspected = (suspicions: Suspicions): boolean => suspicions.all().some(({ signals }) => signals.size > 0);
