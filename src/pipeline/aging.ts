/** Lets telemetry age every few seconds: the baseline learns, the stream is looked at, what is long over is let go. */
import type { Ledger, Telemetry } from '../ports.ts';
import { endMutes } from './acts.ts';
import { closeQuiet } from './close-quiet.ts';
import { type Turnstile, urgencies } from './turnstile.ts';
import type { StreamWatcher } from './watch-stream.ts';

export interface AgingOptions {
  readonly ledger: Ledger;
  readonly telemetry: Pick<Telemetry, 'advance'>;
  readonly now: () => number;
  readonly turnstile: Turnstile;
  /** Whether this replica does what one alone has to do. */
  readonly isOurs: () => boolean;
  /** Looks for trouble in the stream itself; null where that opens no incidents. */
  readonly watcher: StreamWatcher | null;
  readonly forget: () => Promise<void>;
  /** Looks around in what is connected; not waited for. */
  readonly refresh: () => void;
  readonly poke: () => void;
}

export interface Aging {
  age(): Promise<void>;
  /** When it is time again. */
  nextAt(): number;
}

const periodMs = 10_000;
const maxExcluded = 200;
/** Minutes before its alert that an incident may already have spoiled. */
const onsetMarginMs = 300_000;
/** As long as an incident takes further alerts (`groupAlerts`). */
const quietMs = 900_000;

export function createAging(options: AgingOptions): Aging {
  const { ledger, telemetry, now, turnstile, isOurs, watcher, forget, refresh, poke } = options;
  let lastAt = now();

  /** Learning and ranking stand on the same counts: one at a time. */
  async function advance(): Promise<void> {
    const { incidents } = await ledger.incidents({ limit: maxExcluded });
    // Most senders never say that it is over: what no alert has spoken of for a while is normal again, or normal now.
    const spoiled = incidents.map((i) => ({
      fromMs: i.alertAt - onsetMarginMs,
      toMs: i.resolvedAt ?? Math.min(now(), i.lastAlertAt + quietMs),
    }));
    const turn = turnstile.turn(urgencies.first);
    try {
      await turn.begin();
      await telemetry.advance(now(), spoiled, turn.breathe);
    } finally {
      turn.end();
    }
  }

  return {
    async age() {
      lastAt = now();
      await advance();
      refresh();
      if (!isOurs()) return;
      await watcher?.look();
      if (await closeQuiet(ledger, now())) poke();
      if (await endMutes({ ledger, now })) poke();
      await forget();
    },
    // A clock that was put back must not keep it from being time.
    nextAt: () => (now() < lastAt ? now() : lastAt + periodMs),
  };
}
