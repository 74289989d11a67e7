/** A disk that takes nothing: intake goes on, what came waits, and it is said. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { fileSegments } from '../../../src/adapters/telemetry/segment-file.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { logs, minute, start, traceId, traces } from './bodies.ts';

let file = '';
let folder = '';
let other: DatabaseSync;
let now = start;

const open = (maxBytes = 2 ** 28) => createTelemetry({ file, now: () => now, windowMinutes: 60, maxBytes });
/** Like a full disk, SQLite rolls the whole transaction back by itself. */
const refuse = (change: 'INSERT' | 'DELETE') =>
  other.exec(`CREATE TRIGGER refuse_${change} BEFORE ${change} ON segment BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END`);
const allow = (change: 'INSERT' | 'DELETE') => other.exec(`DROP TRIGGER refuse_${change}`);
const body = (n: number) => Uint8Array.from({ length: 100 }, (_, i) => (i * i * 31 + n * 97) % 251);
const stored = () => other.prepare('SELECT COUNT(*) AS count FROM segment').get()?.['count'];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'segment-file-'));
  file = join(folder, 'telemetry.sqlite');
  now = start + minute;
});
afterEach(() => {
  other.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

describe('the file', () => {
  it('is its owner’s alone, also where it was not', () => {
    writeFileSync(file, '', { mode: 0o644 });
    const telemetry = open();
    other = new DatabaseSync(file);
    const files = readdirSync(folder)
      .sort()
      .map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
    expect(files).toEqual(['', '-shm', '-wal'].map((end) => [`telemetry.sqlite${end}`, 0o600]));
    return telemetry.close();
  });
});

describe('a disk that is full', () => {
  it('stops no intake: what came waits, is said, and is written once there is room', async () => {
    const telemetry = open();
    other = new DatabaseSync(file);
    refuse('INSERT');
    await telemetry.ingest('traces', traces({ shop: [{ trace: 1, attributes: { n: 1 } }] }), 'json');
    vi.advanceTimersByTime(125);
    expect(telemetry.stats().problem).toMatch(/disk is full.*waiting: 1/);
    await telemetry.ingest('traces', traces({ shop: [{ trace: 2 }] }), 'json');
    expect(await telemetry.trace(traceId(1))).toMatchObject([{ attributes: { n: 1 } }]);
    vi.advanceTimersByTime(5_000);
    expect(telemetry.stats().problem).toMatch(/waiting: 2/);
    await telemetry.advance(now, []);
    expect(telemetry.stats().problem).toMatch(/waiting: 2/);
    expect(stored()).toBe(0);
    allow('INSERT');
    vi.advanceTimersByTime(5_000);
    expect(telemetry.stats().problem).toBeNull();
    expect(stored()).toBe(2);
    await telemetry.close();
  });

  it('is a Failure to who asks for a flush, and at the end, which it does not prevent', async () => {
    const telemetry = open();
    other = new DatabaseSync(file);
    refuse('INSERT');
    await telemetry.ingest('traces', traces({ shop: [{}] }), 'json');
    await expect(telemetry.flush()).rejects.toThrow(Failure);
    await expect(telemetry.close()).rejects.toMatchObject({ code: 'unavailable', system: 'telemetry' });
    expect(vi.getTimerCount()).toBe(0);
    allow('INSERT');
    const again = open();
    expect(again.stats().spans).toBe(0);
    await again.close();
  });

  it('holds back no expiry, and what has expired no longer counts', async () => {
    const telemetry = open();
    other = new DatabaseSync(file);
    const { bytes } = telemetry.stats();
    await telemetry.ingest('logs', logs({ shop: [{ text: 'old' }] }), 'json');
    await telemetry.flush();
    refuse('DELETE');
    now = start + 65 * minute;
    await telemetry.advance(now, []);
    expect(telemetry.stats()).toMatchObject({ logs: 0, bytes });
    expect(telemetry.stats().problem).toMatch(/disk is full/);
    allow('DELETE');
    await telemetry.flush();
    await telemetry.advance(now, []);
    expect(stored()).toBe(0);
    expect(telemetry.stats().problem).toBeNull();
    await telemetry.close();
  });

  it('has so much wait and no more, the newest', () => {
    const segments = fileSegments(file, { maxWaitingBytes: 300 });
    other = new DatabaseSync(file);
    refuse('INSERT');
    for (let n = 1; n <= 6; n++) segments.add({ signal: 'logs', format: 'json', body: body(n) }, start);
    expect(segments.bytes).toBeLessThanOrEqual(300);
    expect(segments.read(1)).toBeNull();
    expect([...(segments.read(6)?.body ?? [])]).toEqual([...body(6)]);
    vi.advanceTimersByTime(5_000);
    expect(segments.problem).toMatch(/waiting: [1-3], given up: [3-5]$/);
    allow('INSERT');
    segments.close();
    expect(stored()).toBeGreaterThan(0);
  });

  it('is no reason to give up what the disk would take', () => {
    const segments = fileSegments(file, { maxWaitingBytes: 300 });
    other = new DatabaseSync(file);
    for (let n = 1; n <= 6; n++) segments.add({ signal: 'logs', format: 'json', body: body(n) }, start);
    segments.flush();
    expect(stored()).toBe(6);
    expect(segments.problem).toBeNull();
    segments.close();
  });
});
