/** The systems the scenarios happen in. Their lines say what was done, never what is wrong. */
import type { Program } from './recorder.ts';

/** gate → orders → (stock → shelf, rates), gate → people */
export function market(names: { gate: string; orders: string; stock: string; shelf: string; rates: string; people: string }): Program {
  const shelf: Program = {
    service: names.shelf,
    operation: 'GET /level',
    ms: 2,
    lines: ['level of article # read'],
    store: `${names.shelf}-db`,
  };
  const stock: Program = {
    service: names.stock,
    operation: 'POST /hold',
    ms: 3,
    lines: ['hold # pieces for order #', 'hold confirmed by row #'],
    calls: [shelf],
  };
  const rates: Program = { service: names.rates, operation: 'GET /rate', ms: 2, lines: ['rate table # is current'] };
  const orders: Program = {
    service: names.orders,
    operation: 'POST /orders',
    ms: 4,
    lines: ['order # taken in', 'total of order # computed'],
    calls: [stock, rates],
    store: `${names.orders}-db`,
  };
  const people: Program = { service: names.people, operation: 'GET /me', ms: 2, lines: ['session # belongs to reader #'] };
  return { service: names.gate, operation: 'POST /checkout', ms: 2, lines: ['request # accepted'], calls: [people, orders] };
}

/** One process with parts, each with its own instrumentation scope, in front of a store. */
export function hall(service: string, clerk: string): Program {
  const part = (scope: string, operation: string, ms: number, line: string, calls: Program[] = []): Program => ({
    service: clerk,
    operation,
    ms,
    scope,
    lines: [line],
    calls,
  });
  const ledger = part('hall.ledger', 'ledger.append', 2, 'entry # appended');
  const seats = part('hall.seats', 'seats.assign', 2, 'seat # assigned', [ledger]);
  const desk = part('hall.desk', 'POST /tickets', 3, 'ticket # opened', [seats]);
  return { service, operation: 'GET /', ms: 1, lines: ['visit # begins'], calls: [desk] };
}
