/** What joins what while many alarms come at once, and how well two faults are told apart in a storm whose truth is known. */
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import type { ServiceMap } from '../../src/domain/service-map.ts';
import { grouping, stormFigures } from '../pipeline/labelled-storm.ts';
import { anAlert, at } from '../adapters/ledgers/samples.ts';

const alarm = (service: string, with_: Partial<Alert> = {}) => anAlert({ service, fingerprint: `f-${service}`, startsAt: at, ...with_ });
const edge = (caller: string, callee: string) => ({
  caller,
  callee,
  calls: 9,
  errors: 0,
  p50Ms: 1,
  p95Ms: 2,
  sources: ['span' as const],
  lastSeenAt: at,
});
const map = {
  services: [],
  edges: [edge('web', 'checkout'), edge('checkout', 'payments'), edge('payments', 'db'), edge('x', 'y'), edge('y', 'z')],
};

const world = (edges: ServiceMap = map) => grouping(edges);

const three = [alarm('payments'), alarm('z'), alarm('mailer')];

describe('in a storm', () => {
  it.each([
    { name: 'joins the one it is nearest to', alert: alarm('checkout'), to: 'INC-1' },
    { name: 'joins over three calls', alert: alarm('x'), to: 'INC-2' },
    { name: 'a critical one joins over two', alert: alarm('web', { severity: 'critical' }), to: 'INC-1' },
    { name: 'a critical one of nowhere near has its own', alert: alarm('billing', { severity: 'critical' }), to: 'INC-4' },
    { name: 'one of nowhere near has its own', alert: alarm('billing'), to: 'INC-4' },
    { name: 'a question of a person has its own', alert: alarm('checkout', { format: 'manual' }), to: 'INC-4' },
    { name: 'another environment has its own', alert: alarm('checkout', { environment: 'staging' }), to: 'INC-4' },
  ])('$name', ({ alert, to }) => {
    const { send } = world();
    send(at, ...three.map((one) => ({ ...one, environment: 'prod' })));
    expect(send(at + 5_000, alert)).toEqual([to]);
  });

  it('is over after two minutes without a new incident', () => {
    const { send } = world();
    send(at, ...three);
    expect(send(at + 120_001, alarm('checkout'))).toEqual(['INC-4']);
  });

  it('is not one where few are open: neighbours have cards of their own', () => {
    const { send } = world();
    expect(send(at, alarm('payments'), alarm('checkout'))).toEqual(['INC-1', 'INC-2']);
  });

  it('without a map tells a few unrelated ones apart, then stays at a dozen cards, with room for critical ones', () => {
    const { send, incidents } = world({ services: [], edges: [] });
    send(at, ...Array.from({ length: 300 }, (_, i) => alarm(`s${i}`)));
    expect(incidents.size).toBe(9);
    send(at + 1_000, ...Array.from({ length: 300 }, (_, i) => alarm(`c${i}`, { severity: 'critical' })));
    expect(incidents.size).toBe(12);
  });

  it.each([
    { name: 'that calls lead to, however far, joins once there is a handful', service: 'far', to: 'INC-1' },
    { name: 'that no call leads to has its own', service: 'billing', to: 'INC-9' },
  ])('a critical one $name', ({ service, to }) => {
    const chain = ['far', 'l1', 'l2', 'l3', 'payments'];
    const calls = chain.slice(1).map((callee, i) => edge(chain[i]!, callee));
    const { send } = world({ services: [], edges: calls });
    send(at, alarm('payments'), ...Array.from({ length: 7 }, (_, i) => alarm(`u${i}`)));
    expect(send(at + 1_000, alarm(service, { severity: 'critical' }))).toEqual([to]);
  });
});

describe('two faults at once among 500 services, 10,000 alarms', () => {
  it.each(['1', '2'])('are told apart on a handful of cards (seed %s)', (seed) => {
    const { alarms, cards, precision, recall } = stormFigures(seed);
    expect(alarms).toBe(10_000);
    expect(cards).toBeLessThanOrEqual(8);
    expect(precision).toBeGreaterThan(0.9);
    expect(recall).toBeGreaterThan(0.7);
  });
});
