/** Every source of metrics that is asked; a line and a fixture add one. */
import { prometheus } from './prometheus/prometheus.ts';

export const metricSources = [prometheus];
