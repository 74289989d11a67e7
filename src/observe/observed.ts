/** Ports whose calls are stages: what the outside is asked, and for how long. What they answer is the port's own. */
import type { Ledger, Sink } from '../ports.ts';
import type { Model } from '../ports/model.ts';
import type { Sources } from '../ports/sources.ts';
import type { StageLabels, Stages } from '../ports/stages.ts';

interface Observable extends Sources {
  readonly ledger: Ledger;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly model?: Model;
  /** ms since the epoch. */
  readonly now: () => number;
}

/** Stages that every product has. */
const always = ['receive', 'gather', 'rank', 'alert_to_report'] as const;
const workKinds = ['investigate', 'inbox', 'expire', 'explain', 'learn'] as const;

export function observed<Ports extends Observable>(ports: Ports, stages: Stages): Ports {
  for (const stage of always) stages.declare(stage, {});
  for (const kind of workKinds) stages.declare('work', { kind });
  for (const signal of ['traces', 'logs', 'metrics']) stages.declare('ingest', { signal });
  stages.declare('commit', {});
  const asked = <Source extends object>(sources: ReadonlyMap<string, Source> | undefined, methods: readonly (keyof Source)[]) =>
    sources === undefined
      ? {}
      : new Map([...sources].map(([id, source]) => [id, timed(source, methods, { stage: 'source', labels: { source: id }, stages })]));
  const { logSources, traceSources, metricSources, mapSources, clusterSources, changeSources, ledger, model, now } = ports;
  return {
    ...ports,
    ...(logSources && { logSources: asked(logSources, ['search']) }),
    ...(traceSources && { traceSources: asked(traceSources, ['search', 'trace']) }),
    ...(metricSources && { metricSources: asked(metricSources, ['points']) }),
    ...(mapSources && { mapSources: asked(mapSources, ['edges']) }),
    ...(clusterSources && { clusterSources: asked(clusterSources, ['look']) }),
    changeSources: asked(changeSources, ['changes']),
    ...(model && { model: timed(model, ['answer'], { stage: 'model', labels: {}, stages }) }),
    ledger: timed(ledger, ['commit'], { stage: 'commit', labels: {}, stages }),
    sinks: new Map([...ports.sinks].map(([id, sink]) => [id, observedSink(id, sink, stages, now)])),
  };
}

/** Also how long people waited for a new card, from the moment its alert was taken. */
function observedSink(id: string, sink: Sink, stages: Stages, now: () => number): Sink {
  stages.declare('alert_to_card', { sink: id });
  const plain = timed(sink, ['illustrate', 'withdraw'], { stage: 'delivery', labels: { sink: id }, stages });
  return over(plain, {
    deliver: async (shipment, options) => {
      const incident = shipment.kind === 'card' ? shipment.card.incident : null;
      const sent = await stages.run('delivery', { sink: id }, incident === null ? {} : { incident: incident.id }, () =>
        sink.deliver(shipment, options),
      );
      if (incident?.state === 'open' && shipment.kind === 'card' && shipment.receipt === null)
        stages.observe('alert_to_card', { sink: id }, (now() - incident.openedAt) / 1_000);
      return sent;
    },
  });
}

interface Watched {
  readonly stage: string;
  readonly labels: StageLabels;
  readonly stages: Stages;
}

function timed<Port extends object>(port: Port, methods: readonly (keyof Port)[], { stage, labels, stages }: Watched): Port {
  stages.declare(stage, labels);
  const wrapped: Partial<Record<keyof Port, unknown>> = {};
  for (const name of methods) {
    const method = port[name];
    if (typeof method === 'function')
      wrapped[name] = (...args: unknown[]) => stages.run(stage, labels, {}, () => Reflect.apply(method, port, args));
  }
  return over(port, wrapped as Partial<Port>);
}

/** The port with some of its parts replaced, whether it is made of functions or of a class. */
function over<Port extends object>(port: Port, parts: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, name) {
      if (Object.hasOwn(parts, name)) return Reflect.get(parts, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
