/** Every source of traces that is asked; a line and a fixture add one. */
import type { Adapter } from '../../adapter.ts';
import type { TraceSource } from '../../ports/sources.ts';

export const traceSources: readonly Adapter<TraceSource>[] = [];
