/**
 * Calls that were given up before their answer, by a caller that waits for less than the callee has always taken: nothing is slower
 * than it was, so it is the caller's patience that has changed.
 *
 *   shop  ─ asks prices, gives up after 20 ms        prices takes 40 ms, as in normal times: shop
 *   prices answers after 40 ms                       prices takes 900 ms: prices, or whom it waits for
 */
import { lostShare, usualLoss } from '../baseline/period.ts';
import type { Scene } from './scene.ts';
import { fewNormal, type Shift } from './shifts.ts';

/** What has shifted by less than this is as it was. */
const noticeable = 0.3;

/** By service and what it is slow at; as `findSlowness` tells. */
export type SlowServices = ReadonlyMap<string, readonly Shift[]>;

/**
 * Whether a service, and all that it calls, take as long as they took before the bucket `before` of the recent minutes, which must be
 * known, and of which no more spans must be lost than were. Then whoever did not wait for it is told apart from those that would have waited in vain.
 */
export function isAsQuickAsEver(scene: Scene, service: string, slow: SlowServices, before: number): boolean {
  const { normal, recent, lexicon, known } = scene;
  if (lostShare(recent.traces, before) - lostShare(normal.traces) >= usualLoss) return false;
  const isSlow = (one: string): boolean => (slow.get(one) ?? []).some(({ strength }) => strength >= noticeable);
  if (isSlow(service) || [...known.reach(service)].some(isSlow)) return false;
  const isOwn = (series: number): boolean => {
    const [kind, of] = lexicon.parts(series);
    return kind === 'D' && of === service;
  };
  let past = 0;
  for (const [series, { total }] of normal.delays) if (isOwn(series)) past += total;
  for (const [series, { times }] of recent.delays) if (isOwn(series)) past += times.filter((bucket) => bucket < before).length;
  return past >= fewNormal;
}
