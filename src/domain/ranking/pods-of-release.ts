/** Which pods are those of a release. */
import type { Change } from '../change.ts';
import type { Reading } from './metric-readings.ts';

type Whose = Pick<Reading, 'pod' | 'version'>;
type IsNew = (whose: Whose, at?: number) => boolean;

/**
 * By the version where it is said, by whatever reading; else a pod that was not there before the release. Null where
 * neither is told, so that nobody can know a new pod from an old one.
 */
export function newPods(readings: readonly Reading[], { version, startedAt }: Change): IsNew | null {
  if (readings.every((reading) => reading.pod === '' && (reading.version === null || version === null))) return null;
  const versions = new Map<string, string>();
  const since = new Map<string, number>();
  for (const reading of readings) {
    if (reading.pod === '') continue;
    if (reading.version !== null) versions.set(reading.pod, reading.version);
    since.set(reading.pod, Math.min(since.get(reading.pod) ?? Number.POSITIVE_INFINITY, reading.at[0]!));
  }
  const isNew = (whose: Whose): boolean => {
    const said = whose.version ?? versions.get(whose.pod) ?? null;
    if (said !== null && version !== null) return said === version;
    return whose.pod !== '' && since.get(whose.pod)! >= startedAt;
  };
  const namesakes = takenOver(readings, isNew);
  return (whose, at) => isNew(whose) || (at !== undefined && at >= (namesakes.get(whose.pod) ?? Number.POSITIVE_INFINITY));
}

/**
 * Scrapers that know pods by address go on writing the new pod's numbers down under the name of the one it replaced: the
 * same time to answer, to the last digit, at the same moment. From when on each old name tells of a new pod.
 */
function takenOver(readings: readonly Reading[], isNew: IsNew): Map<string, number> {
  const key = (base: string, at: number, value: number): string => `${base} ${Math.round(at / 5000)} ${value}`;
  const latencies = readings.filter(({ measured }) => measured === 'latency');
  const fresh = new Set(
    latencies.filter((one) => isNew(one)).flatMap(({ base, at, values }) => values.map((value, i) => key(base, at[i]!, value))),
  );
  const since = new Map<string, number>();
  for (const { pod, version, base, at, values } of latencies) {
    if (isNew({ pod, version })) continue;
    const i = values.findIndex((value, j) => fresh.has(key(base, at[j]!, value)));
    if (i >= 0) since.set(pod, Math.min(since.get(pod) ?? Number.POSITIVE_INFINITY, at[i]!));
  }
  return since;
}
