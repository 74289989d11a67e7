import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareSoon } from '../../../src/adapters/sinks/prepare.ts';
import type { Sink } from '../../../src/ports.ts';

const warned: string[] = [];
const log = { debug() {}, info() {}, warn: (text: string) => void warned.push(text), error() {} };
const sink = (prepare?: () => Promise<void>): Sink => ({
  channels: [],
  paceMs: 0,
  deliver: async () => ({ messageId: '', url: null }),
  ...(prepare && { prepare }),
});

beforeEach(() => {
  warned.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

describe('preparing sinks', () => {
  it('waits until the start is over, asks each that can be asked, and one that fails keeps none from it', async () => {
    const prepared: string[] = [];
    const failing = sink(async () => {
      throw new Error('no such module');
    });
    prepareSoon([failing, sink(), sink(async () => void prepared.push('last'))], log);
    expect(prepared).toEqual([]);
    await vi.runAllTimersAsync();
    expect(prepared).toEqual(['last']);
    expect(warned).toEqual(['what a sink needs could not be loaded ahead']);
  });

  it('does nothing once it is called off', async () => {
    const prepare = vi.fn(async () => {});
    prepareSoon([sink(prepare)], log)();
    await vi.runAllTimersAsync();
    expect(prepare).not.toHaveBeenCalled();
  });
});
