import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { emptyEntry, type LogEntry } from '../../src/domain/log-entry.ts';
import { createLogFollower } from '../../src/pipeline/follow-logs.ts';
import { createIntake } from '../../src/pipeline/intake.ts';
import type { Ingested } from '../../src/ports.ts';
import type { LogSource } from '../../src/ports/sources.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { start } from '../support/app.ts';

const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const line = (text: string, at: number): LogEntry => ({ ...emptyEntry, timeMs: at, service: 'cart', text });

describe('following logs', () => {
  it('goes on where a connection was lost, and tells of what has come like of anything pushed', async () => {
    let at = start;
    const now = () => at;
    const telemetry = createTelemetry({ file: null, now, windowMinutes: 60, maxBytes: 2 ** 26 });
    const asked: number[] = [];
    const told: Ingested[] = [];
    let signalled: () => void = never;
    const secondTry = new Promise<void>((done) => {
      signalled = done;
    });
    const follow: LogSource['follow'] = async (fromMs, take, signal) => {
      asked.push(fromMs);
      if (asked.length === 1) {
        await take([line('one', at + 20_000)]);
        at += 40_000;
        await take([line('two', at)]);
        throw new Failure('unavailable', 'loki', 'follow logs');
      }
      await take([line('two', at), line('three', at)]);
      signalled();
      await new Promise((done) => signal.addEventListener('abort', done));
    };
    const search = async () => ({ lines: [], truncated: false });
    const follower = createLogFollower({
      logSources: new Map<string, LogSource>([
        ['loki', { search, follow }],
        ['splunk', { search }],
      ]),
      intake: createIntake(telemetry),
      now,
      log,
      arrived: async (ingested) => void told.push(ingested),
      firstWaitMs: 1,
    });
    follower.start();
    await secondTry;
    // A clock of theirs that runs ahead does not move on what is asked for; the last line does, less the overlap.
    expect(asked).toEqual([start, start + 30_000]);
    expect((await telemetry.logs({ window: { fromMs: 0, toMs: at + 1 }, limit: 9 })).map(({ text }) => text)).toEqual([
      'one',
      'two',
      'three',
    ]);
    expect(told.map(({ accepted }) => accepted)).toEqual([1, 1, 1]);
    expect([follower.problem(), follower.isInterrupted()]).toEqual([null, true]);
    at += 180_000;
    expect(follower.isInterrupted()).toBe(false);
    await follower.stop();
    await telemetry.close();
  });
});
