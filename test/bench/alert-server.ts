/**
 * The product's alert routes over its ledger on disk, and beside them the least that keeps what it says it keeps: Hono, JSON.parse,
 * one row an alert, all that came in a tick in one commit with synchronous=FULL. Run by `alerts.bench.ts`.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Hono } from 'hono';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { redactDeep } from '../../src/domain/redact.ts';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { serve } from '../../src/surfaces/http/serve.ts';
import { silentLog } from '../silent-log.ts';
import { testProduct } from '../support/app.ts';

const folder = process.argv[2]!;
const file = join(folder, 'ledger.sqlite');
const ledger = createSqliteLedger({ file, now: Date.now });
const { app } = testProduct({ ledger, now: Date.now }, Date.now());
const product = createHttp(app, {}, { log: silentLog, now: Date.now, redact: redactDeep });

const database = new DatabaseSync(join(folder, 'floor.sqlite'));
database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE alert (id INTEGER PRIMARY KEY, said TEXT NOT NULL)');
const insert = database.prepare('INSERT INTO alert (said) VALUES (?)');
let waiting: { alerts: unknown[]; done: () => void }[] = [];
function commit(): void {
  const group = waiting;
  waiting = [];
  database.exec('BEGIN');
  for (const { alerts } of group) for (const alert of alerts) insert.run(JSON.stringify(alert));
  database.exec('COMMIT');
  for (const { done } of group) done();
}
const floor = new Hono();
floor.post('/floor', async (c) => {
  const said = JSON.parse(await c.req.text()) as unknown[] | { alerts: unknown[] };
  const alerts = Array.isArray(said) ? said : said.alerts;
  await new Promise<void>((done) => {
    if (waiting.length === 0) setImmediate(commit);
    waiting.push({ alerts, done });
  });
  return c.json({ accepted: alerts.length }, 202);
});
/** What is on disk, read by others' eyes. */
floor.get('/kept', (c) => {
  const looking = new DatabaseSync(file, { readOnly: true });
  const seen = Number(looking.prepare('SELECT COUNT(*) AS n FROM seen').get()?.['n']);
  looking.close();
  return c.json({ product: seen, floor: Number(database.prepare('SELECT COUNT(*) AS n FROM alert').get()?.['n']) });
});
/** µs of the processor this whole process has taken, threads of its pools among them. */
floor.get('/processor', (c) => {
  const { user, system } = process.cpuUsage();
  return c.json(user + system);
});
/**
 * Leaves nothing of the turn before for the collector to do in the next: what the floor threw away is not ours to clear up, nor ours its.
 * `false` would only ask for it, and it would come within the next turn. Compiled code goes with it, so a burst comes before the clock.
 */
floor.get('/collected', (c) => {
  (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
  return c.json(0);
});

const isFloor = /\/(floor|kept|processor|collected)$/;
const fetch = async (request: Request): Promise<Response> => (isFloor.test(request.url) ? floor.fetch(request) : product.fetch(request));
const { port } = await serve({ fetch }, { host: '127.0.0.1', port: 0 }).start();
console.log(port);
