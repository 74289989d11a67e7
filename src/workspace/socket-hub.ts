/**
 * Socket Mode, without the wire: who is connected, which socket gets which envelope, what happens when nobody answers.
 * Rules as Slack's documentation and measurements give them (Socket Mode guide; SDK issues on one-envelope-one-socket):
 *
 *   ticket  → one socket, once, within 30 s            envelope → exactly one socket, in turn
 *   11th socket → disconnect too_many_websockets       no ack in 3 s → events are sent again, same event_id
 *
 * What a socket gets between refresh_requested and its end is not published. The guide says an envelope goes to one of the open
 * connections: so here to one that stays, and only where all of them leave at once to one that leaves. An app that hangs up
 * on refresh_requested, or does not answer there any more, loses what is pressed meanwhile: acts of people are sent once.
 *
 * Transports (a frame server, a test) hand in `Wire` and pass on what arrives.
 */
import type { Clock } from './clock.ts';
import { isObject, type Json, type JsonObject, parseJson } from './json.ts';

export interface Wire {
  send(text: string): void;
  /** A closing handshake. */
  close(code: number, reason: string): void;
  /** The cable is cut: no handshake. */
  cut(): void;
}

export interface Socket {
  readonly id: number;
  receive(text: string): void;
  closed(): void;
}

/** What became of an envelope: acknowledged with or without an answer, or nobody answered in time. */
export type Outcome =
  | { readonly acked: true; readonly answer: Json | undefined }
  | { readonly acked: false; readonly reason: 'timeout' | 'no_connection' };

export interface EnvelopeDraft {
  readonly type: 'events_api' | 'slash_commands' | 'interactive';
  readonly accepts: boolean;
  readonly payload: JsonObject;
}

interface Connection {
  readonly id: number;
  readonly wire: Wire;
  /** Told to go: it may still acknowledge, and gets something new only where no other socket stays. */
  isLeaving: boolean;
}

interface Waiting {
  readonly connection: Connection;
  settle(outcome: Outcome): void;
}

const ackWithinMs = 3_000;
const ticketLivesMs = 30_000;
const maxConnections = 10;
// Slack documents this schedule for HTTP only (at once, after a minute, after five); the socket one is not published.
const retryAfterMs = [0, 60_000, 300_000];
const leavingWithinMs = 10_000;
const warningAheadMs = 10_000;

export class SocketHub {
  readonly #clock: Clock;
  readonly #appId: string;
  readonly #randomId: () => string;
  readonly #onCount: (connections: number) => void;
  readonly #tickets = new Map<string, number>();
  readonly #connections = new Map<number, Connection>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #wakers = new Set<() => void>();
  #lastId = 0;
  #turn = 0;
  #isHeld = false;

  constructor(clock: Clock, appId: string, randomId: () => string, onCount: (connections: number) => void) {
    this.#clock = clock;
    this.#appId = appId;
    this.#randomId = randomId;
    this.#onCount = onCount;
  }

  /** A person's act: sent once, the person waits for the outcome. */
  ask(draft: EnvelopeDraft): Promise<Outcome> {
    return this.#attempt(draft, {});
  }

  /** An event: sent until acknowledged, three more times at most. Resolves with the last outcome. */
  async tell(payload: JsonObject): Promise<Outcome> {
    const draft: EnvelopeDraft = { type: 'events_api', accepts: false, payload };
    let outcome = await this.#attempt(draft, { retry_attempt: 0, retry_reason: '' });
    for (const [index, delayMs] of retryAfterMs.entries()) {
      if (outcome.acked) return outcome;
      if (delayMs > 0) await this.#pause(delayMs, outcome.reason === 'no_connection');
      const reason = outcome.reason === 'timeout' ? 'timeout' : 'connection_failed';
      outcome = await this.#attempt(draft, { retry_attempt: index + 1, retry_reason: reason });
    }
    return outcome;
  }

