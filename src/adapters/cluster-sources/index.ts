/** Every source of what runs the services that is asked; a line and a fixture add one. */
import type { Adapter } from '../../adapter.ts';
import type { ClusterSource } from '../../ports/sources.ts';

export const clusterSources: readonly Adapter<ClusterSource>[] = [];
