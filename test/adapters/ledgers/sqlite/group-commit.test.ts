import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWriter } from '../../../../src/adapters/ledgers/sqlite/group-commit.ts';

/** A real database whose transaction statements are noted as they run. */
function noted(db: DatabaseSync, ran: string[]): DatabaseSync {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'prepare')
        return (sql: string) => {
          const statement = target.prepare(sql);
          if (!/^(BEGIN|COMMIT)/.test(sql)) return statement;
          return {
            run() {
              ran.push(sql);
              return statement.run();
            },
          };
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('group commit', () => {
  let db: DatabaseSync;
  let ran: string[];
  const rows = () =>
    db
      .prepare('SELECT value FROM kept ORDER BY value')
      .all()
      .map((row) => row['value']);
  beforeEach(() => {
    db = new DatabaseSync(':memory:');
    db.exec('CREATE TABLE kept (value INTEGER PRIMARY KEY, doc TEXT)');
    ran = [];
  });
  afterEach(() => db.close());

  const keeping = (value: number) => () => {
    db.prepare('INSERT INTO kept VALUES (?, NULL)').run(value);
    return value;
  };

  it('puts what is asked for in one tick into one transaction and answers each', async () => {
    const writer = createWriter(noted(db, ran), () => {});
    expect(await Promise.all([1, 2, 3, 4, 5].map((value) => writer.write(keeping(value))))).toEqual([1, 2, 3, 4, 5]);
    expect(ran).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
    expect(rows()).toEqual([1, 2, 3, 4, 5]);
  });

  it('answers only after the transaction is committed', async () => {
    const writer = createWriter(noted(db, ran), () => {});
    const first = writer.write(keeping(1)).then(() => ran.at(-1));
    expect(await first).toBe('COMMIT');
  });

  it('splits a large group, in order', async () => {
    const writer = createWriter(noted(db, ran), () => {});
    const answers = Array.from({ length: 600 }, (_, value) => writer.write(keeping(value)));
    expect((await Promise.all(answers)).at(-1)).toBe(599);
    expect(ran.filter((sql) => sql === 'COMMIT')).toHaveLength(3);
  });

  it('undoes and rejects only the part that breaks', async () => {
    let undone = 0;
    const writer = createWriter(db, () => undone++);
    const outcomes = await Promise.allSettled([
      writer.write(keeping(1)),
      writer.write(() => {
        keeping(2)();
        throw new TypeError('a bug');
      }),
      writer.write(() => {
        keeping(3)();
        keeping(1)(); // breaks the primary key
      }),
      writer.write(keeping(4)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(TypeError) });
    expect(rows()).toEqual([1, 4]);
    expect(undone).toBe(2);
  });

  it('says that the disk is full, keeps nothing of that group, and goes on once there is room', async () => {
    let undone = 0;
    const writer = createWriter(db, () => undone++);
    db.exec('PRAGMA max_page_count = 8');
    const large = (value: number) => () => {
      db.prepare('INSERT INTO kept VALUES (?, ?)').run(value, 'x'.repeat(100_000));
      return value;
    };
    const outcomes = await Promise.allSettled([writer.write(keeping(1)), writer.write(large(2)), writer.write(keeping(3))]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable', isRetryable: true } });
    expect(String((outcomes[0] as PromiseRejectedResult).reason)).toContain('the disk is full');
    expect(rows()).toEqual([]);
    expect(undone).toBe(1);
    db.exec('PRAGMA max_page_count = 1000');
    expect(await writer.write(large(2))).toBe(2);
  });

  it('writes what waits when it ends, and refuses what comes later', async () => {
    const writer = createWriter(db, () => {});
    const waiting = writer.write(keeping(1));
    writer.end();
    expect(await waiting).toBe(1);
    await expect(writer.write(keeping(2))).rejects.toMatchObject({ code: 'unavailable' });
    expect(rows()).toEqual([1]);
  });
});
