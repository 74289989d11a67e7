/** The rules over every format in every place. The same cases go through the whole product in the test of the doors. */
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/domain/redact.ts';
import { corpus, leaked } from './corpus.ts';
import { createMaker, alphanumeric, base64Signs } from './made.ts';
import { ordinaryLines } from './ordinary-lines.ts';

const { redact } = createRedactor({ key: 'test' });

describe('the corpus', () => {
  it('has secrets enough, of formats enough, in places enough', () => {
    const cases = corpus();
    expect(cases.flatMap(({ secrets }) => secrets).length).toBeGreaterThanOrEqual(600);
    expect(new Set(cases.map(({ format }) => format)).size).toBeGreaterThanOrEqual(25);
    expect(new Set(cases.map(({ place }) => place)).size).toBeGreaterThanOrEqual(10);
    for (const planted of cases) expect(leaked(planted.line, planted)).toEqual(planted.secrets);
  });

  it.each([7, 8, 9])('leaks nothing, made from seed %d', (seed) => {
    const leaks = corpus(seed).flatMap((planted) =>
      leaked(redact(planted.line).text, planted).map((secret) => `${planted.format} in ${planted.place}: ${secret}`),
    );
    expect(leaks).toEqual([]);
  });

  it('keeps the mark, and JSON well-formed', () => {
    for (const { line, mark } of corpus()) {
      const { text } = redact(line);
      expect(text).toContain(mark);
      if (line.startsWith('{')) expect(() => JSON.parse(text)).not.toThrow();
    }
  });

  it('changes nothing the second time', () => {
    for (const { line } of corpus()) {
      const once = redact(line).text;
      expect(redact(once)).toEqual({ text: once, count: 0 });
    }
  });
});

describe('beginnings of tokens at the cut of a line', () => {
  const begun = [`gh${'p'}_aB3dE6gH`, `xox${'b'}-1234-56`, `sk${'_live'}_4eC39H`, 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOi'];
  it.each(begun)('hides %s', (token) => {
    for (const line of [`using ${token}`, `using ${token}…`, `using ${token}\nnext`])
      expect(redact(line).text).not.toContain(token.slice(4));
  });
});

describe('what looks random', () => {
  const { some } = createMaker(11);
  const keys = (alphabet: string, length: number) => Array.from({ length: 500 }, () => some(alphabet, length));
  it('finds nearly all keys drawn at random', () => {
    const found = [...keys(alphanumeric, 40), ...keys(base64Signs, 44)].filter((key) => redact(`using ${key} now`).count > 0).length;
    console.log(`redaction: ${found} of 1000 random keys of unknown kinds found`);
    expect(found).toBeGreaterThan(980);
  });
});

describe('ordinary lines', () => {
  it('are left alone, nearly all', () => {
    const lines = ordinaryLines();
    const changed = lines.filter((line) => redact(line).count > 0).length;
    console.log(`redaction: ${changed} of ${lines.length} ordinary lines changed`);
    expect(changed / lines.length).toBeLessThan(0.01);
  });
});
