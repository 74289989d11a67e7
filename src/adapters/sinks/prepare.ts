/** What sinks load ahead of their first delivery is a quarter of a second of work: after the start, before an alert needs it. */
import type { Log } from '../../adapter.ts';
import type { Sink } from '../../ports.ts';

const afterMs = 500;

/** Answers how to call it off. */
export function prepareSoon(sinks: readonly Sink[], log: Log): () => void {
  const timer = setTimeout(() => void Promise.all(sinks.map((sink) => prepare(sink, log))), afterMs);
  timer.unref();
  return () => clearTimeout(timer);
}

/** A sink that cannot will load it when it is needed, and say then what is wrong. */
async function prepare(sink: Sink, log: Log): Promise<void> {
  try {
    await sink.prepare?.();
  } catch (error) {
    log.warn('what a sink needs could not be loaded ahead', { error: String(error) });
  }
}
