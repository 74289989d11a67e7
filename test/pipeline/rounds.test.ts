/** Whose turn it is, under a clock that the test moves: what waits for what, told by the order of what is sent. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { ownPace } from '../../src/pipeline/alone.ts';
import { createRounds, type RoundsOptions } from '../../src/pipeline/rounds.ts';
import type { Ledger, Outgoing, Sink } from '../../src/ports.ts';
import { untilTrue } from '../support/patience.ts';

const start = Date.parse('2026-03-01T12:00:00Z');
let at = start;
let ledger: Ledger;
beforeEach(() => {
  at = start;
  ledger = createSqliteLedger({ file: ':memory:', now: () => at });
});
afterEach(() => ledger.close());

type Ask = Pick<Outgoing, 'id' | 'channel' | 'priority'>;
const edit = (id: string, channel = '#debug'): Ask => ({ id, channel, priority: 2 });
const card = (id: string, channel = '#debug'): Ask => ({ id, channel, priority: 0 });
const picture = (id: string, channel = '#debug'): Ask => ({ id, channel, priority: 3 });

function asked(...entries: Ask[]) {
  const content = { kind: 'card' } as const;
  return ledger.commit({ outbox: entries.map((entry) => ({ ...entry, sink: 'slack', incidentId: null, content, dueAt: at })) });
}

/** Each of `slow` takes until it is let go. */
function watched(slow: readonly string[] = [], over: Partial<RoundsOptions> = {}, ofSink: Partial<Sink> = {}) {
  const order: string[] = [];
  const waiting = new Map<string, () => void>();
  const sinks = new Map([['slack', { channels: [], paceMs: 1_000, illustrate: async () => {}, ...ofSink } as unknown as Sink]]);
  const rounds = createRounds({
    ledger,
    sinks,
    now: () => at,
    pace: ownPace(),
    async send(entry) {
      order.push(`${entry.id} begins`);
      if (slow.includes(entry.id)) await new Promise<void>((resolve) => waiting.set(entry.id, resolve));
      await ledger.commit({ outboxDone: [entry] });
      order.push(entry.id);
      return 0;
    },
    stands: async () => true,
    ...over,
  });
  const done = () => order.filter((what) => !what.endsWith('begins'));
  return { ...rounds, order, done, letGo: (id: string) => waiting.get(id)?.() };
}

describe('pictures', () => {
  it('wait while alerts do, and cards do not', async () => {
    let isPressed = true;
    const { begin, done, idle } = watched([], { isPressed: () => isPressed });
    await asked(picture('picture'), edit('edit', '#ops'));
    await begin('slack');
    await idle();
    expect(done()).toEqual(['edit']);
    isPressed = false;
    await begin('slack');
    await idle();
    expect(done()).toEqual(['edit', 'picture']);
  });
});

