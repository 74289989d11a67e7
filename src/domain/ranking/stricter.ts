/**
 * Whoever turns down most of what somebody asks of it since it was started anew or released, while those who ask are the same as ever, has
 * become stricter: it is no longer what they ask that is wrong.
 *
 *   before   trips asks stock     well
 *   now      trips asks stock (started a minute ago)     413 Payload Too Large       stock
 */
import type { Scene } from './scene.ts';
import { changedWithin } from './unreadable.ts';

const fewest = 5;
/** Of what one caller asks of one operation: some are turned down every day. */
const mostly = 0.5;
/** A change shows by the first requests after it. */
const soonMs = 5 * 60_000;
const slackMs = 5_000;

/** Of visits that refused what they were asked: those of services that have become stricter. */
export function stricterOf(scene: Scene, refusing: ReadonlySet<number>): Set<number> {
  const { visits, tree, window } = scene.recent;
  const { spans } = window;
  const found = new Set<number>();
  const keyOf = (visit: number): string | null => {
    const row = visits.entryRow[visit]!;
    const above = row < 0 ? -1 : tree.parent[row]!;
    return above < 0 || spans.service[above] === spans.service[row] ? null : `${visits.unit[visit]} ${spans.service[above]}`;
  };
  /** When a fair number of the same requests, the last before any was turned down, began to go well: whoever changed before that is not stricter for it. */
  const wellFor = (refused: number, key: string | null, since: number): number => {
    const well: number[] = [];
    for (let visit = 0; visit < visits.count; visit++) {
      const row = visits.entryRow[visit]!;
      if (row >= 0 && tree.startMs[row]! < since && !refusing.has(visit) && keyOf(visit) === key) well.push(tree.startMs[row]!);
    }
    return well.sort((a, b) => b - a)[Math.max(fewest, Math.floor(refused / 2))] ?? 0;
  };
  const groups = Map.groupBy(refusing, keyOf);
  groups.delete(null);
  for (const [key, list] of groups) {
    if (list.length < fewest) continue;
    const row = visits.entryRow[list[0]!]!;
    const since = Math.min(...list.map((visit) => tree.startMs[visits.entryRow[visit]!]!));
    const refuser = spans.service[row]!;
    if (!changedWithin(scene, refuser, since - soonMs, since + slackMs)) continue;
    const from = Math.max(since - soonMs, wellFor(list.length, key, since));
    const hasChanged = (service: number): boolean => changedWithin(scene, service, from, since + slackMs);
    if (!hasChanged(refuser) || hasChanged(spans.service[tree.parent[row]!]!)) continue;
    let asked = 0;
    for (let visit = 0; visit < visits.count; visit++)
      if (visits.entryRow[visit]! >= 0 && tree.startMs[visits.entryRow[visit]!]! >= since && keyOf(visit) === key) asked++;
    if (list.length >= mostly * asked) for (const visit of list) found.add(visit);
  }
  return found;
}
