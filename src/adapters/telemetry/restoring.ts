/** What was written down, read back at the start. */
import { MapInference } from '../../domain/map-inference.ts';
import { type MapSnapshot, snapshotVersion } from '../../domain/map-state.ts';

export function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

/** A map of an older form is inferred anew within the hour. */
export function restoreMap(snapshot: MapSnapshot | null): MapInference {
  return snapshot?.version === snapshotVersion ? MapInference.restore(snapshot) : new MapInference();
}
