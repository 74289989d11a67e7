/** Metric points by series. */
import type { PointRecord } from '../../domain/records.ts';
import type { MetricSeries } from '../../domain/telemetry.ts';

interface Stored {
  readonly about: Omit<MetricSeries, 'timeMs' | 'values'>;
  times: number[];
  values: number[];
}

/** More series than this is a label with unbounded values; what is new is then dropped and counted. */
const maxSeries = 100_000;
const bytesPerPoint = 16;
const bytesPerSeries = 400;

export class MetricTable {
  readonly #series = new Map<string, Stored>();
  #points = 0;

  get points(): number {
    return this.#points;
  }

  get bytes(): number {
    return this.#points * bytesPerPoint + this.#series.size * bytesPerSeries;
  }

  /** False: there is no room for another series. The same point twice counts once. */
  add(point: PointRecord): boolean {
    const { service, instance } = point.resource;
    const version = point.labels['service.version'] ?? point.resource.version;
    const labels = Object.entries(point.labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([service, instance, version, point.name, labels]);
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= maxSeries) return false;
      series = { about: { service, instance, version, name: point.name, unit: point.unit, labels: point.labels }, times: [], values: [] };
      this.#series.set(key, series);
    }
    let at = series.times.length;
    while (at > 0 && series.times[at - 1]! > point.timeMs) at--;
    if (series.times[at - 1] === point.timeMs) {
      series.values[at - 1] = point.value;
      return true;
    }
    series.times.splice(at, 0, point.timeMs);
    series.values.splice(at, 0, point.value);
    this.#points++;
    return true;
  }

  /** Forgets what is older; answers how many points that were. */
  dropBefore(timeMs: number): number {
    const before = this.#points;
    for (const [key, series] of this.#series) {
      const keep = series.times.findIndex((time) => time >= timeMs);
      const gone = keep < 0 ? series.times.length : keep;
      if (gone === 0) continue;
      series.times = series.times.slice(gone);
      series.values = series.values.slice(gone);
      this.#points -= gone;
      if (series.times.length === 0) this.#series.delete(key);
    }
    return before - this.#points;
  }

  oldestAt(): number | null {
    let oldest: number | null = null;
    for (const { times } of this.#series.values()) if (times[0] !== undefined && (oldest === null || times[0] < oldest)) oldest = times[0];
    return oldest;
  }

  has(fromMs: number, toMs: number): boolean {
    for (const { times } of this.#series.values()) if (lowerBound(times, toMs) > lowerBound(times, fromMs)) return true;
    return false;
  }

  /** Times are set straight by what is to be added to a service's clock. */
  view(fromMs: number, toMs: number, shiftOf: (service: string) => number): MetricSeries[] {
    const found: MetricSeries[] = [];
    for (const { about, times, values } of this.#series.values()) {
      const shift = shiftOf(about.service);
      const from = lowerBound(times, fromMs - shift);
      const to = lowerBound(times, toMs - shift);
      if (to <= from) continue;
      const timeMs = Float64Array.from(times.slice(from, to), (time) => time + shift);
      found.push({ ...about, timeMs, values: Float64Array.from(values.slice(from, to)) });
    }
    return found;
  }
}

/** First place whose time is not before `time`. */
function lowerBound(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
