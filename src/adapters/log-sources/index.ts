/** Every source of logs that is asked; a line and a fixture add one. */
import type { Adapter } from '../../adapter.ts';
import type { LogSource } from '../../ports/sources.ts';

export const logSources: readonly Adapter<LogSource>[] = [];
