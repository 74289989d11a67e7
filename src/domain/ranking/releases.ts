/**
 * Releases: the calls a new version answers beside those the old one answers, and beside the time before. A release that
 * started after the alert is not looked at; one that never got to serve anything while its siblings did is suspect too.
 */
import type { Change } from '../change.ts';
import type { MetricSeries } from '../telemetry.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

export interface Release {
  readonly change: Change;
  readonly value: number;
}

interface EdgeSeries {
  readonly client: string;
  readonly server: string;
  readonly version: string | null;
  readonly series: MetricSeries;
}

export function judgeReleases(scene: Scene, suspicions: Suspicions): Map<string, Change> {
  const { changes, alertAt } = scene.input;
  const blamed = new Map<string, Change>();
  const edges = edgeSeries(scene, /success[._]ratio/);
  for (const change of latestPerService(changes.filter(({ startedAt, kind }) => startedAt <= alertAt && kind !== 'commit'))) {
    const { value, text } = judge(scene, change, edges);
    if (value <= 0) continue;
    blamed.set(change.service, change);
    suspicions.add(change.service, 'release', value, [
      finding({
        kind: 'change',
        source: 'change',
        subject: `${change.kind} ${change.version ?? change.sha ?? ''}`,
        text,
        at: change.startedAt,
        strength: value,
      }),
    ]);
  }
  return blamed;
}

function latestPerService(changes: readonly Change[]): Change[] {
  const latest = new Map<string, Change>();
  for (const change of changes)
    if (change.startedAt > (latest.get(change.service)?.startedAt ?? -Infinity)) latest.set(change.service, change);
  return [...latest.values()];
}

function edgeSeries({ recent }: Scene, name: RegExp): EdgeSeries[] {
  return recent.window.metrics.flatMap((series): EdgeSeries[] => {
    const { client, server } = series.labels;
    return name.test(series.name) && client && server
      ? [{ client, server, version: series.labels['service.version'] ?? series.version, series }]
      : [];
  });
}

function judge(scene: Scene, change: Change, edges: readonly EdgeSeries[]): { value: number; text: string } {
  const { alertAt } = scene.input;
  const of = `${change.service}${change.version ? ` ${change.version}` : ''}`;
  const ageMs = alertAt - change.startedAt;
  const inbound = edges.filter(({ server }) => server === change.service);
  const fresh = inbound.filter(({ version }) => version !== null && version === change.version);
  const old = inbound.filter(({ version }) => version === null || version !== change.version);
  const freshValues = fresh.flatMap(({ series }) => between(series, change.startedAt, alertAt));
  const lossOf = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + Math.max(0, 1 - value), 0) / values.length;
  let value = 0;
  let text = `${of} was released ${Math.round(ageMs / 1000)} s before the alert.`;
  if (freshValues.length > 0) {
    const loss = lossOf(freshValues);
    const before = lossOf(old.flatMap(({ series }) => between(series, 0, change.startedAt)));
    const lost = Math.max(0, loss - before);
    if (lost > 0.02) {
      value = ((3 * Math.min(1, 2 * lost) + 1) * freshValues.length) / (freshValues.length + 1);
      text = `${of} fails ${Math.round(loss * 100)} % of the calls it gets since its release, ${Math.round(before * 100)} % before.`;
    }
  } else if (inbound.length > 0 && ageMs > 48_000) {
    value = Math.min(2.2, 1 + ageMs / 120_000);
    text = `${of} was released ${Math.round(ageMs / 1000)} s before the alert and has not answered a single call since.`;
  }
  const oldAfter = lossOf(old.flatMap(({ series }) => between(series, change.startedAt, alertAt)));
  const oldBefore = lossOf(old.flatMap(({ series }) => between(series, 0, change.startedAt)));
  const stepped = Math.max(0, oldAfter - oldBefore);
  if (stepped > 0.02 && 1 + Math.min(1.5, 8 * stepped) > value) {
    value = 1 + Math.min(1.5, 8 * stepped);
    text = `Calls to ${change.service} fail in ${Math.round(oldAfter * 100)} % since the release of ${of}, ${Math.round(oldBefore * 100)} % before.`;
  }
  return { value, text };
}

function between({ timeMs, values }: MetricSeries, fromMs: number, toMs: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (timeMs[i]! >= fromMs && timeMs[i]! <= toMs) found.push(values[i]!);
  return found;
}
