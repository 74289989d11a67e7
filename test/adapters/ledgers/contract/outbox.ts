/** What is to be said: once for each id, the latest content. */
import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../../src/ports.ts';
import { anEntry, at, aText } from '../samples.ts';

const lease = 30_000;

export function outboxContract(ledger: () => Ledger, reopen: () => Promise<void>): void {
  describe('outbox', () => {
    const claim = (now: number, limit = 9, sink = 'slack') => ledger().claimOutbox(sink, now, lease, limit);

    it('hands out what is due for a sink: new roots, then answers, then edits, each by time', async () => {
      await ledger().commit({
        outbox: [
          anEntry('edit', { priority: 2, dueAt: at - 9 }),
          anEntry('answer', { priority: 1, content: aText('because') }),
          anEntry('root b', { priority: 0, dueAt: at - 1 }),
          anEntry('root a', { priority: 0, dueAt: at - 2 }),
          anEntry('later', { priority: 0, dueAt: at + 1 }),
          anEntry('mail', { sink: 'email' }),
        ],
      });
      expect((await claim(at)).map(({ id }) => id)).toEqual(['root a', 'root b', 'answer', 'edit']);
      expect((await claim(at, 9, 'email')).map(({ id }) => id)).toEqual(['mail']);
      expect(await ledger().nextDueAt()).toBe(at + 1);
    });

    it('hands out one line of it, and nothing of channels that are at work', async () => {
      await ledger().commit({
        outbox: [
          ...Array.from({ length: 30 }, (_, i) => anEntry(`busy ${i}`, { channel: '#busy', priority: 2, dueAt: at - 9 })),
          anEntry('edit', { channel: '#free', priority: 2 }),
          anEntry('root', { channel: '#free', priority: 0 }),
          anEntry('busy root', { channel: '#busy', priority: 0 }),
          anEntry('picture', { channel: '#busy', priority: 3 }),
        ],
      });
      const ask = async (line: 'messages' | 'pictures', busy: string[]) =>
        (await ledger().claimOutbox('slack', at, lease, 4, { line, busy })).map(({ id }) => id);
      expect(await ask('messages', ['#busy', '#else'])).toEqual(['root', 'edit']);
      expect(await ask('messages', ['#busy'])).toEqual([]);
      expect(await ask('pictures', [])).toEqual(['picture']);
      expect((await ask('messages', [])).length).toBe(4);
    });

    it('goes to one of two who ask at the same time', async () => {
      await ledger().commit({ outbox: [anEntry('a'), anEntry('b')] });
      const claimed = (await Promise.all([claim(at), claim(at)])).flat();
      expect(claimed.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    });

    it('puts the same id once: the latest content counts, the revision grows', async () => {
      await ledger().commit({ outbox: [anEntry('a', { content: aText('one'), dueAt: at + 50 })] });
      await ledger().commit({ outbox: [anEntry('a', { content: aText('two'), dueAt: at })] });
      const [first] = await claim(at);
      expect(first).toMatchObject({ content: aText('two'), dueAt: at, attempts: 1 });
      await ledger().commit({ outbox: [anEntry('a', { content: aText('three'), dueAt: at })] });
      const [second] = await claim(at + lease);
      expect(second).toMatchObject({ content: aText('three') });
      expect(second!.revision).toBeGreaterThan(first!.revision);
    });

    it('makes an edit of what was asked for while a root was being sent, so that it goes before no other root', async () => {
      await ledger().commit({ outbox: [anEntry('card', { priority: 0, dueAt: at - 9 })] });
      const [sent] = await claim(at);
      await ledger().commit({ outbox: [anEntry('card', { priority: 2, dueAt: at - 9 }), anEntry('other', { priority: 0 })] });
      await ledger().commit({ outboxDone: [sent!] });
      expect(await claim(at)).toMatchObject([
        { id: 'other', priority: 0 },
        { id: 'card', priority: 2, attempts: 1 },
      ]);
    });

    it('hands out that of the earlier incident first where many wait for the same time, however few are asked for', async () => {
      const numbers = [9, 10, 27, 100, 8];
      await ledger().commit({ outbox: numbers.map((n) => anEntry(`card:INC-${n}`, { priority: 0 })) });
      const first = await claim(at, 2);
      expect(first.map(({ id }) => id)).toEqual(['card:INC-8', 'card:INC-9']);
      expect((await claim(at)).map(({ id }) => id)).toEqual(['card:INC-10', 'card:INC-27', 'card:INC-100']);
    });

    it('keeps the place of a root that was asked for again as an edit before it went out', async () => {
      await ledger().commit({ outbox: [anEntry('card', { priority: 0 }), anEntry('answer', { priority: 1 })] });
      await ledger().commit({ outbox: [anEntry('card', { priority: 2 })] });
      expect((await claim(at)).map(({ id, priority }) => [id, priority])).toEqual([
        ['card', 0],
        ['answer', 1],
      ]);
    });

    it('is cleared when done', async () => {
      await ledger().commit({ outbox: [anEntry('a')] });
      await ledger().commit({ outboxDone: await claim(at) });
      expect(await ledger().nextDueAt()).toBeNull();
    });

    it('does not hand out an entry twice at once, though it was put again while somebody sends it', async () => {
      await ledger().commit({ outbox: [anEntry('a', { content: aText('old') })] });
      const sending = await claim(at);
      await ledger().commit({ outbox: [anEntry('a', { content: aText('new'), dueAt: at + 1 })] });
      expect(await claim(at + 5)).toEqual([]);
      await ledger().commit({ outboxDone: sending });
      // Sent: the newer content is there at once, and counts from the start.
      expect(await claim(at + 5)).toMatchObject([{ content: aText('new'), attempts: 1 }]);
    });

    it('remembers attempts that may have gone through when the content is replaced', async () => {
      await ledger().commit({ outbox: [anEntry('a')] });
      await claim(at);
      await ledger().commit({ outbox: [anEntry('a', { dueAt: at + 1 })] });
      expect(await claim(at + lease)).toMatchObject([{ attempts: 2 }]);
    });

    it('gives no revision a second time, also of an id that was done and after it was opened anew', async () => {
      const revisions: number[] = [];
      for (let round = 0; round < 3; round++) {
        await ledger().commit({ outbox: [anEntry('card'), anEntry(`other ${round}`)] });
        const claimed = await claim(at);
        revisions.push(...claimed.map(({ revision }) => revision));
        await ledger().commit({ outboxDone: claimed });
        await reopen();
      }
      expect(revisions.length).toBe(6);
      expect(new Set(revisions).size).toBe(6);
      expect(Math.min(...revisions.slice(2))).toBeGreaterThan(Math.max(...revisions.slice(0, 2)));
    });

    it('is not cleared by a delivery of an entry that was finished and put anew', async () => {
      await ledger().commit({ outbox: [anEntry('card')] });
      const slow = await claim(at);
      const quick = await claim(at + lease);
      await ledger().commit({ outboxDone: quick });
      await ledger().commit({ outbox: [anEntry('card', { channel: '#ops' })] });
      await ledger().commit({ outboxDone: slow });
      expect(await claim(at + lease)).toMatchObject([{ channel: '#ops' }]);
    });

    it('says a text once: its id is not taken again after it was delivered', async () => {
      await ledger().commit({ outbox: [anEntry('answer', { content: aText('because') }), anEntry('card')] });
      await ledger().commit({ outboxDone: await claim(at) });
      await ledger().commit({
        outbox: [anEntry('answer', { content: aText('because') }), anEntry('card'), anEntry('other', { content: aText('and') })],
      });
      expect((await claim(at)).map(({ id }) => id)).toEqual(['card', 'other']);
    });

    it('keeps what pictures are of, hands them out after edits, and shows them once', async () => {
      const content = { kind: 'pictures', suspect: 'h1' } as const;
      await ledger().commit({ outbox: [anEntry('pictures', { content, priority: 3, dueAt: at - 9 }), anEntry('edit')] });
      const claimed = await claim(at);
      expect(claimed.map(({ id }) => id)).toEqual(['edit', 'pictures']);
      expect(claimed[1]).toMatchObject({ content, priority: 3 });
      await ledger().commit({ outboxDone: claimed });
      await ledger().commit({ outbox: [anEntry('pictures', { content, priority: 3 }), anEntry('edit')] });
      expect((await claim(at)).map(({ id }) => id)).toEqual(['edit']);
    });

    it('comes back at the time it was postponed to', async () => {
      await ledger().commit({ outbox: [anEntry('a')] });
      const [claimed] = await claim(at);
      await ledger().postpone(claimed!, at + 100);
      expect(await ledger().nextDueAt()).toBe(at + 100);
      expect(await claim(at + 99)).toEqual([]);
      expect(await claim(at + 100)).toMatchObject([{ id: 'a', dueAt: at + 100, attempts: 2 }]);
    });

    it('is postponed as a whole when it was put again while its delivery failed', async () => {
      await ledger().commit({ outbox: [anEntry('a', { content: aText('old') })] });
      const [claimed] = await claim(at);
      await ledger().commit({ outbox: [anEntry('a', { content: aText('new'), dueAt: at + 1 })] });
      await ledger().postpone(claimed!, at + 100);
      expect(await claim(at + 99)).toEqual([]);
      expect(await claim(at + 100)).toMatchObject([{ content: aText('new'), attempts: 2 }]);
    });

    it('leaves the claim of another alone when an overdue holder postpones', async () => {
      await ledger().commit({ outbox: [anEntry('a')] });
      const [overdue] = await claim(at);
      await claim(at + lease);
      await ledger().postpone(overdue!, at + lease + 1);
      expect(await claim(at + lease + 2)).toEqual([]);
    });
  });
}
