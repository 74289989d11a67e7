/**
 * `tracepulse check --probe`: asks every configured system one harmless question, all at once, and says what it found. What
 * would only be noticed in the middle of an incident (a token that has expired, a wrong address) is noticed now.
 */
import type { Adapter, Probed, Tools } from '../adapter.ts';
import { changeSources } from '../adapters/change-sources/index.ts';
import { clusterSources } from '../adapters/cluster-sources/index.ts';
import { logSources } from '../adapters/log-sources/index.ts';
import { mapSources } from '../adapters/map-sources/index.ts';
import { metricSources } from '../adapters/metric-sources/index.ts';
import { models } from '../adapters/models/index.ts';
import { sinks } from '../adapters/sinks/index.ts';
import { traceSources } from '../adapters/trace-sources/index.ts';
import { type Environment, enabled, readCore } from '../config.ts';
import { Failure } from '../domain/failure.ts';
import { inTime } from '../domain/in-time.ts';
import { storeProbe } from '../stores.ts';

/** A person waits for it, and a system that takes longer is of no use in an incident. */
const deadlineMs = 8_000;

const lists: readonly (readonly [string, readonly Adapter<Probed>[]])[] = [
  ['log-source', logSources],
  ['trace-source', traceSources],
  ['metric-source', metricSources],
  ['map-source', mapSources],
  ['cluster-source', clusterSources],
  ['change-source', changeSources],
  ['sink', sinks],
  ['model', models],
];

/** 0: everything that is on has answered. */
export async function probeCommand(
  environment: Environment,
  tools: Tools,
  print: (text: string) => void,
  waitMs = deadlineMs,
): Promise<number> {
  // The built-in workspace runs with the product and takes the place of whatever sink there is.
  const hasWorkspace = environment['TRACEPULSE_WORKSPACE'] === 'on';
  const systems = lists
    .filter(([port]) => !(hasWorkspace && port === 'sink'))
    .flatMap(([port, list]) => [...enabled(port, list, environment, tools).on].map(([id, system]) => ({ name: `${port} ${id}`, system })));
  const { settings } = readCore(environment);
  const store = settings === null ? null : storeProbe(settings);
  if (store !== null) systems.unshift({ name: 'store redis', system: store });
  if (systems.length === 0) {
    print('Nothing that could be asked is connected.');
    return 0;
  }
  const answers = await Promise.all(systems.map(async ({ name, system }) => ({ name, ...(await askOne(name, system, waitMs)) })));
  for (const { name, isGood, text } of answers) print(`${isGood ? 'good' : 'BAD '}  ${name}: ${text}`);
  const bad = answers.filter(({ isGood }) => !isGood).length;
  print(bad === 0 ? 'Everything that is connected answers.' : `${bad} of ${answers.length} do not answer as they should.`);
  return bad === 0 ? 0 : 1;
}

async function askOne(name: string, system: Probed, waitMs: number): Promise<{ isGood: boolean; text: string }> {
  if (system.probe === undefined) return { isGood: true, text: 'has no question that would show nobody anything' };
  const signal = AbortSignal.timeout(waitMs);
  try {
    return { isGood: true, text: await inTime(system.probe(signal), signal, name, 'ask a harmless question') };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { isGood: false, text: error.message };
  }
}
