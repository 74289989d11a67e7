import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { backupCommand, restoreCommand } from '../../src/cli/backup.ts';
import { installationKey } from '../../src/redacting.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { sqlitePersistence } from '../../src/workspace/persistence.ts';
import { anIncident } from '../adapters/ledgers/samples.ts';

let folder = '';
let file = '';
const said: string[] = [];
const say = (text: string) => void said.push(text);
const now = Date.parse('2026-03-01T12:00:00Z');
const backup = (...args: string[]) => backupCommand(folder, args, say, say);
const restore = (...args: string[]) => restoreCommand(folder, args, now, say, say);
const ledgerOf = () => createSqliteLedger({ file: join(folder, 'ledger.sqlite'), now: () => now });

beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'tracepulse-backup-'));
  folder = join(base, 'data');
  file = join(base, 'kept.backup');
  said.length = 0;
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

/** Incidents 1 to `count`; answers the ledger, open. */
async function filled(count: number) {
  const ledger = ledgerOf();
  for (let i = 1; i <= count; i++) await ledger.commit({ incidents: [anIncident(`INC-${i}`, { title: `Alarm ${i}` })] });
  return ledger;
}
const titles = async () => {
  const ledger = ledgerOf();
  const { incidents } = await ledger.incidents({ limit: 100 });
  await ledger.close();
  return incidents.map(({ title }) => title).sort();
};

describe('backup and restore', () => {
  it('bring the store back as it was when the backup was made, though the product was writing', async () => {
    const ledger = await filled(3);
    const key = installationKey(folder);
    const telemetry = createTelemetry({ file: join(folder, 'telemetry.sqlite'), now: () => now, windowMinutes: 60, maxBytes: 2 ** 28 });
    const chat = sqlitePersistence(join(folder, 'workspace.sqlite'));
    chat.save([{ kind: 'message', id: 'm1', body: '{"text":"hello"}' }]);
    expect(backup(file)).toBe(0);
    await ledger.commit({ incidents: [anIncident('INC-4', { title: 'Alarm 4' })] });
    await ledger.close();
    await telemetry.close();
    chat.close?.();
    rmSync(join(folder, 'redaction.key'));

    expect(restore(file)).toBe(0);
    expect(await titles()).toEqual(['Alarm 1', 'Alarm 2', 'Alarm 3']);
    expect(installationKey(folder)).toBe(key);
    expect([...sqlitePersistence(join(folder, 'workspace.sqlite')).load()]).toEqual([
      { kind: 'message', id: 'm1', body: '{"text":"hello"}' },
    ]);
    expect(existsSync(join(folder, 'telemetry.sqlite'))).toBe(true);
  });

  it('take every commit that was answered, with many under way', async () => {
    const ledger = await filled(1);
    const under = Array.from({ length: 200 }, (_, i) => ledger.commit({ incidents: [anIncident(`INC-${i + 2}`)] }));
    await Promise.all(under.slice(0, 100));
    expect(backup(file)).toBe(0);
    await Promise.all(under);
    await ledger.close();
    expect(restore(file)).toBe(0);
    expect((await titles()).length).toBeGreaterThanOrEqual(100);
  });

  it('keep what was there before beside the store', async () => {
    await (await filled(1)).close();
    expect(backup(file)).toBe(0);
    const ledger = ledgerOf();
    await ledger.commit({ incidents: [anIncident('INC-2', { title: 'Later' })] });
    await ledger.close();
    expect(restore(file)).toBe(0);
    const kept = readdirSync(folder).find((name) => name.startsWith('before-restore-2026-03-01T12-00-00')) ?? '';
    const old = createSqliteLedger({ file: join(folder, kept, 'ledger.sqlite'), now: () => now });
    expect((await old.incidents({ limit: 10 })).incidents.map(({ title }) => title)).toContain('Later');
    await old.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('.restoring'))).toEqual([]);
  });

  it('write a file that its owner alone may read, and take no file’s place', async () => {
    await (await filled(1)).close();
    expect(backup(file)).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file);
    expect(backup(file)).toBe(64);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(join(folder, '..')).sort()).toEqual(['data', 'kept.backup']);
  });
});

