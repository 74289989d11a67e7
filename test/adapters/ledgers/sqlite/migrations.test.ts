import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSqliteLedger, openSqliteLedgerReadOnly } from '../../../../src/adapters/ledgers/sqlite.ts';
import { anAlert, anIncident, at } from '../samples.ts';
import { storeOfFourthSchema } from './fourth-schema.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  file = join(folder, 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const incidents = [
  anIncident('INC-1', {
    revision: 7,
    alerts: Array.from({ length: 100 }, (_, i) => anAlert({ fingerprint: `f${i}`, title: `«ü» "${i}"`, labels: { n: `${i}`, e: '' } })),
  }),
  anIncident('INC-2', { alerts: [], openedAt: at + 1 }),
  anIncident('INC-3', {
    alerts: [anAlert({ expiresAt: at + 0.5, links: [{ title: 'a', url: 'https://b.test/?c=%20' }] })],
    openedAt: at + 2,
  }),
];
const keys = ['alertmanager:f1:firing:1764072000000', 'event:f2:firing:00ff@29401200', 'plain', 'ends:', '@begins', 'inbox:Ev1', ''];

it('takes alerts out of the documents and loses no delivery', async () => {
  storeOfFourthSchema(
    file,
    incidents,
    keys.map((key, i) => [key, at + i]),
  );
  const ledger = createSqliteLedger({ file, now: () => at });
  expect((await ledger.incidents({ limit: 9 })).incidents.toReversed()).toEqual(incidents);
  expect([...(await ledger.seen([...keys, 'other'])).keys()]).toEqual(keys);
  expect(await ledger.commit({ seen: [{ key: keys[1] ?? '', at, incidentId: null }] })).toBe('conflict');
  const joined = { ...incidents[1]!, alerts: [anAlert()], revision: 2 };
  expect(await ledger.commit({ incidents: [joined] })).toBe('committed');
  await ledger.close();
  const reader = openSqliteLedgerReadOnly(file);
  expect(await reader.incident('INC-2')).toEqual(joined);
  expect(await reader.incident('INC-1')).toEqual(incidents[0]);
  await reader.close();
});

it('leaves nothing of the documents behind that is kept in rows', () => {
  storeOfFourthSchema(file, incidents, []);
  void createSqliteLedger({ file, now: () => at }).close();
  const db = new DatabaseSync(file, { readOnly: true });
  expect(db.prepare(`SELECT count(*) AS n FROM incidents WHERE doc ->> '$.alerts' IS NOT NULL`).get()).toEqual({ n: 0 });
  expect(db.prepare('SELECT count(*) AS n FROM alerts').get()).toEqual({ n: 101 });
  db.close();
});
