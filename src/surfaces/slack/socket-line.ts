/**
 * One Socket Mode connection that is to be there. Slack ends each after some hours, and says so some seconds ahead: a new one
 * is opened then, and the old one goes when the new one stands. The SDK alone would close first and open five seconds later.
 * Where a connection breaks without a word, the receiver is replaced by a new one.
 */
import type { App as Bolt, SocketModeReceiver } from '@slack/bolt';
import type { Tools } from '../../adapter.ts';
import type { Failure } from '../../domain/failure.ts';
import { onFarewell } from './farewell.ts';
import { refusedToken, startFailure } from './start-failure.ts';

const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
/** A connection that ended sooner than this was not refreshed but refused; the SDK's own slow way is right for that. */
const settledMs = 10_000;
/** Slack closes ten seconds after its warning; by then the SDK must have had its turn. */
const reliefWithinMs = 8_000;
/** Slack waits as long for an acknowledgement, which must leave by the connection that the act came in by. */
const acknowledgeMs = 3_000;

export interface LineOptions {
  /** `refused` is to be called with Slack's word when it takes the token no more. */
  readonly makeReceiver: (refused: (word: string) => void) => SocketModeReceiver;
  readonly tools: Tools;
  /** It stood for a while and has ended. */
  readonly onLost: (line: SocketLine) => void;
  /** It will not be tried again. */
  readonly onRefused: (failure: Failure) => void;
}

export class SocketLine {
  readonly #options: LineOptions;
  #receiver: SocketModeReceiver;
  /** Opens while the current one still stands. */
  #relief: SocketModeReceiver | null = null;
  /** Relieved, and open for what they have yet to acknowledge. */
  readonly #leaving = new Map<SocketModeReceiver, NodeJS.Timeout>();
  #bolt: Bolt | null = null;
  #upSince: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#receiver = this.#made();
  }

  get receiver(): SocketModeReceiver {
    return this.#receiver;
  }

  get isUp(): boolean {
    return this.#upSince !== null;
  }

  /** Waiting for its next try. */
  get isWaiting(): boolean {
    return this.#timer !== null;
  }

  /** One try. */
  async open(bolt: Bolt): Promise<void> {
    this.#isStopped = false;
    this.#bolt = bolt;
    this.#receiver.init(bolt);
    await this.#receiver.start();
  }

  /** Tries until it stands or is refused for good; `opening` is the try under way. */
  keepOpening(opening: Promise<void>, waitMs = firstWaitMs): void {
    const opened = this.#receiver;
    opening.catch((error: unknown) => {
      // One that was replaced meanwhile has no say.
      if (this.#isStopped || this.#receiver !== opened) return;
      const failure = startFailure(error, 'SLACK_APP_TOKEN');
      if (!failure.isRetryable) return this.#options.onRefused(failure);
      this.#options.tools.log.warn('no connection to Slack yet', { failure: failure.message, waitMs });
      this.#timer = setTimeout(() => this.replace(Math.min(longestWaitMs, waitMs * 2)), waitMs);
      this.#timer.unref();
    });
  }

  /** A new receiver, tried at once; `waitMs` is how long to wait should that fail. */
  replace(waitMs = firstWaitMs): void {
    this.#timer = null;
    if (this.#isStopped || this.#bolt === null) return;
    this.#upSince = null;
    this.#dropRelief();
    quit(this.#receiver);
    this.#receiver = this.#made();
    this.keepOpening(this.open(this.#bolt), waitMs);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#upSince = null;
    this.#dropRelief();
    for (const [receiver, timer] of this.#leaving) {
      clearTimeout(timer);
      quit(receiver);
    }
    this.#leaving.clear();
    quit(this.#receiver);
  }

  #made(): SocketModeReceiver {
    const receiver = this.#options.makeReceiver((word) => this.#refused(receiver, word));
    const isCurrent = () => this.#receiver === receiver && !this.#isStopped;
    receiver.client.on('connected', () => {
      if (isCurrent()) this.#upSince = this.#options.tools.now();
      else if (this.#relief === receiver) this.#relieved(receiver);
      else quit(receiver); // replaced or stopped while it was connecting
    });
    receiver.client.on('close', () => {
      if (!isCurrent() || this.#upSince === null) return;
      const hasSettled = this.#hasSettled();
      this.#upSince = null;
      if (hasSettled && this.#relief === null) this.#options.onLost(this);
    });
    onFarewell(receiver.client, (proceed) => {
      if (isCurrent() && this.#hasSettled()) this.#relieve(proceed);
      else if (!this.#leaving.has(receiver)) proceed();
    });
    return receiver;
  }

  #hasSettled(): boolean {
    return this.#upSince !== null && this.#options.tools.now() - this.#upSince >= settledMs;
  }

  /** `proceed` is the SDK's own way, should a new connection not stand in time. */
  #relieve(proceed: () => void): void {
    // The warning was followed by the refresh itself.
    if (this.#relief !== null || this.#bolt === null) return;
    const relief = this.#made();
    this.#relief = relief;
    const giveUp = () => {
      clearTimeout(deadline);
      if (this.#relief !== relief) return;
      this.#dropRelief();
      proceed();
    };
    const deadline = setTimeout(giveUp, reliefWithinMs);
    deadline.unref();
    relief.init(this.#bolt);
    relief.start().then(() => clearTimeout(deadline), giveUp);
  }

  #relieved(relief: SocketModeReceiver): void {
    const leaving = this.#receiver;
    this.#receiver = relief;
    this.#relief = null;
    this.#upSince = this.#options.tools.now();
    const timer = setTimeout(() => {
      this.#leaving.delete(leaving);
      quit(leaving);
    }, acknowledgeMs);
    timer.unref();
    this.#leaving.set(leaving, timer);
  }

  #dropRelief(): void {
    if (this.#relief !== null) quit(this.#relief);
    this.#relief = null;
  }

  /** What still stands is left standing: it may live for hours. */
  #refused(receiver: SocketModeReceiver, word: string): void {
    if (this.#isStopped || (receiver !== this.#receiver && receiver !== this.#relief)) return;
    if (receiver === this.#receiver) this.stop();
    else this.#dropRelief();
    this.#options.onRefused(refusedToken(word, 'SLACK_APP_TOKEN'));
  }
}

/** Says goodbye and does not wait for an answer: the SDK's own wait can take half a minute. */
function quit(receiver: SocketModeReceiver): void {
  receiver.client.disconnect().catch(() => undefined);
}
