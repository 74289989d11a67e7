/**
 * Slack's SDK logs through ours: its sentence is a field, since it may quote what people wrote or where a socket leads.
 * Its debug lines hold whole requests and are dropped.
 */
import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../adapter.ts';

const maxWords = 500;

export function sdkLog(log: Log): Logger {
  const words = (parts: readonly unknown[]) => ({ words: parts.map(String).join(' ').slice(0, maxWords) });
  return {
    debug: () => undefined,
    info: (...parts: unknown[]) => log.debug('Slack SDK', words(parts)),
    warn: (...parts: unknown[]) => log.warn('Slack SDK warns', words(parts)),
    error: (...parts: unknown[]) => log.error('Slack SDK reports an error', words(parts)),
    setLevel: () => undefined,
    setName: () => undefined,
    getLevel: () => LogLevel.INFO,
  };
}
