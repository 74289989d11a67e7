/**
 * What is promised, held against what becomes of it: the product is killed again and again under load, its engines, faults and
 * storms are gone through, and it is sent twice what it can take. Prints the tables; exit 1 when something was lost, came twice or failed.
 *
 *   npm run chaos                                  all of it: 1,000 kills on each engine, about two hours on a free machine
 *   npm run chaos -- --part faults                 one part: kills, engines, faults, storms or soak
 *   npm run chaos -- --kills 100 --seed 7          fewer kills, drawn by another seed
 *   npm run chaos -- --shard 2/4                   a quarter of them; each shard on its own machine or beside the others
 *   npm run chaos -- --engine redis                kills on a Redis of its own for each round (redis-server, append-only)
 *   npm run chaos -- --soak 10                     twice what it can take, for so many minutes, and the memory it holds meanwhile
 *   ... --state FILE                               where played rounds are kept: started again, it goes on after the last
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasRedis, startRedis } from '../redis-server.ts';
import { playRound } from './round.ts';
import { faultsOf, planOf, playedIn, remember, tableOf } from './state.ts';
import { engineSuites, faultSuites, root, runSuites, stormSuites, stormTable, type Suite, suiteTable } from './suites.ts';

const { values } = parseArgs({
  options: {
    part: { type: 'string', multiple: true },
    engine: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string', default: '1' },
    shard: { type: 'string' },
    state: { type: 'string', default: join(tmpdir(), 'tracepulse-chaos-rounds.jsonl') },
    soak: { type: 'string' },
  },
});
const { seed, state } = values;
type Engine = 'embedded' | 'redis';
const engines: readonly Engine[] =
  values.engine === undefined ? (hasRedis ? ['embedded', 'redis'] : ['embedded']) : [engineNamed(values.engine)];
const tell = (line: string) => void process.stderr.write(`${line}\n`);

function engineNamed(name: string): Engine {
  if (name !== 'embedded' && name !== 'redis') throw new Error('--engine is embedded or redis');
  return name;
}

/** Each has a store of its own: what an earlier one left would be counted as twice. */
async function withEngine<T>(engine: Engine, play: (environment: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
  if (engine === 'embedded') return play({});
  const redis = await startRedis(['--appendonly', 'yes']);
  try {
    return await play({ REDIS_URL: redis.url });
  } finally {
    await redis.stop();
  }
}

/** Bun's fetch keeps more than 256 requests waiting in this process unless told otherwise before it starts. */
const roomForRequests = 'BUN_CONFIG_MAX_HTTP_REQUESTS';

/** Each prints its tables and answers what must not be. */
const parts: Readonly<Record<string, () => Promise<string[]>>> = {
  async kills() {
    const faults: string[] = [];
    for (const engine of engines) faults.push(...(await killAgainAndAgain(engine)));
    return faults;
  },
  engines: () => goThrough('Two engines, one contract', engineSuites),
  faults: () => goThrough('Broken', faultSuites(readFileSync(join(root, 'docs/reliability.md'), 'utf8'))),
  async storms() {
    print('Storms of two faults', stormTable(['1', '2', '3']));
    return goThrough('Storms', stormSuites);
  },
  async soak() {
    const { soakTable, startSoak } = await import('./soak.ts');
    const minutes = Number(values.soak ?? 10);
    const [engine = 'embedded'] = values.engine === undefined ? [] : engines;
    const result = await withEngine(engine, (environment) => startSoak({ minutes, environment, tell }));
    print('Twice what it can take', soakTable(result));
    return [...result.faults];
  },
};

/** What is asked for by a part's own option is that part. */
function chosenParts(): readonly string[] {
  if (values.part !== undefined) return values.part;
  if (values.soak !== undefined) return ['soak'];
  if (values.engine !== undefined || values.kills !== undefined || values.shard !== undefined) return ['kills'];
  return Object.keys(parts);
}

function print(title: string, table: string): void {
  process.stdout.write(`\n## ${title}\n\n${table}\n`);
}

async function goThrough(title: string, suites: readonly Suite[]): Promise<string[]> {
  const { table, faults } = suiteTable(suites, await runSuites(suites));
  print(title, table);
  return faults;
}

async function killAgainAndAgain(engine: Engine): Promise<string[]> {
  const plan = planOf({ engine, seed, kills: Number(values.kills ?? 1_000), shard: values.shard ?? '1/1' });
  const played = new Set(playedIn(state).map((round) => round.seed));
  for (const { seed: round, kills } of plan) {
    if (played.has(round)) continue;
    const result = await withEngine(engine, (environment) => playRound({ seed: round, kills, environment, tell }));
    remember(state, { ...result, seed: round });
    for (const fault of faultsOf(result)) tell(`${round}: ${fault}`);
  }
  const mine = new Set(plan.map((round) => round.seed));
  const rounds = playedIn(state).filter((round) => mine.has(round.seed));
  print(`Killed, ${engine}`, tableOf(rounds));
  return rounds.flatMap((round) => faultsOf(round).map((fault) => `${round.seed}: ${fault}`));
}

async function play(): Promise<number> {
  const chosen = chosenParts();
  const unknown = chosen.filter((name) => !(name in parts));
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}: ${Object.keys(parts).join(', ')}`);
  const faults: string[] = [];
  for (const name of chosen) faults.push(...((await parts[name]?.()) ?? []));
  print('Must not be', faults.length === 0 ? 'nothing' : faults.map((fault) => `- ${fault}`).join('\n'));
  return faults.length === 0 ? 0 : 1;
}

if (process.env[roomForRequests] === undefined) {
  const again = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, [roomForRequests]: '8192' },
  });
  process.exitCode = again.status ?? 1;
} else process.exitCode = await play();