describe('a new card', () => {
  it('of one channel waits for no other channel', async () => {
    const { begin, order, done, letGo, idle } = watched(['edit']);
    await asked(edit('edit', '#debug'));
    await begin('slack');
    await untilTrue(() => order.includes('edit begins'));
    await asked(card('card', '#ops'));
    await begin('slack');
    await untilTrue(() => done().includes('card'));
    expect(done()).toEqual(['card']);
    letGo('edit');
    await idle();
    expect(done()).toEqual(['card', 'edit']);
  });

  it('waits for nothing that is being drawn, of its own channel either', async () => {
    const { begin, order, done, letGo, idle } = watched(['picture']);
    await asked(picture('picture'));
    await begin('slack');
    await untilTrue(() => order.includes('picture begins'));
    at += 1_000;
    await asked(card('card'));
    await begin('slack');
    await untilTrue(() => done().includes('card'));
    expect(done()).toEqual(['card']);
    letGo('picture');
    await idle();
  });

  it('is called out before arithmetic goes on, which waits for no edit', async () => {
    const said: string[] = [];
    const turnstile = {
      ahead() {
        said.push('ahead');
        return () => void said.push('called');
      },
    };
    const { begin, done, idle } = watched([], { turnstile });
    await asked(card('card', '#debug'));
    await begin('slack');
    await idle();
    expect(said).toEqual(['ahead', 'called']);
    await asked(edit('edit', '#ops'), picture('picture', '#random'));
    await begin('slack');
    await idle();
    expect(done()).toEqual(['card', 'edit', 'picture']);
    expect(said.length).toBe(2);
  });

  it('does not rest with pictures that came too soon', async () => {
    const sent: string[] = [];
    const { begin, idle } = watched([], {
      async send(entry) {
        sent.push(entry.id);
        await ledger.commit({ outboxDone: [entry] });
        return entry.id === 'picture' ? 60_000 : 0;
      },
    });
    await asked(picture('picture'));
    await begin('slack');
    await idle();
    at += 1_000;
    await asked(card('card'));
    await begin('slack');
    await idle();
    expect(sent).toEqual(['picture', 'card']);
  });

  it('goes before all edits and pictures that wait once its channel is free', async () => {
    const { begin, order, done, letGo, idle } = watched(['edit 1']);
    await asked(edit('edit 1'), ...Array.from({ length: 30 }, (_, i) => edit(`edit ${i + 2}`)), picture('picture'));
    await begin('slack');
    await untilTrue(() => order.includes('edit 1 begins'));
    await asked(card('card'));
    await begin('slack');
    expect(done()).toEqual([]);
    letGo('edit 1');
    await idle();
    at += 1_000;
    await begin('slack');
    await idle();
    expect(done().slice(0, 2)).toEqual(['edit 1', 'card']);
  });

  it('does not rest after an edit, nor an edit after it, where editing is counted apart; two of a kind do', async () => {
    const { begin, done, idle } = watched([], {}, { countsEditsApart: true });
    await asked(edit('edit 1'), edit('edit 2'));
    await begin('slack');
    await idle();
    await asked(card('card 1'), card('card 2'));
    await begin('slack');
    await idle();
    expect(done()).toEqual(['edit 1', 'card 1']);
    at += 1_000;
    await begin('slack');
    await idle();
    expect(done()).toEqual(['edit 1', 'card 1', 'card 2', 'edit 2']);
  });

  it('rests after an edit where everything is counted together', async () => {
    const { begin, done, idle } = watched();
    await asked(edit('edit'));
    await begin('slack');
    await idle();
    await asked(card('card'));
    await begin('slack');
    await idle();
    expect(done()).toEqual(['edit']);
  });

  it('waits for no edit that hangs, where editing is counted apart', async () => {
    const freed = vi.fn();
    const { begin, order, done, letGo, idle } = watched(['edit'], { freed }, { countsEditsApart: true });
    await asked(card('card 1'), card('card 2'), edit('edit'));
    await begin('slack');
    // Only then has card 2 been put off by the pace, under a clock that stood still meanwhile.
    await untilTrue(() => order.includes('edit begins') && freed.mock.calls.length === 1);
    expect(done()).toEqual(['card 1']);
    at += 1_000;
    await begin('slack');
    await untilTrue(() => done().includes('card 2'));
    expect(done()).toEqual(['card 1', 'card 2']);
    letGo('edit');
    await idle();
  });

  it('rests after a changed one that did not stand yet, since that is posted', async () => {
    const { begin, done, idle } = watched([], { stands: async ({ id }) => id !== 'changed' }, { countsEditsApart: true });
    await asked(edit('changed'), edit('edit'));
    await begin('slack');
    await idle();
    await asked(card('card'));
    await begin('slack');
    await idle();
    expect(done().sort()).toEqual(['changed', 'edit']);
  });

  it('of an earlier incident goes first among those that waited together', async () => {
    const { begin, done, idle } = watched();
    await asked(card('card:INC-8'), card('card:INC-9'), ...Array.from({ length: 12 }, (_, i) => card(`card:INC-${i + 10}`)));
    for (let i = 0; i < 3; i++) {
      await begin('slack');
      await idle();
      at += 1_000;
    }
    expect(done()).toEqual(['card:INC-8', 'card:INC-9', 'card:INC-10']);
  });

  it('looks again within a second at a channel that another replica holds for as long as it might take', async () => {
    const pace = { take: async () => at + 12_000, rest: async () => {} };
    const { begin, idle } = watched([], { pace });
    await asked(card('card'), edit('edit'));
    await begin('slack');
    await idle();
    const claim = async () => (await ledger.claimOutbox('slack', at, 1, 9)).map(({ id }) => id);
    at += 1_000;
    expect(await claim()).toEqual(['card']);
  });
});

describe('a round', () => {
  it('leaves what waits for a channel at work unclaimed, and is told when it is free', async () => {
    const freed: string[] = [];
    const { begin, order, letGo, idle, isBusy } = watched(['edit 1'], { freed: (sink) => void freed.push(sink) });
    await asked(edit('edit 1'));
    await begin('slack');
    await untilTrue(() => order.includes('edit 1 begins'));
    await asked(edit('edit 2'));
    await begin('slack');
    expect((await ledger.claimOutbox('slack', at, 1, 9)).map(({ id }) => id)).toEqual(['edit 2']);
    expect([isBusy('slack'), freed]).toEqual([true, []]);
    letGo('edit 1');
    await idle();
    await untilTrue(() => freed.length > 0);
    expect([isBusy('slack'), freed]).toEqual([false, ['slack']]);
  });

  it('draws one picture at a time', async () => {
    const { begin, order, letGo, idle } = watched(['p1']);
    await asked(picture('p1', '#a'), picture('p2', '#b'));
    await begin('slack');
    await untilTrue(() => order.includes('p1 begins'));
    await begin('slack');
    expect(order).toEqual(['p1 begins']);
    letGo('p1');
    await idle();
    await begin('slack');
    await idle();
    expect(order).toContain('p2');
  });

  it('says at the next one what broke, once', async () => {
    const { begin, idle } = watched([], { send: () => Promise.reject(new Error('the store is gone')) });
    await asked(card('card'));
    await begin('slack');
    await idle();
    await expect(begin('slack')).rejects.toThrow('the store is gone');
    expect(await begin('slack')).toBe(false);
  });
});
