/**
 * What a ranking sees in each case, as numbers, before it is weighed. Read into the product's store and examined once; then
 * any weights can be tried in no time. Kept as lines of a file, so that a stopped run goes on where it was.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { initialWeights } from '../../src/domain/feedback.ts';
import { type Features, featuresOf } from '../../src/domain/ranking/features.ts';
import { examine } from '../../src/domain/ranking/rank.ts';
import { type SignalName, signalWeights, type Suspicion } from '../../src/domain/ranking/suspicion.ts';
import type { Signal } from '../../src/ports.ts';
import { createTelemetry, lookbackMs } from '../../src/telemetry.ts';
import { recordingOf } from './answer.ts';
import type { Case, IncidentFolder } from './folder.ts';

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

async function suspectsOf(folder: IncidentFolder): Promise<KeptCase['suspects']> {
  const recording = recordingOf(folder);
  const telemetry = createTelemetry({ file: null, now: () => folder.alertAt, windowMinutes: 24 * 60, maxBytes: 4 * 2 ** 30 });
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

/** Every case of the list, from the file where it is there already. */
export async function keptCases(cases: readonly Case[], file: string, onNew: (done: number) => void = () => {}): Promise<KeptCase[]> {
  const kept = new Map<number, KeptCase | null>();
  if (existsSync(file))
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (!line.endsWith('}')) continue;
      const { index, found } = JSON.parse(line) as { index: number; found: KeptCase | null };
      kept.set(index, found);
    }
  for (const [index, one] of cases.entries()) {
    if (kept.has(index)) continue;
    const found = await examineCase(one, index);
    appendFileSync(file, `${JSON.stringify({ index, found })}\n`);
    kept.set(index, found);
    onNew(kept.size);
  }
  return [...kept.entries()].filter(([index]) => index < cases.length).flatMap(([, found]) => found ?? []);
}
