/**
 * Collects what an investigation reads. Never fails: a source that did not answer becomes a gap, and the report is made
 * from the rest. Sources are asked in parallel, each with the same deadline, and one that keeps failing is spared for a while.
 */
import { type Change, mergeChanges } from '../domain/change.ts';
import type { Condition } from '../domain/condition.ts';
import type { Gap, Window } from '../domain/evidence.ts';
import { rolloutsIn } from '../domain/rollouts.ts';
import type { TelemetryWindow } from '../domain/telemetry.ts';
import type { Knowledge, Telemetry } from '../ports.ts';
import type { ChangeSource } from '../ports/sources.ts';
import { askSource, startDeadline } from './ask-source.ts';
import type { Breaker } from './circuit-breaker.ts';
import type { Elsewhere, Subject } from './read-elsewhere.ts';
import type { SourceWatch } from './progress.ts';
import { runningVersions } from './running-versions.ts';
import { freely, type Turn } from './turnstile.ts';

/** How far back a change may lie and still explain an alert. */
const changeLookbackMs = 24 * 3_600_000;

export interface Gathered {
  readonly window: TelemetryWindow;
  readonly knowledge: Knowledge;
  readonly changes: readonly Change[];
  readonly conditions: readonly Condition[];
  readonly isLogComplete: boolean;
  readonly gaps: readonly Gap[];
}

export interface GatherSources {
  readonly telemetry: Telemetry;
  readonly changeSources: ReadonlyMap<string, ChangeSource>;
  readonly breaker: Breaker;
  /** Logs, traces, measurements, maps and clusters of other systems; absent where all telemetry is pushed. */
  readonly elsewhere?: Elsewhere;
  readonly watch?: SourceWatch;
}

/**
 * `subject`: what other systems are asked about; without one they are not asked. `turn` is taken to read the window, given back
 * while others are asked, and kept in the end: what is gathered is worked on next.
 */
export async function gather(window: Window, sources: GatherSources, subject?: Subject, turn: Turn = freely): Promise<Gathered> {
  const { elsewhere } = sources;
  const look = async () => {
    await turn.begin();
    return sources.telemetry.window(window, turn.breathe);
  };
  const before = sources.changeSources.size === 0 ? null : await look();
  if (before !== null || (subject !== undefined && elsewhere !== undefined)) turn.end();
  const [read, asked] = await Promise.all([
    subject === undefined || elsewhere === undefined ? null : elsewhere.read(window, subject, sources.watch),
    before === null ? noChanges : askForChanges(window, before, sources),
  ]);
  // Read after the others have answered: what they know has come in by the same door.
  await turn.begin();
  const telemetry = read === null && before !== null ? before : await look();
  const gaps = [...asked.gaps, ...(read?.gaps ?? [])];
  if (sources.changeSources.size === 0) gaps.push(changesGap((read?.changes.length ?? 0) > 0));
  const { dropped } = telemetry;
  if (dropped.spans + dropped.logs + dropped.points > 0)
    gaps.push({
      source: 'telemetry',
      reason: `${dropped.spans} spans, ${dropped.logs} log lines and ${dropped.points} points of this time were dropped for space`,
    });
  return {
    window: telemetry,
    knowledge: await sources.telemetry.knowledge(),
    changes: mergeChanges([...asked.changes, ...(read?.changes ?? []), rolloutsIn(telemetry)]),
    conditions: read?.conditions ?? [],
    isLogComplete: read?.isLogComplete ?? true,
    gaps,
  };
}

const noChanges = { changes: [], gaps: [] };

/** What is still seen of changes where no source of them is connected. */
function changesGap(seesClusters: boolean): Gap {
  const seen = seesClusters ? 'rollouts of the cluster and new versions' : 'new versions';
  return { source: 'changes', reason: `no source of changes is connected; only ${seen} in telemetry are seen` };
}

async function askForChanges(window: Window, seen: TelemetryWindow, { telemetry, changeSources, breaker, watch }: GatherSources) {
  const { map } = await telemetry.knowledge();
  const services = map.services.map((service) => service.name);
  const running = await runningVersions(seen, telemetry);
  const lookback = { fromMs: window.toMs - changeLookbackMs, toMs: window.toMs };
  const asking = { breaker, deadline: startDeadline(), ...(watch === undefined ? {} : { watch }) };
  const answers = await Promise.all(
    [...changeSources].map(async ([id, source]) => {
      const ask = (signal: AbortSignal) => source.changes(lookback, services, signal, running);
      const { answer, gaps } = await askSource({ id, attempt: 'list changes', ask, otherwise: { changes: [], gaps: [] } }, asking);
      return { changes: answer.changes, gaps: [...answer.gaps, ...gaps] };
    }),
  );
  return { changes: answers.map(({ changes }) => changes), gaps: answers.flatMap(({ gaps }) => gaps) };
}
