/**
 * Which versions of services run, as telemetry says it: the first sight of each, and the repository and revision that its
 * resource names (OTel `vcs.*`). Columns do not keep those two, so a few traces are read again for them, and what a
 * version said once is remembered.
 */
import type { RunningVersion } from '../domain/service.ts';
import type { Span, TelemetryWindow } from '../domain/telemetry.ts';
import type { Telemetry } from '../ports.ts';

/** Traces read again for one look; one trace tells of every service on its way. */
const maxTraces = 6;
const maxRemembered = 2_000;

type Home = Pick<RunningVersion, 'repositoryUrl' | 'revision'>;

/** By telemetry store: where each version's code is, as far as it was ever said. */
const homes = new WeakMap<Telemetry, Map<string, Home>>();

export async function runningVersions(window: TelemetryWindow, telemetry: Telemetry): Promise<RunningVersion[]> {
  const seen = firstSights(window);
  const known = homes.get(telemetry) ?? new Map<string, Home>();
  homes.set(telemetry, known);
  let budget = maxTraces;
  for (const { key, row } of seen) {
    if (known.has(key) || row < 0 || budget-- <= 0) continue;
    for (const span of await telemetry.trace(window.spans.traceId(row)))
      known.set(keyOf(span.service, textAt(span, 'service.version')), homeOf(span));
    if (!known.has(key)) known.set(key, { repositoryUrl: null, revision: null });
  }
  for (const oldest of known.keys()) {
    if (known.size <= maxRemembered) break;
    known.delete(oldest);
  }
  return seen.map(({ key, service, version, firstSeenAt }) => ({
    service,
    version,
    firstSeenAt,
    ...(known.get(key) ?? { repositoryUrl: null, revision: null }),
  }));
}

const keyOf = (service: string, version: string | null): string => `${service}\n${version ?? ''}`;

function textAt({ attributes }: Span, name: string): string | null {
  const value = attributes[name];
  return value === undefined || value === '' ? null : String(value);
}

function homeOf(span: Span): Home {
  return {
    repositoryUrl: textAt(span, 'vcs.repository.url.full'),
    revision: textAt(span, 'vcs.ref.head.revision') ?? textAt(span, 'vcs.repository.ref.revision'),
  };
}

interface Sight {
  readonly key: string;
  readonly service: string;
  readonly version: string | null;
  readonly firstSeenAt: number;
  /** A span of it; -1 where only logs speak of it. */
  readonly row: number;
}

function firstSights({ strings, spans, logs }: TelemetryWindow): Sight[] {
  // One number a pair: a map with text keys would cost more than everything else here on a window of a million spans.
  const pairs = strings.size + 2;
  const found = new Map<number, { service: number; version: number; at: number; row: number }>();
  const see = (service: number, version: number, at: number, row: number) => {
    const pair = service * pairs + version + 1;
    const known = found.get(pair);
    if (known === undefined) found.set(pair, { service, version, at, row });
    else {
      if (at < known.at) known.at = at;
      if (known.row < 0) known.row = row;
    }
  };
  for (let row = 0; row < spans.length; row++) see(spans.service[row]!, spans.version[row]!, spans.startMs[row]!, row);
  for (let row = 0; row < logs.length; row++) see(logs.service[row]!, logs.version[row]!, logs.timeMs[row]!, -1);
  return [...found.values()]
    .filter(({ service }) => service >= 0)
    .map(({ service, version, at, row }) => {
      const [name, text] = [strings.text(service), version < 0 ? null : strings.text(version)];
      return { key: keyOf(name, text), service: name, version: text, firstSeenAt: at, row };
    })
    .sort((a, b) => a.firstSeenAt - b.firstSeenAt);
}
