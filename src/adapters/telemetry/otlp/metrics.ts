/** OTLP metrics → points. Gauges and sums as they are; histograms as count, sum and mean, which is what ranking can use. */
import type { PointRecord } from '../../../domain/records.ts';
import type { ResourceRecord } from '../../../domain/span-batch.ts';
import { attributesAt, type Json, listAt, objectAt, textAt, timeMs } from './attributes.ts';

export function pointRecords(metric: Json, resource: ResourceRecord): { points: PointRecord[]; rejected: number } {
  const name = textAt(metric, 'name', '');
  const unit = textAt(metric, 'unit', '') || null;
  const points: PointRecord[] = [];
  let rejected = 0;
  const add = (point: Json, path: string, suffix: string, value: number) => {
    const at = timeMs(point['timeUnixNano']);
    if (!(at > 0) || !Number.isFinite(value)) {
      rejected++;
      return;
    }
    const labels = Object.fromEntries([...attributesAt(point, path)].map(([key, label]) => [key, String(label)]));
    points.push({ resource, name: `${name}${suffix}`, unit, labels, timeMs: at, value });
  };
  for (const shape of ['gauge', 'sum'])
    pointsOf(metric, shape).forEach((point, i) => {
      add(point, `${shape}.dataPoints[${i}].`, '', Number(point['asDouble'] ?? point['asInt'] ?? Number.NaN));
    });
  for (const shape of ['histogram', 'exponentialHistogram', 'summary'])
    pointsOf(metric, shape).forEach((point, i) => {
      const path = `${shape}.dataPoints[${i}].`;
      const count = Number(point['count'] ?? 0);
      const sum = Number(point['sum'] ?? 0);
      add(point, path, '.count', count);
      if (count > 0 && Number.isFinite(sum)) add(point, path, '.mean', sum / count);
    });
  return { points, rejected };
}

function pointsOf(metric: Json, shape: string): readonly Json[] {
  return listAt(objectAt(metric, shape, ''), 'dataPoints', `${shape}.`);
}
