import { describe, expect, it } from 'vitest';
import { jsonDepth, jsonStretches } from '../../src/domain/json-text.ts';

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
  ])('%j is %d deep', (text, depth) => expect(jsonDepth(new TextEncoder().encode(text))).toBe(depth));
});
