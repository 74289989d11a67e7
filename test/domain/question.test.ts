import { describe, expect, it } from 'vitest';
import { examples, examplesFor, readQuestion } from '../../src/domain/question.ts';

const errors = { kind: 'logs', service: null, contains: null, errorsOnly: true };

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
    ['metrics of payment', { kind: 'metrics', service: 'payment' }],
    ['How is the CartService doing?', { kind: 'metrics', service: 'CartService' }],
    ['show diff of payment', { kind: 'diff', service: 'payment' }],
    ['which lines changed', { kind: 'diff', service: null }],
    ['earlier incidents', { kind: 'similar' }],
    ['Has this happened before?', { kind: 'similar' }],
    ['map around cart', { kind: 'around', service: 'cart' }],
    ['what incidents are open right now?', { kind: 'status' }],
    ['ask again', { kind: 'again', service: null }],
    ['errors in payment in the last 30 minutes', { ...errors, service: 'payment', span: { kind: 'last', ms: 1_800_000 } }],
    ['errors in the last hour', { ...errors, span: { kind: 'last', ms: 3_600_000 } }],
    ['latency of cart from 10:00 to 10:20', { kind: 'metrics', service: 'cart', span: { kind: 'clock', from: '10:00', to: '10:20' } }],
    ['what changed in cart since 9:30', { kind: 'changes', service: 'cart', span: { kind: 'clock', from: '9:30', to: null } }],
    ['look again 20 minutes before the alert', { kind: 'again', service: null, span: { kind: 'before', ms: 1_200_000 } }],
    ['evidence e1abc9', { kind: 'evidence', evidenceId: 'e1abc9' }],
  ])('reads "%s"', (text, question) => expect(readQuestion(text)).toEqual(question));

  it.each(['', 'thanks, that was it', 'please restart payment now', 'why did the chicken cross the road'])(
    'does not pretend to understand "%s"',
    (text) => expect(readQuestion(text)).toBeNull(),
  );

  it('understands every example it offers', () => {
    for (const example of examples) expect(readQuestion(example), example).not.toBeNull();
  });

  it('offers them with services that are there, and understands those too', () => {
    const offered = examplesFor(['tariffs', 'CartService', 'desk']);
    expect(offered).toContain('why not desk');
    expect(offered.join()).not.toMatch(/payment|\bcart\b|catalog/);
    for (const example of offered) expect(readQuestion(example), example).not.toBeNull();
    expect(examplesFor([])).toEqual([...examples]);
    expect(examplesFor(['tariffs'])).toContain('who calls tariffs');
  });

  it('reads a hostile sentence in one pass', () => {
    expect(readQuestion(`logs of ${'a '.repeat(50_000)}`)).toBeNull();
  });
});
