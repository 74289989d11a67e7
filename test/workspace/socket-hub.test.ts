/** Socket Mode's rules, under a clock of our own: one envelope to one socket, acknowledgement in time, sent again else. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../src/workspace/clock.ts';
import { SocketHub } from '../../src/workspace/socket-hub.ts';
import { plug } from './plug.ts';

let clock: ManualClock;
let hub: SocketHub;
let counts: number[];
const turns = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

beforeEach(() => {
  clock = manualClock(1_795_000_000_000);
  counts = [];
  let last = 0;
  hub = new SocketHub(
    clock,
    'A0TRACE',
    () => `id-${++last}`,
    (connections) => counts.push(connections),
  );
});

describe('connecting', () => {
  it('says hello with the number of connections', () => {
    plug(hub);
    expect(plug(hub).notices).toMatchObject([{ type: 'hello', num_connections: 2, connection_info: { app_id: 'A0TRACE' } }]);
    expect(counts).toEqual([1, 2]);
  });

  it('takes a ticket once, and not after thirty seconds', () => {
    const [first, second] = [hub.ticket(), hub.ticket()];
    expect([hub.admits(first), hub.admits(first), hub.admits('made up')]).toEqual([true, false, false]);
    clock.advance(30_000);
    expect(hub.admits(second)).toBe(false);
  });

  it('turns the eleventh away', () => {
    for (let index = 0; index < 10; index++) plug(hub);
    const eleventh = plug(hub);
    expect(eleventh.notices).toMatchObject([{ type: 'disconnect', reason: 'too_many_websockets' }]);
    expect(eleventh.closes).toEqual(['1000 too_many_websockets']);
    expect(hub.connections()).toHaveLength(10);
  });
});

describe('an envelope', () => {
  it('goes to exactly one socket, in turn', async () => {
    const [a, b] = [plug(hub), plug(hub)];
    for (let index = 0; index < 6; index++) await hub.ask({ type: 'interactive', accepts: true, payload: { index } });
    expect([a.envelopes.length, b.envelopes.length]).toEqual([3, 3]);
  });

  it('brings back what came with the acknowledgement', async () => {
    const socket = plug(hub);
    socket.answer = () => ({ text: 'hi' });
    expect(await hub.ask({ type: 'slash_commands', accepts: true, payload: {} })).toEqual({ acked: true, answer: { text: 'hi' } });
    expect(socket.envelopes[0]).not.toHaveProperty('retry_attempt');
  });

  it('has no one to go to', async () => {
    expect(await hub.ask({ type: 'interactive', accepts: true, payload: {} })).toEqual({ acked: false, reason: 'no_connection' });
  });

  it('ignores acknowledgements that are late, unknown or no JSON', async () => {
    const socket = plug(hub);
    socket.isSilent = true;
    const outcome = hub.ask({ type: 'interactive', accepts: true, payload: {} });
    socket.socket.receive('{"envelope_id":"other"}');
    socket.socket.receive('nonsense');
    clock.advance(3_000);
    socket.socket.receive(JSON.stringify({ envelope_id: socket.envelopes[0]?.['envelope_id'] }));
    expect(await outcome).toEqual({ acked: false, reason: 'timeout' });
  });

  it('is an event, sent at once again, after a minute and after five, then given up', async () => {
    const socket = plug(hub);
    socket.isSilent = true;
    const outcome = hub.tell({ event_id: 'Ev1' });
    for (const wait of [3_000, 3_000, 60_000, 3_000, 300_000, 3_000]) {
      await turns();
      clock.advance(wait);
    }
    expect(await outcome).toEqual({ acked: false, reason: 'timeout' });
    expect(
      socket.envelopes.map((envelope) => [envelope['retry_attempt'], envelope['retry_reason'], socket.payloads()[0]?.['event_id']]),
    ).toEqual([
      [0, '', 'Ev1'],
      [1, 'timeout', 'Ev1'],
      [2, 'timeout', 'Ev1'],
      [3, 'timeout', 'Ev1'],
    ]);
    expect(new Set(socket.envelopes.map((envelope) => envelope['envelope_id'])).size).toBe(4);
  });

  it('moves to another socket when its own is cut', async () => {
    const [a, b] = [plug(hub), plug(hub)];
    a.isSilent = true;
    const outcome = hub.tell({ event_id: 'Ev1' });
    hub.cut(a.socket.id);
    expect(await outcome).toMatchObject({ acked: true });
    expect(a.closes).toEqual(['cut']);
    expect(b.envelopes).toMatchObject([{ retry_attempt: 1, retry_reason: 'connection_failed', payload: { event_id: 'Ev1' } }]);
  });

  it('waits for a socket when there is none', async () => {
    const outcome = hub.tell({ event_id: 'Ev1' });
    await turns();
    const late = plug(hub);
    expect(await outcome).toMatchObject({ acked: true });
    expect(late.envelopes).toHaveLength(1);
  });
});

describe('refreshing', () => {
  it('sends a leaving socket nothing new, still takes its acknowledgement, and closes it after ten seconds', async () => {
    const [leaving, other] = [plug(hub), plug(hub)];
    leaving.isSilent = true;
    const pending = hub.ask({ type: 'interactive', accepts: true, payload: { first: true } });
    hub.refresh(leaving.socket.id, 'refresh_requested');
    for (let index = 0; index < 3; index++) await hub.ask({ type: 'interactive', accepts: true, payload: {} });
    leaving.socket.receive(JSON.stringify({ envelope_id: leaving.envelopes[0]?.['envelope_id'] }));
    expect(await pending).toMatchObject({ acked: true });
    expect([leaving.envelopes.length, other.envelopes.length]).toEqual([1, 3]);
    expect(leaving.notices.at(-1)).toMatchObject({ type: 'disconnect', reason: 'refresh_requested' });
    clock.advance(10_000);
    expect(leaving.closes).toEqual(['1000 refresh_requested']);
  });

  it('falls back on leaving sockets while no other is open, and on nothing once they hung up', async () => {
    const [first, second] = [plug(hub), plug(hub)];
    for (const { socket } of [first, second]) hub.refresh(socket.id, 'refresh_requested');
    const ask = () => hub.ask({ type: 'interactive', accepts: true, payload: {} });
    expect([await ask(), await ask()]).toMatchObject([{ acked: true }, { acked: true }]);
    expect([first.envelopes.length, second.envelopes.length]).toEqual([1, 1]);
    const successor = plug(hub);
    expect([await ask(), await ask()]).toMatchObject([{ acked: true }, { acked: true }]);
    expect([first.envelopes.length, second.envelopes.length, successor.envelopes.length]).toEqual([1, 1, 2]);
    for (const { socket } of [first, second, successor]) socket.closed();
    expect(await ask()).toEqual({ acked: false, reason: 'no_connection' });
  });

  it('warns without changing anything', async () => {
    const only = plug(hub);
    hub.refresh(only.socket.id, 'warning');
    expect(await hub.ask({ type: 'interactive', accepts: true, payload: {} })).toMatchObject({ acked: true });
    expect(only.notices.at(-1)).toMatchObject({ type: 'disconnect', reason: 'warning' });
  });
});
