import { describe, expect, it } from 'vitest';
import { tallies } from '../../src/domain/feedback.ts';
import { aVote, at } from '../adapters/ledgers/samples.ts';

describe('tallies', () => {
  it('counts each person once, by their latest word, and keeps what they added to it', () => {
    const votes = [
      aVote('v1', { verdict: 'reject', note: 'was taken back', at }),
      aVote('v2', { verdict: 'withdraw', at: at + 1 }),
      aVote('v3', { verdict: 'confirm', note: 'it was the pool', at: at + 2 }),
      aVote('v4', { verdict: 'reject', person: 'slack:U2', actualService: 'cart', actualKind: 'latency', at: at + 3 }),
      aVote('v5', { verdict: 'confirm', person: 'slack:U3', at: at + 4 }),
    ];
    expect(tallies(votes).get('h1')).toEqual({
      confirm: 2,
      reject: 1,
      confirmedBy: ['slack:U1', 'slack:U3'],
      rejectedBy: ['slack:U2'],
      remarks: [
        { person: 'slack:U1', verdict: 'confirm', actualService: null, actualKind: null, note: 'it was the pool' },
        { person: 'slack:U2', verdict: 'reject', actualService: 'cart', actualKind: 'latency', note: null },
      ],
    });
  });

  it('has no remarks where nobody said more than yes or no', () => {
    expect(tallies([aVote('v1')]).get('h1')).not.toHaveProperty('remarks');
  });
});
