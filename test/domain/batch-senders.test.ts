import { describe, expect, it } from 'vitest';
import { BatchSenders } from '../../src/domain/batch-senders.ts';

function told(seen: readonly (readonly [sender: number, at: number, part: number])[]) {
  const parts: unknown[] = [];
  const senders = new BatchSenders(3, (...part) => parts.push(part));
  for (const one of seen) senders.see(...one);
  const ends: unknown[] = [];
  senders.end((...end) => ends.push(end));
  return { parts, ends };
}

describe('BatchSenders', () => {
  it('tells once of a part that many spans in a row name, with its latest time', () =>
    expect(
      told([
        [1, 20, 5],
        [1, 10, 5],
        [1, 30, 5],
      ]),
    ).toEqual({ parts: [[1, 5, 30]], ends: [[1, 10, 30]] }));

  it('tells of each part of a sender, and keeps senders apart', () =>
    expect(
      told([
        [0, 10, 5],
        [2, 40, 5],
        [0, 20, 6],
        [0, 5, 5],
      ]),
    ).toEqual({
      parts: [
        [0, 5, 10],
        [0, 6, 20],
        [0, 5, 5],
        [2, 5, 40],
      ],
      ends: [
        [0, 5, 20],
        [2, 40, 40],
      ],
    }));

  it('knows of senders without parts when they were seen', () =>
    expect(
      told([
        [1, 10, -1],
        [1, 20, -1],
      ]),
    ).toEqual({ parts: [], ends: [[1, 10, 20]] }));
});
