import { describe, expect, it } from 'vitest';
import { examples, readQuestion } from '../../src/domain/question.ts';

describe('readQuestion', () => {
  it.each([
    ['logs of payment', { kind: 'logs', service: 'payment', contains: null, errorsOnly: false }],
    ['Show me the errors in CartService?', { kind: 'logs', service: 'CartService', contains: null, errorsOnly: true }],
    ['logs of payment about Timeout after', { kind: 'logs', service: 'payment', contains: 'Timeout after', errorsOnly: false }],
    ['errors', { kind: 'logs', service: null, contains: null, errorsOnly: true }],
    ['what changed', { kind: 'changes', service: null }],
    ['What changed in the cart?', { kind: 'changes', service: 'cart' }],
    ['why not catalog', { kind: 'why-not', service: 'catalog' }],
    ["why isn't it catalog?", { kind: 'why-not', service: 'catalog' }],
    ['why?', { kind: 'why', service: null }],
    ['why payment', { kind: 'why', service: 'payment' }],
    ['show trace 4bf92f3577b34da6a3ce929d0e0e4736', { kind: 'trace', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }],
    ['show trace', { kind: 'trace', traceId: null }],
    ['<@U0BOT> who calls cart?', { kind: 'callers', service: 'cart' }],
    ['what does cart call', { kind: 'callees', service: 'cart' }],
    ['who is affected', { kind: 'blast-radius', service: null }],
    ['blast radius of redis', { kind: 'blast-radius', service: 'redis' }],
    ['what is missing?', { kind: 'gaps' }],
    ['status', { kind: 'status' }],
    ['help', { kind: 'help' }],
    ['evidence e1abc9', { kind: 'evidence', evidenceId: 'e1abc9' }],
  ])('reads "%s"', (text, question) => expect(readQuestion(text)).toEqual(question));

  it.each(['', 'thanks, that was it', 'please restart payment now', 'why did the chicken cross the road'])(
    'does not pretend to understand "%s"',
    (text) => expect(readQuestion(text)).toBeNull(),
  );

  it('understands every example it offers', () => {
    for (const example of examples) expect(readQuestion(example), example).not.toBeNull();
  });

  it('reads a hostile sentence in one pass', () => {
    expect(readQuestion(`logs of ${'a '.repeat(50_000)}`)).toBeNull();
  });
});
