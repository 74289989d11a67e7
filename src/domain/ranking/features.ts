/**
 * What of a suspect is kept so that an incident can be weighed again later, from numbers alone: its signals, whether most of
 * its evidence would look the same with a callee at fault or is a handful of bad requests, how strong "nothing is wrong" was, and of which other suspects it
 * stands above (`domain/learning/replay.ts` reads this back).
 */
import { isAmbiguous, noneOf, ordinaryIn, overlap } from './combine.ts';
import type { Scene } from './scene.ts';
import { isSlight } from './slight.ts';
import type { Suspicion } from './suspicion.ts';

/** Share of the bad traces of this suspect that are bad in that callee as well; there only where calls lead to it. */
export const underPrefix = 'under:';
/** All bad traces of this suspect are bad in that one as well, which may explain it. */
export const onlyWithPrefix = 'only-with:';
export const noneFeature = 'nothing-wrong';
export const ambiguousFeature = 'ambiguous';
export const slightFeature = 'slight';
/** The chance that evidence of that signal is ordinary; there only where it may be. */
export const ordinaryPrefix = 'ordinary:';

export type Features = Readonly<Record<string, number>>;

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

export function featuresOf(scene: Scene, suspicion: Suspicion, others: readonly Suspicion[]): Features {
  const signals = [...suspicion.signals].map(([signal, value]) => [signal, rounded(value)] as const);
  const reachable = scene.known.reach(suspicion.service);
  const under = others.flatMap((other) => {
    const { service } = other;
    if (service === suspicion.service || !reachable.has(service) || scene.known.reach(service).has(suspicion.service)) return [];
    return [[`${underPrefix}${service}`, rounded(overlap(suspicion, other))] as const];
  });
  const onlyWith = others.flatMap((other) =>
    other.service !== suspicion.service && overlap(suspicion, other) === 1 ? [[`${onlyWithPrefix}${other.service}`, 1] as const] : [],
  );
  const ordinary = [...ordinaryIn(suspicion)].map(([signal, chance]) => [`${ordinaryPrefix}${signal}`, rounded(chance)] as const);
  return Object.fromEntries([
    ...signals,
    ...ordinary,
    ...onlyWith,
    ...under,
    [noneFeature, rounded(noneOf(scene))] as const,
    ...(isAmbiguous(suspicion) ? [[ambiguousFeature, 1] as const] : []),
    ...(isSlight(scene, suspicion) ? [[slightFeature, 1] as const] : []),
  ]);
}
