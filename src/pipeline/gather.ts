/**
 * Collects what an investigation reads. Never fails: a source that did not answer becomes a gap, and the report is made
 * from the rest. Sources are asked in parallel, each with the same deadline, and one that keeps failing is spared for a while.
 */
import { type Change, mergeChanges } from '../domain/change.ts';
import type { Gap, Window } from '../domain/evidence.ts';
import { Failure } from '../domain/failure.ts';
import { rolloutsIn } from '../domain/rollouts.ts';
import type { RunningVersion } from '../domain/service.ts';
import type { TelemetryWindow } from '../domain/telemetry.ts';
import type { Knowledge, Telemetry } from '../ports.ts';
import type { ChangeSource } from '../ports/sources.ts';
import type { Breaker } from './circuit-breaker.ts';
import { runningVersions } from './running-versions.ts';

/** Leaves most of the five seconds for ranking and delivery. */
const sourceDeadlineMs = 2_000;
/** When sources are told to end with what they have; the rest is for those that listen. */
const askedToEndMs = 1_700;

/** How far back a change may lie and still explain an alert. */
const changeLookbackMs = 24 * 3_600_000;

export interface Gathered {
  readonly window: TelemetryWindow;
  readonly knowledge: Knowledge;
  readonly changes: readonly Change[];
  readonly gaps: readonly Gap[];
}

export interface GatherSources {
  readonly telemetry: Telemetry;
  readonly changeSources: ReadonlyMap<string, ChangeSource>;
  readonly breaker: Breaker;
}

export async function gather(window: Window, sources: GatherSources): Promise<Gathered> {
  const knowledge = await sources.telemetry.knowledge();
  const services = knowledge.map.services.map((service) => service.name);
  const telemetry = await sources.telemetry.window(window);
  const running = sources.changeSources.size === 0 ? [] : await runningVersions(telemetry, sources.telemetry);
  const answers = await Promise.all(
    [...sources.changeSources].map(([id, source]) => changesFrom(id, source, { window, services, running, breaker: sources.breaker })),
  );
  const changes = mergeChanges([...answers.map((answer) => answer.changes), rolloutsIn(telemetry)]);
  const gaps = answers.flatMap((answer) => answer.gaps);
  if (sources.changeSources.size === 0)
    gaps.push({ source: 'changes', reason: 'no source of changes is connected; only new versions in telemetry are seen' });
  const { dropped } = telemetry;
  if (dropped.spans + dropped.logs + dropped.points > 0)
    gaps.push({
      source: 'telemetry',
      reason: `${dropped.spans} spans, ${dropped.logs} log lines and ${dropped.points} points of this time were dropped for space`,
    });
  return { window: telemetry, knowledge, changes, gaps };
}

interface Asked {
  readonly window: Window;
  readonly services: readonly string[];
  readonly running: readonly RunningVersion[];
  readonly breaker: Breaker;
}

async function changesFrom(id: string, source: ChangeSource, { window, services, running, breaker }: Asked) {
  const signal = AbortSignal.timeout(askedToEndMs);
  const lookback = { fromMs: window.toMs - changeLookbackMs, toMs: window.toMs };
  try {
    return await breaker.ask(id, () =>
      Promise.race([source.changes(lookback, services, signal, running), rejectedBy(AbortSignal.timeout(sourceDeadlineMs), id)]),
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { changes: [], gaps: [{ source: id, reason: error.message }] };
  }
}

/** A source that ignores its signal must not hold the report up. */
function rejectedBy(signal: AbortSignal, id: string): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Failure('timeout', id, 'list changes')), { once: true });
  });
}
