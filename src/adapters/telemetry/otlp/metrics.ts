/** OTLP metrics → points. Gauges and sums as they are; histograms as count, sum and mean, which is what ranking can use. */
import type { PointRecord } from '../../../domain/records.ts';
import { workloadOf } from '../../../domain/pod-name.ts';
import type { ResourceRecord } from '../../../domain/span-batch.ts';
import { type Attributes, attributesAt, type Json, listAt, objectAt, rejectedBelow, textAt, timeMs } from './attributes.ts';
import { Fields } from './fields.ts';
import { attributesIn } from './wire-attributes.ts';

/** What an agent of a node or of the cluster tells of all containers there: cAdvisor's names, and kube-state-metrics'. */
const toldOfContainers = /^(?:container|kube)[._]/;

/** An agent that is scraped is an instance by its address: OpenTelemetry's way to tell of Prometheus' targets. */
const isScraped = /:\d{2,5}$/;

/** Whose a point is: not the agent's that tells of it, where it names another's pod, or a container that Docker Compose started. */
function measuredIn(resource: ResourceRecord, metric: string, labels: Readonly<Record<string, string>>): ResourceRecord {
  if (!toldOfContainers.test(metric) || !isScraped.test(resource.instance ?? '')) return resource;
  const pod = labels['pod'] || labels['pod_name'] || '';
  if (pod !== '' && pod !== resource.instance) return { service: workloadOf(pod), instance: pod, version: null };
  const composed = labels['container_label_com_docker_compose_service'] ?? '';
  return pod === '' && composed !== '' ? { service: composed, instance: labels['name'] ?? null, version: null } : resource;
}

/** One metric's name and unit, and where its points go. */
class Points {
  readonly #about: { readonly resource: ResourceRecord; readonly name: string; readonly unit: string | null };
  readonly #into: PointRecord[];
  rejected = 0;

  constructor(resource: ResourceRecord, name: string, unit: string, into: PointRecord[]) {
    this.#about = { resource, name, unit: unit || null };
    this.#into = into;
  }

  /** Attributes are read only of a point that is one. */
  add(suffix: string, timeMs: number, value: number, attributes: () => Attributes): void {
    if (!(timeMs > 0) || !Number.isFinite(value)) {
      this.rejected++;
      return;
    }
    const labels = Object.fromEntries([...attributes()].map(([key, label]) => [key, String(label)]));
    const { resource, name, unit } = this.#about;
    this.#into.push({ resource: measuredIn(resource, name, labels), name: `${name}${suffix}`, unit, labels, timeMs, value });
  }

  addCounted(timeMs: number, count: number, sum: number, attributes: () => Attributes): void {
    this.add('.count', timeMs, count, attributes);
    if (count > 0 && Number.isFinite(sum)) this.add('.mean', timeMs, sum / count, attributes);
  }
}

/** Puts a metric's points into `into`; answers how many were none. */
export function readMetric(metric: Json, resource: ResourceRecord, into: PointRecord[]): number {
  const points = new Points(resource, textAt(metric, 'name', ''), textAt(metric, 'unit', ''), into);
  for (const shape of ['gauge', 'sum'])
    pointsOf(metric, shape).forEach((point, i) => {
      const value = Number(point['asDouble'] ?? point['asInt'] ?? Number.NaN);
      points.add('', timeMs(point['timeUnixNano']), value, () => attributesAt(point, `${shape}.dataPoints[${i}].`));
    });
  for (const shape of ['histogram', 'exponentialHistogram', 'summary'])
    pointsOf(metric, shape).forEach((point, i) => {
      const [count, sum] = [Number(point['count'] ?? 0), Number(point['sum'] ?? 0)];
      points.addCounted(timeMs(point['timeUnixNano']), count, sum, () => attributesAt(point, `${shape}.dataPoints[${i}].`));
    });
  return points.rejected;
}

function pointsOf(metric: Json, shape: string): readonly Json[] {
  return listAt(objectAt(metric, shape, ''), 'dataPoints', `${shape}.`);
}

/** The kinds of data by their field numbers, with the number their points have attributes under. */
const shapes: Readonly<Record<number, { readonly name: string; readonly attributes: number; readonly isCounted: boolean }>> = {
  5: { name: 'gauge', attributes: 7, isCounted: false },
  7: { name: 'sum', attributes: 7, isCounted: false },
  9: { name: 'histogram', attributes: 9, isCounted: true },
  10: { name: 'exponentialHistogram', attributes: 1, isCounted: true },
  11: { name: 'summary', attributes: 7, isCounted: true },
};
type Shape = (typeof shapes)[number];

/** The same of protobuf, where name and unit may stand behind the points: first those, then the points. */
export function readWireMetric(bytes: Uint8Array, from: number, to: number, resource: ResourceRecord, into: PointRecord[]): number {
  let name = '';
  let unit = '';
  const metric = new Fields().open(bytes, from, to);
  while (metric.next()) {
    if (metric.field === 1) name = metric.text('name');
    else if (metric.field === 3) unit = metric.text('unit');
  }
  const points = new Points(resource, name, unit, into);
  metric.open(bytes, from, to);
  while (metric.next()) {
    const shape = shapes[metric.field];
    if (shape !== undefined) readWireData(new Fields().openIn(metric, shape.name), shape, points);
  }
  return points.rejected;
}

function readWireData(data: Fields, shape: Shape, points: Points): void {
  for (let i = 0; data.next(); ) {
    if (data.field !== 1) continue;
    try {
      readWirePoint(data, shape, points);
    } catch (error) {
      throw rejectedBelow(`${shape.name}.dataPoints[${i}].`, error);
    }
    i++;
  }
}

function readWirePoint(data: Fields, { attributes, isCounted }: Shape, points: Points): void {
  const point = new Fields().openIn(data, 'dataPoints');
  let at = Number.NaN;
  let [value, count, sum] = [Number.NaN, 0, 0];
  while (point.next()) {
    if (point.field === attributes) continue;
    if (point.field === 3) at = point.timeMs('timeUnixNano');
    else if (isCounted && point.field === 4) count = point.unsignedFixed('count');
    else if (isCounted && point.field === 5) sum = point.double('sum');
    else if (!isCounted && point.field === 4) value = point.double('asDouble');
    else if (!isCounted && point.field === 6) value = point.signedFixed('asInt');
  }
  const labels = () => attributesIn(data.bytes, data.from, data.to, attributes);
  if (isCounted) points.addCounted(at, count, sum, labels);
  else points.add('', at, value, labels);
}
