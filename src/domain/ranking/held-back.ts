/** Visits that a circuit breaker kept from calling: what they lack, and that they fail, is due to what failed before it opened. */
import { breakerOpen } from '../baseline/failure-text.ts';
import type { Origin } from '../baseline/error-origins.ts';
import type { Scene } from './scene.ts';

/** WARN in OTLP's numbers. */
const warning = 13;
/** A message stands at the front of its line. */
const headLength = 400;

const memo = new WeakMap<Scene, ReadonlySet<number>>();

/** Visits that say so. */
export function heldBack(scene: Scene): ReadonlySet<number> {
  const known = memo.get(scene) ?? heldBackIn(scene);
  memo.set(scene, known);
  return known;
}

function heldBackIn({ recent: { visits, window } }: Scene): Set<number> {
  const { logs } = window;
  const found = new Set<number>();
  for (let row = 0; row < logs.length; row++)
    if (logs.severity[row]! >= warning && visits.ofLog[row]! >= 0 && breakerOpen.test(logs.text(row).slice(0, headLength)))
      found.add(visits.ofLog[row]!);
  return found;
}

/** A breaker that lets nothing through repeats what failed before: where something else fails, that speaks, and not the breaker. */
export function withoutHeldBack(scene: Scene, origins: readonly Origin[]): readonly Origin[] {
  const held = heldBack(scene);
  if (held.size === 0) return origins;
  const { visits, bucketOfTrace } = scene.recent;
  const holding = new Set([...held].map((visit) => visits.service[visit]!));
  const rest = origins.filter(({ why, row }) => why !== 'own' || !held.has(visits.ofSpan[row]!));
  return rest.some(({ service, trace }) => bucketOfTrace[trace]! >= 0 && !holding.has(service)) ? rest : origins;
}
