/**
 * Releases as telemetry itself shows them: a service whose spans or log lines begin to carry another version. Seen without
 * any source of changes, and as certain as the version label is.
 */
import type { Change } from './change.ts';
import type { TelemetryWindow } from './telemetry.ts';

/** A version that was there when the window begins is no rollout; exporters start at slightly different times. */
const settlingMs = 5_000;

export function rolloutsIn(window: TelemetryWindow): Change[] {
  const { spans, logs, strings } = window;
  const firstSeen = new Map<string, Map<string, number>>();
  let begin = Number.POSITIVE_INFINITY;
  const see = (service: number, version: number, at: number) => {
    if (at < begin) begin = at;
    if (version < 0) return;
    const name = strings.text(service);
    const versions = firstSeen.get(name) ?? new Map<string, number>();
    firstSeen.set(name, versions);
    const text = strings.text(version);
    if (at < (versions.get(text) ?? Number.POSITIVE_INFINITY)) versions.set(text, at);
  };
  for (let row = 0; row < spans.length; row++) see(spans.service[row]!, spans.version[row]!, spans.startMs[row]!);
  for (let row = 0; row < logs.length; row++) see(logs.service[row]!, logs.version[row]!, logs.timeMs[row]!);
  return [...firstSeen].flatMap(([service, versions]) => {
    if (versions.size < 2) return [];
    const [version, startedAt] = [...versions].sort((a, b) => b[1] - a[1])[0]!;
    return startedAt < begin + settlingMs ? [] : [rollout(service, version, startedAt)];
  });
}

function rollout(service: string, version: string, startedAt: number): Change {
  return {
    kind: 'release',
    service,
    startedAt,
    steps: [startedAt],
    version,
    sha: null,
    url: null,
    title: null,
    files: [],
    deployedBy: 'telemetry',
  };
}
