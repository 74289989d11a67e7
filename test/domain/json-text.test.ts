import { describe, expect, it } from 'vitest';
import { isCrowded, isDeeperThan, jsonDepth, jsonStretches } from '../../src/domain/json-text.ts';

describe('JSON as it comes in', () => {
  it.each([
    ['{"a":1}{"a":2}', ['{"a":1}', '{"a":2}']],
    ['{"a":1}\n{"a":2}\r\n', ['{"a":1}', '{"a":2}']],
    [' [1] , {"a":"}{"} ', ['[1]', '{"a":"}{"}']],
    ['{"a":"\\"}"}{}', ['{"a":"\\"}"}', '{}']],
    ['7\ntext {"a":1}', ['7', 'text ', '{"a":1}']],
    ['{"a":', ['{"a":']],
    ['', []],
    [' \n\t', []],
    ['}}', ['}}']],
  ])('%j holds %j', (text, stretches) => expect([...jsonStretches(text)]).toEqual(stretches));

  it.each([
    ['7', 0],
    ['{"a":[1]}', 2],
    ['"[[["', 0],
    ['{"a":"\\"[["}', 1],
    ['[[[', 3],
    ['{"a\\\\":"["}', 1],
    ['"', 0],
    ['"\\', 0],
    ['[{"a":[[1],[2]]},{}]', 4],
    [`[${'[],'.repeat(100)}[]]`, 2],
    [`["${'[{'.repeat(100)}"]`, 1],
    [`${'[{"a":'.repeat(100)}1`, 200],
  ])('%j is %d deep, and no deeper', (text, depth) => {
    const body = new TextEncoder().encode(text);
    expect(jsonDepth(body)).toBe(depth);
    expect(isDeeperThan(depth, body)).toBe(false);
    if (depth > 0) expect(isDeeperThan(depth - 1, body)).toBe(true);
  });

  it.each([
    {
      what: 'a hundred alerts',
      text: JSON.stringify(Array(100).fill({ labels: { alertname: 'ErrorsHigh', service: 'cart' }, annotations: { summary: 'Too many' } })),
      crowded: false,
    },
    { what: 'nothing but brackets', text: '['.repeat(200), crowded: true },
    { what: 'brackets behind a long text', text: `["${'a'.repeat(7_000)}",${'{"a":'.repeat(200)}`, crowded: false },
    { what: 'as many behind a short one', text: `["${'a'.repeat(1_000)}",${'{"a":'.repeat(200)}`, crowded: true },
  ])('$what: crowded $crowded', ({ text, crowded }) => expect(isCrowded(new TextEncoder().encode(text))).toBe(crowded));
});
