import { describe, expect, it } from 'vitest';
import { problemOf, runtimeProblem } from '../src/runtime.ts';

const able = { undici: { ping: () => {} }, sqlite: { DatabaseSync: class {} }, name: 'Bun 1.4.5' };

describe('runtimeProblem', () => {
  it('has nothing to say of a runtime the tests run on', () => expect(runtimeProblem()).toBeNull());
});

describe('problemOf', () => {
  it.each([
    { name: 'an able runtime', seen: able, problem: null },
    {
      name: 'undici as a built-in without ping',
      seen: { ...able, undici: {}, name: 'Bun 1.4.3' },
      problem: /^Bun 1\.4\.3 .*undici\.ping.*needs Bun 1\.4\.5/,
    },
    { name: 'no undici', seen: { ...able, undici: null }, problem: /undici\.ping/ },
    { name: 'no node:sqlite', seen: { ...able, sqlite: null, name: 'Node 20.20.2' }, problem: /^Node 20\.20\.2 has no node:sqlite/ },
  ])('judges $name', ({ seen, problem }) => {
    if (problem === null) expect(problemOf(seen)).toBeNull();
    else expect(problemOf(seen)).toMatch(problem);
  });
});