  ticket(): string {
    for (const [known, expiresAt] of this.#tickets) if (expiresAt <= this.#clock.now()) this.#tickets.delete(known);
    const ticket = this.#randomId();
    this.#tickets.set(ticket, this.#clock.now() + ticketLivesMs);
    return ticket;
  }

  /** Spends the ticket; false where it was never given out, already used or too old. */
  admits(ticket: string): boolean {
    const expiresAt = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return expiresAt !== undefined && expiresAt > this.#clock.now();
  }

  connect(wire: Wire): Socket {
    const connection: Connection = { id: ++this.#lastId, wire, isLeaving: false };
    const socket: Socket = { id: connection.id, receive: (text) => this.#receive(text), closed: () => this.#drop(connection) };
    if (this.#connections.size >= maxConnections) {
      say(connection, farewell('too_many_websockets'));
      wire.close(1000, 'too_many_websockets');
      return socket;
    }
    this.#connections.set(connection.id, connection);
    this.#onCount(this.#connections.size);
    const debug = { host: 'workspace', build_number: 1, approximate_connection_time: 18_060 };
    say(connection, {
      type: 'hello',
      num_connections: this.#connections.size,
      debug_info: debug,
      connection_info: { app_id: this.#appId },
    });
    for (const wake of this.#wakers) wake();
    return socket;
  }

  connections(): readonly number[] {
    return [...this.#connections.keys()];
  }

  /** Slack asks a socket to come back on a new URL; `warning` changes nothing yet and is followed by that ten seconds later. */
  refresh(id: number, reason: 'warning' | 'refresh_requested' | 'link_disabled'): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    say(connection, farewell(reason));
    if (reason === 'warning') return void this.#clock.after(warningAheadMs, () => this.refresh(id, 'refresh_requested'));
    connection.isLeaving = true;
    this.#clock.after(leavingWithinMs, () => this.#connections.has(id) && connection.wire.close(1000, reason));
  }

  /** The network goes: no goodbye. */
  cut(id: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.wire.cut();
    this.#drop(connection);
  }

  /** While held, nothing that arrives is read: acknowledgements come too late. */
  hold(held: boolean): void {
    this.#isHeld = held;
  }

  #drop(connection: Connection): void {
    if (!this.#connections.delete(connection.id)) return;
    this.#onCount(this.#connections.size);
    // An event nobody acknowledged before its socket went is sent again at once, on another socket.
    for (const [envelopeId, pending] of this.#waiting) {
      if (pending.connection !== connection) continue;
      this.#waiting.delete(envelopeId);
      pending.settle({ acked: false, reason: 'no_connection' });
    }
  }

  #receive(text: string): void {
    const message = parseJson(text);
    if (this.#isHeld || !isObject(message) || typeof message['envelope_id'] !== 'string') return;
    const pending = this.#waiting.get(message['envelope_id']);
    this.#waiting.delete(message['envelope_id']);
    pending?.settle({ acked: true, answer: message['payload'] });
  }

  /** Until the time is up, or, where there was no socket at all, until there is one again. */
  #pause(delayMs: number, untilConnected: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#wakers.delete(done);
        resolve();
      };
      const cancel = this.#clock.after(delayMs, done);
      if (untilConnected) this.#wakers.add(done);
    });
  }

  /** One attempt, on the next socket in turn. */
  #attempt(draft: EnvelopeDraft, retry: JsonObject): Promise<Outcome> {
    const open = [...this.#connections.values()];
    const staying = open.filter((connection) => !connection.isLeaving);
    const candidates = staying.length > 0 ? staying : open;
    const connection = candidates[this.#turn++ % Math.max(1, candidates.length)];
    if (connection === undefined) return Promise.resolve({ acked: false, reason: 'no_connection' });
    return new Promise((resolve) => {
      const envelopeId = this.#randomId();
      const cancel = this.#clock.after(ackWithinMs, () => {
        this.#waiting.delete(envelopeId);
        resolve({ acked: false, reason: 'timeout' });
      });
      const settle = (outcome: Outcome): void => {
        cancel();
        resolve(outcome);
      };
      this.#waiting.set(envelopeId, { connection, settle });
      say(connection, {
        envelope_id: envelopeId,
        type: draft.type,
        accepts_response_payload: draft.accepts,
        ...retry,
        payload: draft.payload,
      });
    });
  }
}

function say(connection: Connection, message: JsonObject): void {
  connection.wire.send(JSON.stringify(message));
}

function farewell(reason: string): JsonObject {
  return { type: 'disconnect', reason, debug_info: { host: 'workspace' } };
}
