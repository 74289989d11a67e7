/** Looks at each minute of the stream once it has been delivered, and raises what it finds like any other alert. */
import type { Log } from '../adapter.ts';
import type { Alert } from '../domain/alert.ts';
import type { Window } from '../domain/evidence.ts';
import { type StreamFinding, StreamWatch } from '../domain/stream-watch.ts';
import type { TelemetryWindow } from '../domain/telemetry.ts';
import type { Telemetry } from '../ports.ts';
import { freely, type Turnstile, urgencies } from './turnstile.ts';

const minute = 60_000;
/** SDKs deliver up to 5 s late, agents batch on top. */
const deliveredMs = 15_000;
/** Findings kept while the store refuses; a service has at most six an hour. */
const maxUnraised = 500;

export interface StreamWatcher {
  /** Looks at the minutes that are complete by now. */
  look(): Promise<void>;
}

export interface StreamWatcherOptions {
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly log: Log;
  readonly raise: (alerts: readonly Alert[]) => Promise<unknown>;
  readonly turnstile?: Turnstile;
  /** Lines of these minutes may be missing, so nobody has fallen silent. */
  readonly isInterrupted?: () => boolean;
}

export function createStreamWatcher(options: StreamWatcherOptions): StreamWatcher {
  const { telemetry, now, log, raise, turnstile, isInterrupted = () => false } = options;
  const watch = new StreamWatch();
  let seenUntil = Math.floor(now() / minute) * minute;
  /** Found, and not known to be stored: raised again at the next look. What was stored after all is known by its receipt. */
  let unraised: readonly Alert[] = [];
  async function read(window: Window): Promise<TelemetryWindow> {
    const turn = turnstile?.turn(urgencies.laterRound) ?? freely;
    try {
      await turn.begin();
      return await telemetry.window(window, turn.breathe);
    } finally {
      turn.end();
    }
  }

  return {
    async look() {
      while (seenUntil + minute + deliveredMs <= now()) {
        const window = await read({ fromMs: seenUntil, toMs: seenUntil + minute });
        // A minute is learned once: neither a throw below nor the next look may come back to it.
        seenUntil += minute;
        const findings = watch.minute(window).filter(({ kind }) => kind !== 'silence' || !isInterrupted());
        if (findings.length === 0) continue;
        log.info('the stream shows trouble', { findings: findings.length });
        unraised = [...unraised, ...findings.map(alertFor)].slice(-maxUnraised);
      }
      if (unraised.length === 0) return;
      await raise(unraised);
      unraised = [];
    },
  };
}

const titles: Readonly<Record<StreamFinding['kind'], string>> = {
  'error-burst': 'Burst of errors',
  'new-error': 'An error never seen before',
  silence: 'Gone silent',
};

function alertFor({ kind, service, at, explanation }: StreamFinding): Alert {
  return {
    fingerprint: `stream-${kind}-${service}`,
    format: 'stream',
    status: 'firing',
    title: `${titles[kind]}: ${service}`,
    description: explanation,
    severity: 'warning',
    service,
    environment: null,
    correlationIds: [],
    labels: { trigger: kind },
    annotations: { summary: explanation },
    startsAt: at,
    endsAt: null,
    links: [],
    truncated: 0,
  };
}
