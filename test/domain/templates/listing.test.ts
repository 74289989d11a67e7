import { describe, expect, it } from 'vitest';
import { templatesOfLines } from '../../../src/domain/templates/listing.ts';

const lines = ['login of ann', 'cache 1 warm', 'login of bob', 'login of cyd', 'login of dan', 'login of eve', 'cache 2 warm'];

describe('templatesOfLines', () => {
  it('gives each line its final template, in order', () => {
    const rows = [...templatesOfLines(lines, true)].map((row) => JSON.parse(row) as { template: string; text: string });
    expect(rows.map((row) => row.text)).toEqual(lines.map((line) => (line.startsWith('login') ? 'login of <*>' : 'cache <*> warm')));
    expect(new Set(rows.map((row) => row.template)).size).toBe(2);
    expect(Object.keys(rows[0]!)).toEqual(['template', 'text']);
  });

  it('counts templates, most frequent first', () => {
    expect([...templatesOfLines(lines, false)]).toEqual(['5  login of <*>', '2  cache <*> warm']);
  });

  it('has nothing to say of nothing', () => {
    expect([...templatesOfLines([], true), ...templatesOfLines([], false)]).toEqual([]);
  });
});
