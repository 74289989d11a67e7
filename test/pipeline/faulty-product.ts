/** The product on an injected clock, with whatever of it a test breaks; alerts that come in, and cards that go out. */
import { afterEach } from 'vitest';
import type { Shipment } from '../../src/ports.ts';
import { alertBody, delivery, testProduct } from '../support/app.ts';

/** As `begin` made it last. */
export let product: ReturnType<typeof testProduct>;

/** To be called once by a file: what each of its tests began is closed when it is over. */
export function closeAfterEach(): void {
  afterEach(() => product.close());
}

export function begin(...how: Parameters<typeof testProduct>): void {
  product = testProduct(...how);
}

export const minute = 60_000;
export const fire = (over: Parameters<typeof alertBody>[0] = {}) =>
  product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ startsAt: product.now(), ...over })));
export const cards = () =>
  product.memory.shipped.filter((s): s is Extract<Shipment, { kind: 'card' }> & { at: number } => s.kind === 'card');
/** Messages of their own, no edits. */
export const roots = () => cards().filter(({ receipt }) => receipt === null);
