import { describe, expect, it } from 'vitest';
import { type Act, standingMutes } from '../../src/domain/act.ts';

const act = (kind: Act['kind'], at: number, over: Partial<Act> = {}): Act => ({
  id: `a${at}`,
  kind,
  person: 'slack:U1',
  at,
  incidentId: null,
  service: 'cart',
  untilAt: kind === 'mute' ? at + 100 : null,
  ...over,
});

describe('standingMutes', () => {
  it.each([
    { name: 'one stands until its time', acts: [act('mute', 0)], now: 99, standing: [['cart', 100]] },
    { name: 'and no longer', acts: [act('mute', 0)], now: 100, standing: [] },
    { name: 'the latest word counts, in whatever order they come', acts: [act('unmute', 2), act('mute', 1)], now: 50, standing: [] },
    { name: 'a mute may be made longer', acts: [act('mute', 0), act('mute', 10, { untilAt: 500 })], now: 300, standing: [['cart', 500]] },
    { name: 'or shorter', acts: [act('mute', 0, { untilAt: 500 }), act('mute', 10, { untilAt: 20 })], now: 30, standing: [] },
    { name: 'one of an incident mutes no service', acts: [act('mute', 0, { incidentId: 'INC-1' })], now: 1, standing: [] },
    {
      name: 'other acts change nothing',
      acts: [act('mute', 0), act('resolve', 5), act('investigate', 6)],
      now: 10,
      standing: [['cart', 100]],
    },
  ])('$name', ({ acts, now, standing }) => expect([...standingMutes(acts, now)]).toEqual(standing));
});