describe('restore', () => {
  it('refuses while the product runs', async () => {
    const ledger = await filled(2);
    expect(backup(file)).toBe(0);
    expect(() => restore(file)).toThrow(/another TracePulse is running/);
    await ledger.close();
    expect(await titles()).toEqual(['Alarm 1', 'Alarm 2']);
  });

  it('keeps the product from starting while it works, and lets it afterwards', async () => {
    await (await filled(1)).close();
    expect(backup(file)).toBe(0);
    expect(restore(file)).toBe(0);
    await ledgerOf().close();
  });

  it.each([
    { name: 'no backup at all', spoil: () => writeFileSync(file, 'hello'), says: /no backup of TracePulse/ },
    {
      name: 'a database of somebody else',
      spoil: () => new DatabaseSync(`${file}`).exec('PRAGMA application_id = 0'),
      says: /no backup of TracePulse/,
    },
    { name: 'one of a newer format', spoil: () => new DatabaseSync(file).exec('PRAGMA user_version = 9'), says: /format 9/ },
    {
      name: 'one with a changed byte',
      spoil: () =>
        new DatabaseSync(file).exec(`UPDATE piece SET bytes = zeroblob(length(bytes)) WHERE name = 'ledger.sqlite' AND number = 0`),
      says: /ledger\.sqlite is not what was backed up/,
    },
    {
      name: 'one without a ledger',
      spoil: () => new DatabaseSync(file).exec(`DELETE FROM part WHERE name = 'ledger.sqlite'`),
      says: /no ledger/,
    },
    {
      name: 'one that would write elsewhere',
      spoil: () => new DatabaseSync(file).exec(`INSERT INTO part VALUES ('../../evil', '', 0)`),
      says: /nobody knows/,
    },
  ])('refuses $name and leaves the store alone', async ({ spoil, says }) => {
    await (await filled(1)).close();
    expect(backup(file)).toBe(0);
    spoil();
    expect(() => restore(file)).toThrow(says);
    expect(await titles()).toEqual(['Alarm 1']);
    expect(readdirSync(folder).filter((name) => /restor/.test(name))).toEqual([]);
  });

  it('brings an older store forward when it is opened', async () => {
    await (await filled(1)).close();
    const db = new DatabaseSync(join(folder, 'ledger.sqlite'));
    // As version 0.1 left it: what came later is taken away again.
    db.exec(`DROP TABLE acts; DROP TABLE learning; DROP TABLE dead; DROP TABLE alerts; DROP TABLE arrivals; DROP TABLE seen;
      CREATE TABLE seen (key TEXT PRIMARY KEY, at INTEGER NOT NULL, incident_id TEXT) WITHOUT ROWID; CREATE INDEX seen_at ON seen (at);
      ALTER TABLE incidents ADD COLUMN revision INTEGER NOT NULL DEFAULT 1; DROP TABLE tallies;
      UPDATE incidents SET doc = json_set(doc, '$.alerts', json('[]'), '$.revision', 1, '$.alertCount', 1, '$.lastAlertAt', 1, '$.updatedAt', 1);
      PRAGMA user_version = 1`);
    db.close();
    expect(backup(file)).toBe(0);
    rmSync(folder, { recursive: true });
    expect(restore(file)).toBe(0);
    expect(await titles()).toEqual(['Alarm 1']);
    const ledger = ledgerOf();
    expect(await ledger.acts(0, 10)).toEqual([]);
    expect(await ledger.learning()).toBeNull();
    await ledger.close();
  });
});

describe('both', () => {
  it.each([[], ['--all'], ['a', 'b']])('say how they are called for %j', (...args) => {
    expect(backup(...args)).toBe(64);
    expect(restore(...args)).toBe(64);
    expect(said.join('\n')).toMatch(/usage: tracepulse backup FILE\nusage: tracepulse restore FILE/);
  });

  it('say what is not there', () => {
    expect(backup(file)).toBe(66);
    expect(restore(file)).toBe(66);
  });
});
