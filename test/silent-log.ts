/** A log that nobody reads. */
import type { Log } from '../src/adapter.ts';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
