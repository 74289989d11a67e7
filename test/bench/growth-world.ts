/** What the growth bench is about: the system, its fault and its times, known to the sender and to the one that measures. */
import { lookbackMs } from '../../src/telemetry.ts';
import { busiestBelow, madeSystem } from './made-traffic.ts';

const minute = 60_000;

export const system = madeSystem('growth', 300);
export const faulty = busiestBelow(system);
export const times = {
  normalMinutes: 4,
  normalFrom: 1_790_000_000_000 - lookbackMs - 4 * minute,
  from: 1_790_000_000_000 - lookbackMs,
  faultFrom: 1_790_000_000_000 - 5 * minute,
  alertAt: 1_790_000_000_000,
} as const;

export interface Measured {
  readonly spans: number;
  readonly lines: number;
  readonly gatherMs: number;
  readonly rankMs: number;
  /** The most the process ever held: once all was taken in, and at the end. */
  readonly intakeMiB: number;
  readonly peakMiB: number;
}

/** A frame on the pipe: its kind, four bytes of length, a body. `learn`: the normal minutes are over. */
export const frameKinds = ['traces', 'logs', 'learn'] as const;
export type FrameKind = (typeof frameKinds)[number];
export const frameHead = 5;
