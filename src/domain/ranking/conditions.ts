/**
 * What an orchestrator says of replicas: that they crash, cannot be placed, are not ready. Strong where it began within these
 * minutes and holds for all replicas; weak where it was so while all was well, for then callers live with it.
 */
import type { Condition } from '../condition.ts';
import type { FaultKind } from '../hypothesis.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** What each says by itself of all replicas; "nothing is wrong" has 1.5 to 2.25. A rollout that cannot pull its image leaves old pods be. */
const kinds: Readonly<Record<Condition['kind'], { readonly value: number; readonly fault: FaultKind }>> = {
  'no endpoints': { value: 3.5, fault: 'unavailable' },
  'crash loop': { value: 3.5, fault: 'unavailable' },
  'bad configuration': { value: 3, fault: 'configuration' },
  'out of memory': { value: 2.8, fault: 'saturation' },
  'image not pulled': { value: 2.5, fault: 'unavailable' },
  'not schedulable': { value: 2.5, fault: 'saturation' },
  'not ready': { value: 2.5, fault: 'unavailable' },
};
/** One of many replicas costs little, and is still not well. */
const ofFewest = 0.3;
/** By so much older than what is looked at: half of a half is left. An alert may come a quarter of an hour after its cause. */
const fadingMs = 15 * 60_000;
/** Beside the strongest, others mostly say the same again. */
const ofFurther = 0.2;
/** Somewhere in a cluster there is always something: less where no call leads from the alerted service to it. */
const ofElsewhere = 0.5;

export function judgeConditions(scene: Scene, suspicions: Suspicions): void {
  const { input, known } = scene;
  const usable = (input.conditions ?? []).filter(({ at }) => at <= input.alertAt);
  const services = Map.groupBy(usable, ({ service }) => known.resolve(service.toLowerCase(), null)?.service ?? service);
  for (const [service, conditions] of services) {
    const near = isNear(scene, service) ? 1 : ofElsewhere;
    const judged = conditions
      .map((condition) => ({ condition, value: near * strengthOf(scene, condition) }))
      .sort((a, b) => b.value - a.value);
    const value = judged.reduce((sum, one, i) => sum + one.value * (i === 0 ? 1 : ofFurther), 0);
    suspicions.add(
      service,
      'condition',
      value,
      judged.map(({ condition: { kind, at, text }, value: strength }) =>
        finding({ kind: kinds[kind].fault, source: 'kubernetes', subject: kind, text, at, strength }),
      ),
    );
  }
}

function strengthOf({ firstAt }: Scene, { kind, at, share = 1 }: Condition): number {
  const fading = Math.exp(-Math.max(0, firstAt - at) / fadingMs);
  return kinds[kind].value * (ofFewest + (1 - ofFewest) * share) * fading;
}

function isNear({ input: { focus }, known }: Scene, service: string): boolean {
  const { service: alerted } = focus;
  if (alerted === null || alerted === service || known.calls(alerted).size === 0) return true;
  return known.reach(alerted).has(service);
}
