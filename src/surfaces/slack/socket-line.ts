/**
 * One Socket Mode connection that is to be there. The SDK's receiver reconnects by itself, slowly (5 s after each refresh) and
 * not always (a failed reconnect is an uncaught rejection); where that is not enough the receiver is replaced by a new one.
 */
import type { App as Bolt, SocketModeReceiver } from '@slack/bolt';
import type { Tools } from '../../adapter.ts';
import { startFailure } from './start-failure.ts';

export const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
/** A connection that ended sooner than this was not refreshed but refused; the SDK's own slow way is right for that. */
const settledMs = 10_000;

export interface LineOptions {
  readonly makeReceiver: () => SocketModeReceiver;
  readonly tools: Tools;
  /** It stood for a while and has ended. */
  readonly onLost: (line: SocketLine) => void;
  /** It will not be tried again. */
  readonly onRefused: (reason: string) => void;
}

export class SocketLine {
  readonly #options: LineOptions;
  #receiver: SocketModeReceiver;
  #bolt: Bolt | null = null;
  #upSince: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#receiver = this.#watched(options.makeReceiver());
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
      if (!failure.isRetryable) return this.#options.onRefused(failure.message);
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
    quit(this.#receiver);
    this.#receiver = this.#watched(this.#options.makeReceiver());
    this.keepOpening(this.open(this.#bolt), waitMs);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#upSince = null;
    quit(this.#receiver);
  }

  #watched(receiver: SocketModeReceiver): SocketModeReceiver {
    const isCurrent = () => this.#receiver === receiver && !this.#isStopped;
    receiver.client.on('connected', () => {
      if (isCurrent()) this.#upSince = this.#options.tools.now();
      else quit(receiver); // replaced or stopped while it was connecting
    });
    receiver.client.on('close', () => {
      if (!isCurrent() || this.#upSince === null) return;
      const stoodMs = this.#options.tools.now() - this.#upSince;
      this.#upSince = null;
      if (stoodMs >= settledMs) this.#options.onLost(this);
    });
    return receiver;
  }
}

/** Says goodbye and does not wait for an answer: the SDK's own wait can take half a minute. */
function quit(receiver: SocketModeReceiver): void {
  receiver.client.disconnect().catch(() => undefined);
}
