/**
 * Whose turn it is. Each channel sends one message at a time, no faster than the sink's pace, and waits for no other channel;
 * pictures have a line of their own, one at a time for each sink, since drawing them takes longer than a card may wait.
 *
 *   #debug     edit ─────────▶ new card ▶ edit ▶          a new card goes before all edits that wait, and where edits are
 *                                                         counted apart they have a line of their own
 *   #ops       new card ▶                                 and waits for no other channel
 *   pictures   drawing ──────────────▶ drawing ──────▶    nor for what is being drawn
 */
import type { Ledger, Outgoing, Sink } from '../ports.ts';
import type { Pace } from '../ports/replicas.ts';
import type { Turnstile } from './turnstile.ts';

export const sendWithinMs = 12_000;
/** A replica that died while it was sending is followed by another within this. */
const leaseMs = 14_000;
const batch = 20;
/** What is new looks this often whether its channel is free: another replica holds it for as long as it might take, mostly far too long. */
const newWaitMs = 1_000;
/** Of an entry that edits what stands; what is new has less. */
const edit = 2;

export interface RoundsOptions {
  readonly ledger: Ledger;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly now: () => number;
  readonly pace: Pace;
  /** Answers how long the channel must rest beyond its pace. */
  readonly send: (entry: Outgoing, sink: Sink, place: string) => Promise<number>;
  /** Whether a card is there already, so that it is edited. */
  readonly stands: (entry: Outgoing) => Promise<boolean>;
  /** Whether alerts wait: pictures, whose drawing keeps the event loop, then wait as well. */
  readonly isPressed?: () => boolean;
  /** New cards are called out before arithmetic goes on. */
  readonly turnstile?: Pick<Turnstile, 'ahead'>;
  /** A channel has come to rest: what waits for it may be sent. */
  readonly freed?: (sink: string) => void;
}

export interface Rounds {
  /** Sends everything that is due and whose channel is free, to one sink or to all; true when something was sent or given up. */
  runDue(sink?: string): Promise<boolean>;
  /** The same without waiting for channels that take their time. What broke since the last time is thrown. */
  begin(sink: string): Promise<false>;
  isBusy(sink: string): boolean;
  /** Resolves once nothing is being sent. */
  idle(): Promise<void>;
}

interface Lane {
  readonly sink: string;
  /** What waits for this channel need not be claimed. */
  readonly channel: string | null;
  readonly ended: Promise<boolean>;
}

export function createRounds(options: RoundsOptions): Rounds {
  const { ledger, sinks, now, freed = () => {}, isPressed = () => false } = options;
  const lanes = new Map<string, Lane>();
  const broken = new Map<string, unknown>();

  /** After what is under way there. */
  function enter(sink: string, place: string, channel: string | null, act: () => Promise<boolean>): Promise<boolean> {
    const before = lanes.get(place)?.ended ?? Promise.resolve(false);
    const ended = before.then(act, act);
    const lane = { sink, channel, ended };
    lanes.set(place, lane);
    const leave = () => {
      if (lanes.get(place) === lane) lanes.delete(place);
      freed(sink);
    };
    ended.then(leave, leave);
    return ended;
  }

  async function launch(id: string, sink: Sink): Promise<Promise<boolean>[]> {
    const claimedAt = now();
    const busy = [...lanes.values()].flatMap(({ sink: of, channel }) => (of === id && channel !== null ? [channel] : []));
    const due = await ledger.claimOutbox(id, claimedAt, leaseMs, batch, { line: 'messages', busy });
    const sorted = [...due].sort((a, b) => a.priority - b.priority || a.dueAt - b.dueAt || inOrder(a.id, b.id));
    const isApart = await Promise.all(sorted.map((entry) => isEditApart(sink, entry, options)));
    const apart = new Set(sorted.filter((_, i) => isApart[i]));
    const placeOf = (entry: Outgoing) => `${id}:${entry.channel}${apart.has(entry) ? ' edits' : ''}`;
    const begun = [...Map.groupBy(sorted, placeOf)].map(([place, entries]) => {
      const channel = apart.has(entries[0]!) ? null : entries[0]!.channel;
      return enter(id, place, channel, () => serve(place, sink, entries, claimedAt, options));
    });
    const drawing = `pictures ${id}`;
    if (lanes.has(drawing) || isPressed()) return begun;
    const pictures = await ledger.claimOutbox(id, claimedAt, leaseMs, 1, { line: 'pictures', busy: [] });
    return [...begun, ...pictures.map((entry) => enter(id, drawing, null, () => show(`${id}:${entry.channel}`, sink, entry, options)))];
  }

  return {
    async runDue(only) {
      const wanted = [...sinks].filter(([id]) => only === undefined || id === only);
      const served = wanted.map(async ([id, sink]) => Promise.all(await launch(id, sink)));
      return (await Promise.all(served)).flat().includes(true);
    },
    async begin(id) {
      const failure = broken.get(id);
      if (broken.delete(id)) throw failure;
      const sink = sinks.get(id);
      const begun = sink === undefined ? [] : await launch(id, sink);
      for (const ended of begun) ended.catch((error: unknown) => broken.set(id, error));
      return false;
    },
    isBusy: (id) => [...lanes.values()].some(({ sink }) => sink === id),
    async idle() {
      await Promise.allSettled([...lanes.values()].map(({ ended }) => ended));
    },
  };
}

