/** Bodies that are packed while the next ones come in: the same to whoever reads them, before, while and after. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PackedBody, unpack } from '../../../src/adapters/telemetry/packed-body.ts';
import { fileSegments } from '../../../src/adapters/telemetry/segment-file.ts';
import { memorySegments } from '../../../src/adapters/telemetry/segments.ts';
import { patience } from '../../support/patience.ts';

const large = new TextEncoder().encode('{"resourceSpans":[]} '.repeat(5_000));
const received = { signal: 'traces', format: 'protobuf', body: large } as const;
const isLarge = (body: Uint8Array) => Buffer.compare(body, large) === 0;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a body that is being packed', () => {
  it('reads the same before and after, and says by how much it has shrunk', async () => {
    let fewer = 0;
    const body = new PackedBody(large, (bytes) => {
      fewer += bytes;
    });
    expect([body.bytes, isLarge(body.body())]).toEqual([large.length, true]);
    await vi.waitFor(() => expect(body.bytes).toBeLessThan(large.length / 10), patience);
    expect(fewer).toBe(large.length - body.bytes);
    expect(isLarge(body.body())).toBe(true);
  });

  it('is packed at once where that is asked for, and counted once', async () => {
    let told = 0;
    const body = new PackedBody(large, () => told++);
    expect(isLarge(unpack(body.packed()))).toBe(true);
    const { bytes } = body;
    // The pool is done with this one after it is done with the first.
    const next = new PackedBody(large, () => {});
    await vi.waitFor(() => expect(next.bytes).toBeLessThan(large.length), patience);
    expect([body.bytes, told]).toEqual([bytes, 1]);
  });

  it('is packed at once where too much waits already', () => {
    const bodies = Array.from({ length: 200 }, () => new PackedBody(large, () => {}));
    expect(bodies.reduce((sum, body) => sum + body.bytes, 0)).toBeLessThan(9 * 2 ** 20);
  });

  it.each(['in memory', 'on disk'])('leaves the count of bytes right where it is let go before that, %s', async (where) => {
    const segments = where === 'in memory' ? memorySegments() : fileSegments(join(folder, 'kept.sqlite'));
    const first = segments.add(received, 1);
    segments.add(received, 2);
    segments.dropBefore(2);
    expect(segments.read(first)).toBeNull();
    await vi.waitFor(() => expect(segments.bytes).toBeLessThan(large.length / 10), patience);
    segments.flush();
    expect(segments.bytes).toBeGreaterThan(0);
    segments.dropBefore(3);
    expect(segments.bytes).toBe(0);
    segments.close();
  });

  it('is on disk with its encoding after a flush that came first', () => {
    const file = join(folder, 'flushed.sqlite');
    const segments = fileSegments(file);
    const id = segments.add(received, 1);
    segments.close();
    const again = fileSegments(file);
    expect(again.read(id)?.format).toBe('protobuf');
    expect(isLarge(again.read(id)?.body ?? large.slice(1))).toBe(true);
    expect([...again.all()].map(({ body: _, ...rest }) => rest)).toEqual([{ id, signal: 'traces', format: 'protobuf', newestMs: 1 }]);
    again.close();
  });
});
