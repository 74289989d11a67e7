/**
 * Replicas that decide on a picture of their own, on one Redis: what one of them stores the others find out at the latest when they
 * store something themselves. Last, chance does what nobody thought of.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRedisLedger } from '../../../../src/adapters/ledgers/redis.ts';
import { connectRedis, parseRedisAddress, type RedisClient } from '../../../../src/adapters/redis-connection.ts';
import type { Alert } from '../../../../src/domain/alert.ts';
import type { Incident } from '../../../../src/domain/incident.ts';
import { createReceiver, type Receiver } from '../../../../src/pipeline/receive.ts';
import type { Ledger } from '../../../../src/ports.ts';
import { hasRedis, type RedisServer, startRedis } from '../../../redis-server.ts';
import { aVote, anAct, anAlert, anIncident, at } from '../samples.ts';

interface Replica {
  readonly client: RedisClient;
  readonly ledger: Ledger;
  readonly receiver: Receiver;
  /** Scripts sent since the last look. */
  sent(): number;
}

let fired = 0;
const firing = (service: string, with_: Partial<Alert> = {}): Alert =>
  anAlert({ fingerprint: `f${++fired}`, service, labels: { alertname: 'HighErrorRate', service }, ...with_ });
const over = (alert: Alert): Alert => ({ ...alert, status: 'resolved', endsAt: alert.startsAt + 1_000 });

