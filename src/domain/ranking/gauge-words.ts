/**
 * Gauges that are digested already: one bare word for each thing of a service (`cpu`, `mem`, `diskio`, `latency_p90`, `error`), with no labels
 * that say whose calls to whom. Such a name says little by itself, so nothing may stand beside the word but its own service and `container` or
 * `pod`.
 */
import type { MetricSeries } from '../telemetry.ts';
import { plain } from './plain-name.ts';

export type Gauge = 'cpu' | 'memory' | 'disk' | 'sockets' | 'workload' | 'middle' | 'tail' | 'errors';

const words: readonly (readonly [Gauge, RegExp])[] = [
  ['cpu', /^cpu$/],
  ['memory', /^mem(ory)?$/],
  ['disk', /^(disk\.?)?io$/],
  ['sockets', /^sockets?$/],
  ['workload', /^workload$/],
  ['middle', /^latency(\.(p?50|avg|mean|median))?$/],
  ['tail', /^latency\.p?9\d$/],
  ['errors', /^errors?$/],
];
const holder = /^(containers?|pods?)\./;
/** What tells replicas of one service apart; any other label means that the series is of a part of it, or of calls. */
const ofReplica = new Set(['pod', 'pod_name', 'instance', 'container', 'k8s.pod.name', 'service.instance.id', 'service', 'service_name']);

export function gaugeOf({ name: given, service, labels }: MetricSeries): Gauge | null {
  if (service === '' || Object.keys(labels).some((label) => !ofReplica.has(label))) return null;
  let name = plain(given);
  const own = `${plain(service)}.`;
  if (name.startsWith(own)) name = name.slice(own.length);
  name = name.replace(holder, '');
  return words.find(([, word]) => word.test(name))?.[0] ?? null;
}
