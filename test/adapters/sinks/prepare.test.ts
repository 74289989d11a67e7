import { describe, expect, it } from 'vitest';
import { preparedWithFirstCard } from '../../../src/adapters/sinks/prepare.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { Shipment, Sink } from '../../../src/ports.ts';
import { card } from './slack/cards.ts';

const warned: string[] = [];
const log = { debug() {}, info() {}, warn: (text: string) => void warned.push(text), error() {} };
const options = { mayExist: false, signal: new AbortController().signal };
const aCard: Shipment = { kind: 'card', channel: '#debug', card: card(), receipt: null };
const aText: Shipment = { kind: 'text', channel: '#debug', text: 'all is well', threadId: null, id: 't1' };

/** A sink and what it was asked for, in turn. */
function recording(outcomes: (Failure | null)[] = [], prepare = async (): Promise<void> => undefined) {
  const asked: string[] = [];
  const sink: Sink = {
    channels: [],
    paceMs: 0,
    async deliver({ kind }) {
      asked.push(kind);
      const failure = outcomes.shift() ?? null;
      if (failure !== null) throw failure;
      return { messageId: 'm1', url: null };
    },
    prepare() {
      asked.push('prepare');
      return prepare();
    },
  };
  return { asked, sink: preparedWithFirstCard(sink, log) };
}

describe('preparing a sink', () => {
  it('waits for the first card that arrives, and is done once', async () => {
    const { asked, sink } = recording([null, new Failure('unavailable', 'slack', 'show a card')]);
    await sink.deliver(aText, options);
    await expect(sink.deliver(aCard, options)).rejects.toThrow('show a card');
    expect(asked).toEqual(['text', 'card']);
    expect(await sink.deliver(aCard, options)).toEqual({ messageId: 'm1', url: null });
    await sink.deliver(aCard, options);
    expect(asked).toEqual(['text', 'card', 'card', 'prepare', 'card']);
  });

  it('says so when it fails, and the card stands all the same', async () => {
    const { sink } = recording([], async () => {
      throw new Error('no such module');
    });
    expect(await sink.deliver(aCard, options)).toMatchObject({ messageId: 'm1' });
    await Promise.resolve();
    expect(warned).toEqual(['what a sink needs could not be loaded ahead']);
  });

  it('leaves a sink alone that has nothing to load', () => {
    const plain: Sink = { channels: [], paceMs: 0, deliver: async () => ({ messageId: 'm', url: null }) };
    expect(preparedWithFirstCard(plain, log)).toBe(plain);
  });
});
