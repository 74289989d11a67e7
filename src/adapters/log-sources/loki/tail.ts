/**
 * Loki's live tail (PROTOCOLS C1), a WebSocket. It gives no history worth relying on and may drop lines, so `query_range`
 * fills every hole: once the tail is open, for what came before it; whenever a frame says that lines were dropped; and when
 * nothing has come for a while, since a connection may be dead without anybody saying so. What both bring counts once.
 */
import { Failure } from '../../../domain/failure.ts';
import type { LogEntry } from '../../../domain/log-entry.ts';
import { entriesOf } from '../../../domain/log-shape/lines.ts';
import { Remembered } from '../../../domain/remembered.ts';
import { jsonIn } from '../../http-json.ts';
import { type Found, linesIn, TailFrame } from './answers.ts';

export interface TailOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly fromMs: number;
  readonly now: () => number;
  /** Lines since then by `query_range`, oldest first. */
  readonly since: (fromMs: number, signal: AbortSignal) => Promise<Found[]>;
  readonly take: (lines: LogEntry[]) => Promise<void>;
  readonly signal: AbortSignal;
  readonly idleMs?: number;
}

const attempt = 'follow logs';
const openingMs = 10_000;
const questionMs = 10_000;
const idleAfterMs = 30_000;
/** Ingesters take lines out of order by about this much. */
const overlapMs = 5_000;
const maxSeen = 20_000;
/** Frames that wait while older lines are read; beyond this they are read again instead. */
const maxWaiting = 1_000;

type Mail = { readonly kind: 'open' | 'closed' | 'idle' | 'overflow' } | { readonly kind: 'frame'; readonly text: string };

export async function tailLoki(options: TailOptions): Promise<void> {
  const { now, since, take, signal } = options;
  const box = mailbox(options);
  const seen = new Remembered(maxSeen);
  let lastMs = options.fromMs;
  const deliver = async (lines: readonly Found[]): Promise<number> => {
    const fresh = lines.filter(({ key }) => seen.isNew(key));
    for (const { ns } of fresh) lastMs = Math.max(lastMs, Number(ns / 1_000_000n));
    if (fresh.length > 0)
      await take(
        entriesOf(
          fresh.map(({ line }) => line),
          now(),
        ),
      );
    return fresh.length;
  };
  const catchUp = async () => deliver(await since(lastMs - overlapMs, AbortSignal.any([signal, AbortSignal.timeout(questionMs)])));
  try {
    const opened = await box.next(openingMs);
    if (signal.aborted) return;
    if (opened.kind !== 'open') throw new Failure('unavailable', 'loki', attempt, { hint: 'the live tail cannot be opened' });
    // From where it was left: an empty batch says that the connection stands.
    lastMs = options.fromMs + overlapMs;
    if ((await catchUp()) === 0) await take([]);
    for (;;) {
      const mail = await box.next(options.idleMs ?? idleAfterMs);
      if (signal.aborted) return;
      if (mail.kind === 'closed') throw new Failure('unavailable', 'loki', attempt, { hint: 'the live tail was closed' });
      if (mail.kind === 'frame') {
        const { streams, dropped_entries: dropped } = jsonIn(mail.text, { system: 'loki', attempt }, TailFrame);
        await deliver(linesIn(streams ?? [], false, now()));
        if ((dropped?.length ?? 0) > 0) await catchUp();
      } else if ((await catchUp()) > 0 && mail.kind === 'idle')
        throw new Failure('unavailable', 'loki', attempt, { hint: 'the live tail has gone silent' });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    box.close();
  }
}

interface Mailbox {
  /** What comes next; `idle` when nothing does for this long. After the signal anything. */
  next(waitMs: number): Promise<Mail>;
  close(): void;
}

function mailbox({ url, headers, signal }: TailOptions): Mailbox {
  const waiting: Mail[] = [];
  let wake: (() => void) | null = null;
  const post = (mail: Mail): void => {
    if (waiting.length < maxWaiting) waiting.push(mail);
    else if (waiting.at(-1)?.kind !== 'overflow') waiting.push({ kind: 'overflow' });
    wake?.();
  };
  const socket = new WebSocket(url, { headers: { ...headers } });
  socket.addEventListener('open', () => post({ kind: 'open' }));
  socket.addEventListener('message', ({ data }) => post({ kind: 'frame', text: String(data) }));
  const isOver = { is: false };
  const over = () => {
    isOver.is = true;
    post({ kind: 'closed' });
  };
  socket.addEventListener('close', over);
  socket.addEventListener('error', over);
  const aborted = () => wake?.();
  signal.addEventListener('abort', aborted, { once: true });
  return {
    async next(waitMs) {
      if (waiting.length === 0 && !signal.aborted && !isOver.is) {
        let timer: ReturnType<typeof setTimeout> | undefined;
        await new Promise<void>((done) => {
          wake = done;
          timer = setTimeout(done, waitMs);
        });
        clearTimeout(timer);
        wake = null;
      }
      return waiting.shift() ?? { kind: isOver.is ? 'closed' : 'idle' };
    },
    close() {
      signal.removeEventListener('abort', aborted);
      socket.close();
    },
  };
}
