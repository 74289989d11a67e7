/** Every source of metrics that is asked; a line and a fixture add one. */
import type { Adapter } from '../../adapter.ts';
import type { MetricSource } from '../../ports/sources.ts';

export const metricSources: readonly Adapter<MetricSource>[] = [];