/** A card that changes and does not stand yet is posted, and goes with what is new. */
async function isEditApart({ countsEditsApart }: Sink, entry: Outgoing, { stands }: RoundsOptions): Promise<boolean> {
  return countsEditsApart === true && entry.priority >= edit && entry.content.kind === 'card' && (await stands(entry));
}

/**
 * One channel's entries, best first: one is sent, the others wait for the pace and are as untried as before. So do those whose
 * claim would not outlast their sending. Edits that are counted apart are a place of their own.
 */
async function serve(place: string, sink: Sink, entries: readonly Outgoing[], claimedAt: number, options: RoundsOptions): Promise<boolean> {
  const { ledger, now, pace } = options;
  let hasSent = false;
  for (const [i, entry] of entries.entries()) {
    const isLate = now() > claimedAt + leaseMs - sendWithinMs;
    const free = isLate ? now() : await pace.take(place, now(), sendWithinMs);
    if (free > 0) {
      // At once: stored one by one they would keep the channel longer than the message did.
      await Promise.all(entries.slice(i).map((one) => ledger.postpone(one, waitUntil(one, free, now()), 'untried')));
      break;
    }
    const wait = await called(entry, sink, place, options);
    await pace.rest(place, now(), now() + Math.max(sink.paceMs, wait));
    hasSent = true;
  }
  return hasSent;
}

/** Arithmetic waits for a new card's call to go out, not for how long the far side takes to answer. */
async function called(entry: Outgoing, sink: Sink, place: string, { send, turnstile }: RoundsOptions): Promise<number> {
  const letGo = entry.priority < edit ? turnstile?.ahead() : undefined;
  try {
    return await send(entry, sink, place);
  } finally {
    letGo?.();
  }
}

/** Pictures take their place in the channel's pace before they are drawn, and do not hold it meanwhile. */
async function show(place: string, sink: Sink, entry: Outgoing, { ledger, now, pace, send }: RoundsOptions): Promise<boolean> {
  const free = sink.illustrate === undefined ? 0 : await pace.take(place, now(), Math.max(1, sink.paceMs));
  if (free > 0) {
    await ledger.postpone(entry, free, 'untried');
    return false;
  }
  // What comes too soon as a picture is counted apart from messages: the channel goes on.
  await send(entry, sink, place);
  return true;
}

/** Those that waited for the same pace are due at the same time: the earlier incident, whose number is shorter or smaller, goes first. */
function inOrder(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

function waitUntil({ priority }: Outgoing, free: number, now: number): number {
  return priority < edit ? Math.min(free, now + newWaitMs) : free;
}
