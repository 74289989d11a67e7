/**
 * What sinks draw with is a quarter of a second of work and tens of megabytes: a process that waits for its first alert is
 * spared both. It is loaded once the first card stands; pictures are due some seconds later.
 */
import type { Log } from '../../adapter.ts';
import type { Sink } from '../../ports.ts';

/** The same sink, prepared as soon as its first card was delivered. */
export function preparedWithFirstCard(sink: Sink, log: Log): Sink {
  if (sink.prepare === undefined) return sink;
  let isAsked = false;
  return {
    ...sink,
    async deliver(shipment, options) {
      const sent = await sink.deliver(shipment, options);
      if (shipment.kind === 'card' && !isAsked) {
        isAsked = true;
        void prepare(sink, log);
      }
      return sent;
    },
  };
}

/** A sink that cannot will load it when it is needed, and say then what is wrong. */
async function prepare(sink: Sink, log: Log): Promise<void> {
  try {
    await sink.prepare?.();
  } catch (error) {
    log.warn('what a sink needs could not be loaded ahead', { error: String(error) });
  }
}
