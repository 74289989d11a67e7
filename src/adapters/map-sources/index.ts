/** Every source of maps of who calls whom that is asked; a line and a fixture add one. */
import type { Adapter } from '../../adapter.ts';
import type { MapSource } from '../../ports/sources.ts';

export const mapSources: readonly Adapter<MapSource>[] = [];
