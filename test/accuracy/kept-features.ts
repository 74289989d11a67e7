/**
 * What a ranking sees in each case, as numbers, before it is weighed. Read into the product's store and examined once; then
 * any weights can be tried in no time. Kept as lines of a file, so that a stopped run goes on where it was, and several
 * processes can read at once. The file is named after the sources that see: of another ranking nothing is kept.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createColumnTelemetry } from '../../src/adapters/telemetry/columns.ts';
import type { Segments } from '../../src/adapters/telemetry/segments.ts';
import { createBaseline, lookbackMs, overlapMs, quarantineMs, restoreBaseline } from '../../src/domain/baseline/baseline.ts';
import { initialWeights } from '../../src/domain/feedback.ts';
import { type Features, featuresOf } from '../../src/domain/ranking/features.ts';
import { examine } from '../../src/domain/ranking/rank.ts';
import { type SignalName, signalWeights, type Suspicion } from '../../src/domain/ranking/suspicion.ts';
import { restoreMiner } from '../../src/domain/templates/miner.ts';
import type { Signal } from '../../src/ports.ts';
import type { Case, IncidentFolder } from './folder.ts';
import { recordingOf } from './recording-of.ts';
import { sourceDigest } from './source-digest.ts';

export interface KeptCase {
  /** Follows from the place in the list of cases, which is the same on every machine. */
  readonly index: number;
  readonly set: string;
  readonly half: Case['half'];
  readonly fault: string;
  readonly affected: number | null;
  /** Those at fault; none in a quiet window. */
  readonly guilty: readonly string[];
  readonly suspects: readonly { readonly service: string; readonly features: Features }[];
}

const kinds: readonly Signal[] = ['traces', 'logs', 'metrics'];
/** More than a report lists, so that weights which would list others are judged fairly. */
const most = 12;

const tuned = ({ signals }: Suspicion): number =>
  [...signals].reduce((sum, [signal, value]) => sum + signalWeights[signal as SignalName] * value, 0);

/** Bodies are looked at once and not again: packing them away would take a quarter of the time. */
const keptNowhere: Segments = {
  add: () => 1,
  read: () => null,
  all: () => [],
  dropBefore() {},
  dropUntil() {},
  bytes: 0,
  last: 0,
  problem: null,
  put() {},
  get: () => null,
  flush() {},
  close() {},
};

async function suspectsOf(folder: IncidentFolder): Promise<KeptCase['suspects']> {
  const recording = recordingOf(folder);
  const telemetry = createColumnTelemetry({
    file: null,
    segments: keptNowhere,
    now: () => folder.alertAt,
    windowMinutes: 24 * 60,
    maxBytes: 4 * 2 ** 30,
    createBaseline,
    restoreBaseline,
    quarantineMs,
    overlapMs,
    restoreMiner,
  });
  try {
    if (recording.directory.length > 0) await telemetry.know(recording.directory);
    for (const kind of kinds) for (const body of recording.bodies(kind)) await telemetry.ingest(kind, body, 'json');
    await telemetry.advance(folder.alertAt, []);
    const { map, baseline, directory } = await telemetry.knowledge();
    const { scene, suspicions } = examine({
      incidentId: folder.name,
      window: await telemetry.window({ fromMs: folder.alertAt - lookbackMs, toMs: folder.alertAt + 1 }),
      baseline,
      map,
      directory,
      changes: recording.changes.filter(({ startedAt }) => startedAt <= folder.alertAt),
      weights: initialWeights,
      alertAt: folder.alertAt,
      focus: { service: null, correlationIds: [] },
    });
    const all = (suspicions?.all() ?? []).sort((a, b) => tuned(b) - tuned(a)).slice(0, most);
    return all.map((suspicion) => ({ service: suspicion.service, features: featuresOf(scene, suspicion, all) }));
  } finally {
    await telemetry.close();
  }
}

export async function examineCase(one: Case, index: number): Promise<KeptCase | null> {
  const { set, half, truth, affected } = one;
  // Nothing happened where no request was touched.
  if (truth.services.length > 0 && affected === 0) return null;
  const guilty = truth.changeService === null ? truth.services : [truth.changeService];
  return { index, set, half, fault: truth.fault, affected, guilty, suspects: await suspectsOf(one.read()) };
}

/** What the sources that see are now: asked once by a run of several processes, and handed on to each. */
export function sourcesThatSee(): string {
  return sourceDigest(join(import.meta.dirname, '../..'), ['test/accuracy/kept-features.ts', 'test/accuracy/all-injections.ts']);
}

/** Where the numbers of a list of cases are kept. */
export const keptFile = (list: string, seenBy: string): string => join(tmpdir(), `tracepulse-learning-${list}-${seenBy}.jsonl`);

function readKept(file: string): Map<number, KeptCase | null> {
  const kept = new Map<number, KeptCase | null>();
  if (!existsSync(file)) return kept;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line.endsWith('}')) continue;
    const { index, found } = JSON.parse(line) as { index: number; found: KeptCase | null };
    kept.set(index, found);
  }
  return kept;
}

/** One of several readers, each of which takes every so manieth case. */
export interface Part {
  readonly number: number;
  readonly of: number;
}

/** Reads what its part of the list lacks. */
export async function readCases(cases: readonly Case[], file: string, { number, of }: Part, onNew: (index: number) => void): Promise<void> {
  const kept = readKept(file);
  for (const [index, one] of cases.entries()) {
    if (index % of !== number || kept.has(index)) continue;
    const found = await examineCase(one, index);
    // In one write, so that the lines of several readers stay whole.
    appendFileSync(file, `${JSON.stringify({ index, found })}\n`);
    onNew(index);
  }
}

/** The first so many of a list, as far as they were read, in the order of the list. */
export function keptCases(file: string, count: number): KeptCase[] {
  const kept = [...readKept(file)].filter(([index]) => index < count).sort(([a], [b]) => a - b);
  return kept.flatMap(([, found]) => found ?? []);
}