describe.skipIf(!hasRedis)('replicas that decide on pictures of their own', () => {
  let server: RedisServer;
  let now = at;
  const clients: RedisClient[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server.stop();
  });
  const replica = (): Replica => {
    const client = connectRedis(parseRedisAddress(server.url)!);
    clients.push(client);
    let scripts = 0;
    const send = client.evalsha.bind(client);
    client.evalsha = ((...args: Parameters<typeof send>) => {
      scripts++;
      return send(...args);
    }) as typeof client.evalsha;
    const ledger = createRedisLedger({ client, now: () => now });
    const map = async () => ({ services: [], edges: [] });
    const receiver = createReceiver({ ledger, now: () => now, grouping: {}, route: () => [], map: map as never, poke() {} });
    return {
      client,
      ledger,
      receiver,
      sent() {
        const sent = scripts;
        scripts = 0;
        return sent;
      },
    };
  };
  let [a, b]: Replica[] = [];
  const on = (which: Replica | undefined): Replica => which!;
  const receive = async (which: Replica | undefined, ...alerts: Alert[]) => on(which).receiver.receive(alerts);
  beforeEach(async () => {
    now = at;
    for (const client of clients.splice(0)) client.disconnect();
    [a, b] = [replica(), replica()];
    await on(a).client.flushdb();
    // Both have a picture.
    await receive(a, firing('one'));
    await receive(b, firing('two'));
  });

  it('stores an alert that comes alone with one question, and tells one that was seen with one as well', async () => {
    const alert = firing('two');
    on(b).sent();
    await receive(b, alert);
    expect(on(b).sent()).toBe(1);
    await receive(b, firing('three'));
    expect(on(b).sent()).toBe(1);
    expect(await receive(b, alert)).toEqual(['INC-2']);
    expect(on(b).sent()).toBe(1);
  });

  it('asks once more where another was faster, and not again', async () => {
    await receive(a, firing('three'));
    on(b).sent();
    expect(await receive(b, firing('three'))).toEqual(['INC-3']);
    expect(on(b).sent()).toBe(2);
    await receive(b, firing('three'));
    expect(on(b).sent()).toBe(1);
  });

  it('takes an alert once that comes to both, at once and later', async () => {
    const alert = firing('three');
    const both = await Promise.all([receive(a, alert), receive(b, alert)]);
    expect(both).toEqual([['INC-3'], ['INC-3']]);
    expect(await receive(a, alert)).toEqual(['INC-3']);
    expect(await on(a).ledger.incident('INC-3')).toMatchObject({ alertCount: 1, revision: 1 });
  });

  it('opens one incident for a service whose alerts come to both at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => receive(i % 2 === 0 ? a : b, firing('three'))));
    expect(new Set(ids.flat())).toEqual(new Set(['INC-3']));
    expect(await on(a).ledger.incident('INC-3')).toMatchObject({ alertCount: 20 });
  });

  it('ends what another opened and was told of only there', async () => {
    const alert = firing('three');
    await receive(a, alert);
    expect(await receive(b, over(alert))).toEqual(['INC-3']);
    expect(await on(a).ledger.incident('INC-3')).toMatchObject({ state: 'resolved' });
    // And what ended there is not joined here.
    expect(await receive(a, firing('three'))).toEqual(['INC-4']);
  });

  it('opens muted what was muted elsewhere a moment ago', async () => {
    await on(a).ledger.commit({ acts: [anAct('m', { kind: 'mute', service: 'three', incidentId: null, at, untilAt: at + 60_000 })] });
    expect(await receive(b, firing('three'))).toEqual(['INC-3']);
    expect(await on(b).ledger.incident('INC-3')).toMatchObject({ state: 'muted', mutedUntil: at + 60_000 });
    await on(b).ledger.commit({ acts: [anAct('u', { kind: 'unmute', service: 'three', incidentId: null, at: at + 1, untilAt: null })] });
    now = at + 2;
    await receive(b, firing('three'));
    expect(await receive(a, firing('four'))).toEqual(['INC-4']);
    expect(await on(a).ledger.incident('INC-4')).toMatchObject({ state: 'open' });
  });

  it('does not put into what was forgotten elsewhere, nor give its number again', async () => {
    await receive(b, firing('three'));
    await receive(a, firing('one'));
    await on(a).ledger.forgetIncident('INC-3', []);
    expect(await receive(b, firing('three'))).toEqual(['INC-4']);
    await receive(b, firing('five'));
    await on(a).ledger.forgetIncident('INC-5', []);
    expect(await receive(b, firing('six'))).toEqual(['INC-6']);
    expect((await on(b).ledger.incidents({ live: true, limit: 9 })).incidents.map(({ id }) => id)).toEqual([
      'INC-6',
      'INC-4',
      'INC-2',
      'INC-1',
    ]);
  });

  it('follows changes of this replica that were not decided so', async () => {
    const [incident] = (await on(b).ledger.incidents({ service: 'two', limit: 1 })).incidents;
    const ended = { ...incident!, state: 'resolved' as const, resolvedAt: at - 3_600_000, revision: incident!.revision + 1 };
    expect(await on(b).ledger.commit({ incidents: [ended], votes: [aVote('v1')] })).toBe('committed');
    on(b).sent();
    expect(await receive(b, firing('two'))).toEqual(['INC-3']);
    expect(on(b).sent()).toBe(1);
  });

  it('believes nothing of a past that Redis has lost', async () => {
    const lost = await snapshotOf(on(a).client);
    expect(await receive(a, firing('three'), firing('three'))).toEqual(['INC-3', 'INC-3']);
    await receive(a, firing('one'));
    // Its successor never had that, and as many changes have been made there since.
    await lost.putBack();
    expect(await receive(b, firing('four'))).toEqual(['INC-3']);
    await receive(b, firing('two', { fingerprint: 'kept' }));
    expect(await receive(a, firing('three'))).toEqual(['INC-4']);
    expect(await receive(a, firing('four', { fingerprint: 'joins' }))).toEqual(['INC-3']);
    const seen = await freshly((ledger) => ledger.incident('INC-3'));
    expect([seen?.service, seen?.alerts.at(-1)?.fingerprint, seen?.alerts.length]).toEqual(['four', 'joins', 2]);
  });

  it('finds incidents that were stored before alerts had fields of their own', async () => {
    const whole = anIncident('INC-3', { service: 'three', alerts: [anAlert({ service: 'three' })] });
    await on(a).ledger.commit({ incidents: [whole] });
    await on(a).client.hset('{tracepulse}:incident:INC-3', 'doc', JSON.stringify(whole));
    await on(a).client.hdel('{tracepulse}:incident:INC-3', 'stamp', 'openedAt');
    await on(a).client.del('{tracepulse}:alerts:INC-3');
    const other = replica();
    expect(await other.receiver.receive([firing('three')])).toEqual(['INC-3']);
    expect((await freshly((ledger) => ledger.incident('INC-3')))?.alerts.map(({ fingerprint }) => fingerprint)).toEqual([
      'f1',
      `f${fired}`,
    ]);
  });

  it('reads where more are live than a picture holds', async () => {
    const many = Array.from({ length: 1_001 }, (_, i) => anIncident(`INC-${i + 3}`, { service: `s${i}`, openedAt: at - 600_000 - i }));
    await on(a).ledger.commit({ incidents: many });
    const other = replica();
    expect(await other.receiver.receive([firing('s7')])).toEqual(['INC-10']);
    expect(await other.receiver.receive([firing('new')])).toEqual(['INC-1004']);
    // And those that have a picture go on with it.
    expect(await receive(a, firing('s8'))).toEqual(['INC-11']);
  });

  it('lists what others opened earlier and later in the order of their time, and in pages as the ledger does', async () => {
    await on(a).ledger.commit({ incidents: [anIncident('INC-3', { openedAt: at - 5_000 }), anIncident('INC-4', { openedAt: at + 5 })] });
    const stale = on(b).ledger.deciding?.();
    await stale?.seen(['k']);
    expect(await stale?.commit({ seen: [{ key: 'k', at, incidentId: null }] })).toBe('conflict');
    for (const query of [{ limit: 9, live: true }, { limit: 2, live: true }, { limit: 3 }, { limit: 9 }])
      expect(await stale?.incidents(query)).toEqual(await on(a).ledger.incidents(query));
  });

  it('keeps places of alerts where one makes room for another', async () => {
    const first = Array.from({ length: 100 }, () => firing('three', { startsAt: at + fired }));
    await receive(a, ...first);
    await receive(a, over(first[40]!));
    const next = firing('three', { startsAt: at + 10_000 });
    await receive(a, next);
    const stored = await freshly((ledger) => ledger.incident('INC-3'));
    const kept = [...first.slice(0, 40), ...first.slice(41), next];
    expect(stored?.alerts.map(({ fingerprint }) => fingerprint)).toEqual(kept.map(({ fingerprint }) => fingerprint));
    expect(stored).toEqual(await on(a).ledger.incident('INC-3'));
  });

  it.each([1, 2, 3])('agree on everything, whatever comes to whom (%i)', async (seed) => {
    const random = drawnFrom(seed);
    const replicas = [on(a), on(b), replica()];
    const any = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
    // So many that none comes to a hundred alerts, where resolved ones make room.
    const services = ['cart', 'mail', 'tax', 'search', 'users', 'ads'];
    const alive: Alert[] = [];
    const accepted = new Map<string, Alert>();
    let acts = 0;
    for (let round = 0; round < 20; round++) {
      now += 1_000;
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          const dice = random();
          const which = any(replicas);
          if (dice < 0.06) {
            const kind = random() < 0.5 ? 'mute' : 'unmute';
            await which.ledger.commit({
              acts: [anAct(`act ${++acts}`, { kind, service: any(services), incidentId: null, at: now, untilAt: now + 5_000 })],
            });
          } else if (dice < 0.3 && alive.length > 0) {
            const ended = { ...alive.splice(Math.floor(random() * alive.length), 1)[0]!, status: 'resolved' as const, endsAt: now };
            await which.receiver.receive([ended]);
            accepted.set(ended.fingerprint, ended);
          } else {
            const said = Array.from({ length: 1 + Math.floor(random() * 3) }, () => firing(any(services), { startsAt: now }));
            const again = random() < 0.2 ? any(replicas).receiver.receive(said) : null;
            const ids = await which.receiver.receive(said);
            if (again !== null) expect(await again).toEqual(ids);
            for (const alert of said) accepted.set(alert.fingerprint, alert);
            alive.push(...said);
          }
        }),
      );
      const [open = [], ...others] = await Promise.all(replicas.map(({ ledger }) => states(ledger)));
      for (const other of others) expect(other).toEqual(open);
      expect(new Set(open.map(({ service }) => service)).size).toBe(open.length);
    }
    const all = await freshly(async (ledger) => (await ledger.incidents({ limit: 500 })).incidents);
    expect(all).toEqual((await on(a).ledger.incidents({ limit: 500 })).incidents);
    const stored = new Map(all.flatMap((incident) => incident.alerts.map((alert) => [alert.fingerprint, alert] as const)));
    for (const [fingerprint, alert] of accepted) expect(stored.get(fingerprint)).toEqual(alert);
    for (const incident of all) expect(isOver(incident)).toBe(incident.state === 'resolved');
  });

  /** Through a ledger that knows nothing yet. */
  const freshly = <T>(ask: (ledger: Ledger) => Promise<T>) => ask(replica().ledger);
});

function isOver({ alerts }: Incident): boolean {
  return alerts.every(({ status }) => status === 'resolved');
}

/** What is live, without what is in it. */
async function states(ledger: Ledger) {
  const { incidents } = await ledger.incidents({ live: true, limit: 99 });
  return incidents.map(({ id, service, state, revision, alertCount }) => ({ id, service, state, revision, alertCount }));
}

/** Everything there is, to be put back as if nothing had happened since. */
async function snapshotOf(client: RedisClient) {
  const keys = await client.keys('*');
  const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
  return {
    async putBack() {
      await client.flushdb();
      for (const [i, key] of keys.entries()) await client.restore(key, 0, dumps[i]!);
    },
  };
}

/** Numerical Recipes' generator: the same numbers every time. */
function drawnFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
