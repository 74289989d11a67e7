import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteLedger, openSqliteLedgerReadOnly } from '../../../src/adapters/ledgers/sqlite.ts';
import { openForWriting } from '../../../src/adapters/ledgers/sqlite/open-file.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { ledgerContract } from './contract.ts';
import { anAlert, aReport, anEntry, anIncident, at, someWork } from './samples.ts';

ledgerContract('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  return {
    open: async () => createSqliteLedger({ file: join(folder, 'ledger.db'), now: () => at }),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});

ledgerContract('sqlite in memory, closed but not reopened,', async () => {
  const ledger = createSqliteLedger({ file: ':memory:', now: () => at });
  // What is in memory is gone when it is closed, so this one stays open while the suite has it closed and opened.
  return { open: async () => ({ ...ledger, close: async () => {} }), remove: () => ledger.close() };
});

describe('the SQLite file', () => {
  let folder: string;
  let file: string;
  let now = at;
  const open = () => createSqliteLedger({ file, now: () => now });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    file = join(folder, 'data', 'ledger.db');
    now = at;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('holds every acknowledged commit after the process was killed, round after round', async () => {
    const acknowledged: string[] = [];
    for (const round of ['a', 'b', 'c']) acknowledged.push(...(await runUntilKilled(file, round, 60)));
    const ledger = open();
    const seen = await ledger.seen(acknowledged);
    expect(acknowledged.length).toBeGreaterThanOrEqual(180);
    expect(acknowledged.filter((key) => seen.get(key) !== key)).toEqual([]);
    // What was committed together is there together, acknowledged or not.
    const work = await ledger.claimWork(at, 1, 1_000_000);
    const { incidents } = await ledger.incidents({ limit: 1_000_000 });
    expect(new Set(incidents.map(({ id }) => id))).toEqual(new Set(work.map(({ subject }) => subject)));
    await ledger.close();
  });

  it('frees at once what a process held that died: there is one, and it is this one', async () => {
    const died = open();
    const inbox = { id: 'Ev1', kind: 'slack', body: {}, at };
    await died.commit({
      work: [
        someWork('w'),
        someWork('inbox:Ev1', { kind: 'inbox', subject: 'Ev1', dueAt: at + 30_000 }),
        someWork('later', { dueAt: at + 9 }),
      ],
      outbox: [anEntry('a')],
      inbox: [inbox],
    });
    await died.claimWork(at, 15_000, 9);
    await died.claimOutbox('slack', at, 30_000, 9);
    await died.close();
    const ledger = open();
    expect((await ledger.claimWork(at, 15_000, 9)).map(({ id, attempts }) => [id, attempts])).toEqual([
      ['inbox:Ev1', 1],
      ['w', 2],
    ]);
    expect(await ledger.claimOutbox('slack', at, 30_000, 9)).toMatchObject([{ id: 'a', attempts: 2 }]);
    await ledger.close();
  });

  it('is told to wait for the disk at every commit', async () => {
    const opened = openForWriting(file);
    expect(opened.db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(opened.db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 }); // 2 is FULL
    opened.close();
  });

  it('belongs to its owner alone', async () => {
    const ledger = open();
    await ledger.commit({ incidents: [anIncident('INC-1')] });
    for (const name of [file, `${file}-wal`, `${file}-shm`, `${file}.lock`])
      expect([name, statSync(name).mode & 0o777]).toEqual([name, 0o600]);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    await ledger.close();
  });

  it('has one writer: a second is refused in one sentence, until the first has closed', async () => {
    const first = open();
    expect(open).toThrowError(
      /^ledger: open the store \(unavailable\): another TracePulse is running on this store; [^\n]*TRACEPULSE_DATA$/,
    );
    expect(await first.commit({ incidents: [anIncident('INC-1')] })).toBe('committed');
    await first.close();
    await first.close();
    const second = open();
    expect(await second.incident('INC-1')).not.toBeNull();
    await second.close();
  });

  it('can be read by others while it is written, and they follow', async () => {
    const writer = open();
    await writer.commit({ incidents: [anIncident('INC-1')], reports: [aReport('INC-1', 1)], outbox: [anEntry('card')] });
    const reader = openSqliteLedgerReadOnly(file);
    expect(await reader.incident('INC-1')).toEqual(anIncident('INC-1'));
    await writer.commit({ incidents: [anIncident('INC-1', { revision: 2, state: 'resolved' }), anIncident('INC-2')] });
    expect(await reader.incident('INC-1')).toMatchObject({ revision: 2, state: 'resolved' });
    expect((await reader.incidents({ limit: 9 })).incidents).toHaveLength(2);
    expect(await reader.report('INC-1')).toEqual(aReport('INC-1', 1));
    const refused = { code: 'rejected', system: 'ledger' };
    await expect(reader.commit({})).rejects.toMatchObject(refused);
    await expect(reader.claimWork(at, 1, 1)).rejects.toMatchObject(refused);
    await expect(reader.claimOutbox('slack', at, 1, 1)).rejects.toMatchObject(refused);
    await expect(reader.postpone(someWork('w'), at)).rejects.toMatchObject(refused);
    await writer.close();
    await reader.close();
    const later = openSqliteLedgerReadOnly(file);
    expect(await later.lastIncidentNumber()).toBe(2);
    await later.close();
  });

  it('gives whoever reads beside the writer document and alerts of one moment', async () => {
    const writer = open();
    const alerts = ['f1', 'f2', 'f3'].map((fingerprint) => anAlert({ fingerprint }));
    await writer.commit({ incidents: [anIncident('INC-1', { alerts: alerts.slice(0, 1) })] });
    const reader = openSqliteLedgerReadOnly(file);
    for (const revision of [2, 3]) {
      await writer.commit({ incidents: [anIncident('INC-1', { alerts: alerts.slice(0, revision), alertCount: revision, revision })] });
      expect(await reader.incident('INC-1')).toEqual(await writer.incident('INC-1'));
      expect((await reader.incident('INC-1'))?.alerts).toHaveLength(revision);
    }
    await reader.close();
    await writer.close();
  });

  it('writes one alert and a small document when one joins ninety-nine', async () => {
    const ledger = open();
    const alerts = Array.from({ length: 100 }, (_, i) => anAlert({ fingerprint: `f${i}`, description: 'x'.repeat(1_000) }));
    await ledger.commit({ incidents: [anIncident('INC-1', { alerts: alerts.slice(0, 99) })] });
    const known = (await ledger.incident('INC-1'))!;
    const before = statSync(`${file}-wal`).size;
    await ledger.commit({ incidents: [{ ...known, alerts: [...known.alerts, alerts[99]!], revision: 2 }] });
    expect(statSync(`${file}-wal`).size - before).toBeLessThan(8 * 4_200);
    expect(await ledger.incident('INC-1')).toMatchObject({ alerts, revision: 2 });
    await ledger.close();
  });

  it('is not made by looking for it', () => {
    expect(() => openSqliteLedgerReadOnly(file)).toThrowError(/there is no store at this place yet/);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('says so when it is something else', () => {
    file = join(folder, 'ledger.db');
    writeFileSync(file, 'these are not the pages you are looking for '.repeat(500));
    expect(open).toThrowError(
      /^ledger: open the store \(bad_response\): the file is not a TracePulse store; a copy as it was found is .* move it and its -wal away/,
    );
    expect(open).toThrowError(Failure);
    expect(() => openSqliteLedgerReadOnly(file)).toThrowError(/\(bad_response\): the file is not a TracePulse store/);
  });

  it('says so when its pages are damaged', async () => {
    const ledger = open();
    for (let i = 0; i < 50; i++) await ledger.commit({ incidents: [anIncident(`INC-${i}`, { title: 'x'.repeat(3_000) })] });
    await ledger.close();
    const pages = openSync(file, 'r+');
    const size = statSync(file).size;
    for (let offset = 4_096; offset < size; offset += 4_096) writeSync(pages, Buffer.alloc(4_096, 0xa5), 0, 4_096, offset);
    const before = readFileSync(file);
    for (let start = 0; start < 3; start++)
      expect(open).toThrowError(/\(bad_response\): the store file is damaged; a copy as it was found is /);
    expect(open).toThrowError(/Put a backup in its place/);
    const copies = readdirSync(dirname(file)).filter((name) => name.startsWith('ledger.db.damaged-') && !name.endsWith('-wal'));
    expect(copies.length).toBe(1);
    expect(readFileSync(join(dirname(file), copies[0] ?? '')).equals(before)).toBe(true);
    // Once a good one is in its place all is well again.
    rmSync(file);
    await open().close();
  });

  it('says so when its folder cannot be made', () => {
    writeFileSync(join(folder, 'plain'), '');
    file = join(folder, 'plain', 'ledger.db');
    expect(open).toThrowError(/^ledger: create the store \(bad_config\): TRACEPULSE_DATA must be a folder that can be written/);
  });

  it('is left alone when a newer version wrote it', async () => {
    await open().close();
    const raw = new DatabaseSync(file);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    expect(open).toThrowError(/written by a newer version \(schema 99/);
    expect(() => openSqliteLedgerReadOnly(file)).toThrowError(/written by a newer version/);
  });

  it('is not read where it was begun but never brought to a schema', async () => {
    file = join(folder, 'ledger.db');
    const raw = new DatabaseSync(file);
    raw.exec('CREATE TABLE other (x)');
    raw.close();
    expect(() => openSqliteLedgerReadOnly(file)).toThrowError(/start it once to bring the store forward/);
  });

  it('forgets deliveries and messages after a month, except messages still to be acted on', async () => {
    const ledger = open();
    const inbox = [
      { id: 'done', kind: 'slack', body: 1, at },
      { id: 'waiting', kind: 'slack', body: 1, at },
    ];
    await ledger.commit({
      seen: [{ key: 'old', at, incidentId: null }],
      inbox,
      work: [someWork('inbox:waiting', { kind: 'inbox', subject: 'waiting' })],
    });
    now = at + 29 * 24 * 3_600_000;
    await ledger.commit({ seen: [{ key: 'younger', at: now, incidentId: null }] });
    expect([...(await ledger.seen(['old', 'younger'])).keys()]).toEqual(['old', 'younger']);
    now = at + 31 * 24 * 3_600_000;
    await ledger.commit({ seen: [{ key: 'new', at: now, incidentId: null }] });
    expect([...(await ledger.seen(['old', 'younger', 'new'])).keys()]).toEqual(['younger', 'new']);
    expect(await ledger.inbox('done')).toBeNull();
    expect(await ledger.inbox('waiting')).not.toBeNull();
    await ledger.close();
  });
});

/** The keys a committing process had acknowledged when it was killed without warning. */
async function runUntilKilled(file: string, prefix: string, enough: number): Promise<string[]> {
  const script = fileURLToPath(new URL('./commit-until-killed.ts', import.meta.url));
  const child = spawn(process.execPath, [script, file, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.split('\n').length > enough) child.kill('SIGKILL');
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return out.split('\n').slice(0, -1); // the last piece is empty, or cut off by the kill
}
