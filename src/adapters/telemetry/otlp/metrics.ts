/** OTLP metrics → points. Gauges and sums as they are; histograms as count, sum and mean, which is what ranking can use. */
import type { PointRecord, ResourceRecord } from '../../../domain/records.ts';
import { attributesAt, type Json, listAt, objectAt, textAt, timeMs } from './attributes.ts';

export function pointRecords(metric: Json, resource: ResourceRecord, path: string): { points: PointRecord[]; rejected: number } {
  const name = textAt(metric, 'name', path);
  const unit = textAt(metric, 'unit', path) || null;
  const points: PointRecord[] = [];
  let rejected = 0;
  const add = (point: Json, suffix: string, value: number) => {
    const at = timeMs(point['timeUnixNano']);
    if (!(at > 0) || !Number.isFinite(value)) {
      rejected++;
      return;
    }
    const labels = Object.fromEntries([...attributesAt(point, path)].map(([key, label]) => [key, String(label)]));
    points.push({ resource, name: `${name}${suffix}`, unit, labels, timeMs: at, value });
  };
  for (const shape of ['gauge', 'sum'])
    for (const point of listAt(objectAt(metric, shape, path), 'dataPoints', path))
      add(point, '', Number(point['asDouble'] ?? point['asInt'] ?? Number.NaN));
  for (const shape of ['histogram', 'exponentialHistogram', 'summary'])
    for (const point of listAt(objectAt(metric, shape, path), 'dataPoints', path)) {
      const count = Number(point['count'] ?? 0);
      const sum = Number(point['sum'] ?? 0);
      add(point, '.count', count);
      if (count > 0 && Number.isFinite(sum)) add(point, '.mean', sum / count);
    }
  return { points, rejected };
}
