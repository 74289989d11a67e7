/**
 * Whether what speaks against a service is a handful of its requests among many that went well. Every system has some of
 * those, and they come in clusters: a minute with four where the last had one is no incident yet, however new they look.
 */
import type { Scene } from './scene.ts';
import type { Suspicion } from './suspicion.ts';

/** As many requests gone wrong are no handful. */
const handful = 8;
/** Nor is this share of the like requests to the service since they began. */
const seldom = 0.05;

export function isSlight({ recent, lexicon }: Scene, { service, findings }: Suspicion): boolean {
  if (findings.length === 0 || findings.some(({ traces }) => traces.length === 0)) return false;
  const bad = new Set(findings.flatMap(({ traces }) => traces));
  if (bad.size >= handful) return false;
  const { visits, bucketOfTrace } = recent;
  const from = Math.min(...[...bad].map((trace) => bucketOfTrace[trace]!));
  const units = new Set<number>();
  for (let visit = 0; visit < visits.count; visit++)
    if (bad.has(visits.trace[visit]!) && lexicon.parts(visits.unit[visit]!)[1] === service) units.add(visits.unit[visit]!);
  let alike = 0;
  for (let visit = 0; visit < visits.count; visit++)
    if (units.has(visits.unit[visit]!) && bucketOfTrace[visits.trace[visit]!]! >= from) alike++;
  return bad.size < seldom * alike;
}
