import { describe, expect, it } from 'vitest';
import { gradeOf, Lexicon, maskOperation } from '../../../src/domain/baseline/lexicon.ts';
import type { TelemetryWindow } from '../../../src/domain/telemetry.ts';

/** Only the text of templates matters here. */
const windowWith = (texts: readonly string[]): TelemetryWindow =>
  ({ templateText: (n: number) => texts[n] ?? '' }) as unknown as TelemetryWindow;

describe('the name of a template', () => {
  it('stays what it was first met by while its text generalises', () => {
    const lexicon = new Lexicon();
    const name = lexicon.template(windowWith(['user alice logged in']), 0);
    expect(lexicon.template(windowWith(['user <*> logged in']), 0)).toBe(name);
    expect(lexicon.templateText(name)).toBe('user alice logged in');
  });

  it('is found again after a restart by the text it had last, whatever its number is then', () => {
    const before = new Lexicon();
    const first = windowWith(['user alice logged in']);
    const name = before.template(first, 0);
    before.refresh(windowWith(['user <*> logged in']));
    const after = new Lexicon(before.names);
    for (const [text, id] of before.templates()) after.alias(text, id);
    expect(after.template(windowWith(['other', 'user <*> logged in']), 1)).toBe(name);
  });
});

describe('maskOperation', () => {
  it.each([
    ['/orders/8f14e45fceea167a/items/7', '/orders/*/items/*'],
    ['/orders/{orderId}', '/orders/*'],
    ['/api/v1/users/id/1234?full=1', '/api/v1/users/id/*'],
    ['cart.CartService/GetCart', 'cart.CartService/GetCart'],
    ['SELECT orders', 'SELECT orders'],
  ])('%s → %s', (operation, masked) => expect(maskOperation(operation)).toBe(masked));
});

describe('gradeOf', () => {
  it.each([
    [17, 'all is well', 'E'],
    [13, 'failed', 'W'],
    [9, 'connection refused', 'I'],
    [0, 'java.lang.IllegalStateException at', 'E'],
    [0, 'loaded 3 entries', 'I'],
  ] as const)('severity %i of "%s" is %s', (severity, text, grade) => expect(gradeOf(severity, text)).toBe(grade));
});
