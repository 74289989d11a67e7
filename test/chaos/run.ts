/**
 * Kills the product again and again under load and holds what was promised against what became of it. Prints the table;
 * exit 1 when something was lost or came twice.
 *
 *   npm run chaos                                  1,000 kills on the embedded store, about an hour on a free machine
 *   npm run chaos -- --kills 100 --seed 7          fewer of them, drawn by another seed
 *   npm run chaos -- --shard 2/4                   a quarter of them; each shard on its own machine or beside the others
 *   npm run chaos -- --engine redis                on a Redis of its own for each round (redis-server, append-only)
 *   npm run chaos -- --soak 10                     twice what it can take, for so many minutes, and the memory it holds meanwhile
 *   ... --state FILE                               where played rounds are kept: started again, it goes on after the last
 */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRedis } from '../redis-server.ts';
import { playRound } from './round.ts';
import { faultsOf, planOf, playedIn, remember, tableOf } from './state.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'embedded' },
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    shard: { type: 'string', default: '1/1' },
    state: { type: 'string', default: join(tmpdir(), 'tracepulse-chaos-rounds.jsonl') },
    soak: { type: 'string' },
  },
});
const { engine, seed, shard, state, soak } = values;
if (engine !== 'embedded' && engine !== 'redis') throw new Error('--engine is embedded or redis');
const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** Each has a store of its own: what an earlier one left would be counted as twice. */
async function withEngine<T>(play: (environment: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
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

if (soak === undefined) process.exitCode = await killAgainAndAgain();
else if (process.env[roomForRequests] === undefined) {
  const again = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, [roomForRequests]: '8192' },
  });
  process.exitCode = again.status ?? 1;
} else {
  const { soakTable, startSoak } = await import('./soak.ts');
  const result = await withEngine((environment) => startSoak({ minutes: Number(soak), environment, tell }));
  process.stdout.write(`${soakTable(result)}\n`);
  process.exitCode = result.faults.length === 0 ? 0 : 1;
}

async function killAgainAndAgain(): Promise<number> {
  const plan = planOf({ engine: engine ?? '', seed, kills: Number(values.kills), shard });
  const played = new Set(playedIn(state).map((round) => round.seed));
  for (const { seed: round, kills } of plan) {
    if (played.has(round)) continue;
    const result = await withEngine((environment) => playRound({ seed: round, kills, environment, tell }));
    remember(state, { ...result, seed: round });
    for (const fault of faultsOf(result)) tell(`${round}: ${fault}`);
  }
  const mine = new Set(plan.map((round) => round.seed));
  const rounds = playedIn(state).filter((round) => mine.has(round.seed));
  const faults = rounds.flatMap((round) => faultsOf(round).map((fault) => `${round.seed}: ${fault}`));
  process.stdout.write(`${tableOf(rounds)}\n${faults.map((fault) => `${fault}\n`).join('')}`);
  return faults.length === 0 ? 0 : 1;
}
