/** No pattern of the source takes exponential time, whatever text it meets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAmbiguous } from './nested-repeats.ts';
import { patternsIn } from './patterns.ts';

const folder = join(import.meta.dirname, '..', '..', 'src');
const files = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.ts'));
const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
const patterns = files.flatMap((file) => patternsIn(file, texts.get(file) ?? ''));

/** Looked at one by one: why none of them can be walked in ways that multiply. */
const lookedAt: Readonly<Record<string, string>> = {
  'surfaces/slack/permits.ts': 'rounds are held apart by a comma, which no id holds; spaces around it cannot be letters',
  'domain/log-shape/stack-traces.ts': 'rounds end with a dot, `::` or a backslash, which no name holds; twelve at most',
  'domain/log-shape/patterns.ts': 'a quoted part begins and ends with a quote, which the other way cannot be',
  'workspace/page/render/angle.ts': '`<` begins the second way and is none of the first',
  'workspace/page/render/markdown-inline.ts':
    'brackets begin the second way and are none of the first; texts have at most 12,000 characters',
  'workspace/page/render/markdown.ts': 'a round ends with the sign that was captured, which is no space',
  'adapters/cluster-sources/kubernetes/kubernetes.ts': 'of a setting, not of outside text; a comma holds rounds apart',
  'adapters/map-sources/kiali/kiali.ts': 'of a setting, not of outside text; a comma holds rounds apart',
};

/** What they are made of is fixed, or escaped. */
const madeWhileRunning = [
  'adapters/change-sources/github/answer-cache.ts',
  'domain/baseline/failure-text.ts',
  'domain/clues.ts',
  'domain/conversation/span.ts',
  'domain/log-shape/ids.ts',
  'domain/log-shape/instants.ts',
  'domain/log-shape/patterns.ts',
  'domain/question.ts',
  'domain/redaction/headers.ts',
  'domain/redaction/named-values.ts',
  'domain/redaction/placeholder.ts',
  'domain/redaction/random-looking.ts',
  'domain/redaction/rule.ts',
  'domain/redaction/tokens.ts',
  'domain/said-verdict.ts',
  'surfaces/http/http.ts',
  'surfaces/slack/heard.ts',
] as readonly string[];

describe('the reader of patterns', () => {
  it.each([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is read, not filled in
    ["const a = /x+/g; // /no/\nconst b = '/no/'; const c = `${d / e} /no/ ${/y/.test(f)}`; /* /no/ */", ['x+', 'y']],
    ['return /[/]a/u; x = a / b / c; y = f(a)! / 2;', ['[/]a']],
    ['const n = list[0]! / 2; const m = (1 + 2) / 3 / 4; if (!/z/.test(q)) {}', ['z']],
  ])('finds %s', (text, wanted) => {
    expect(patternsIn('a.ts', text).map(({ source }) => source)).toEqual(wanted);
  });

  it('finds those of the source, and each is one', () => {
    expect(patterns.length).toBeGreaterThan(600);
    for (const { file, line, source, flags } of patterns) expect(() => new RegExp(source, flags), `${file}:${line}`).not.toThrow();
  });
});

describe('repetition inside repetition', () => {
  it.each([
    ['^(a|a)*$', true],
    ['(?:[a-z]+)*', true],
    ['(a+)+$', true],
    ['([ab]|b)+x', true],
    ['(\\w+\\s?)+$', true],
    ['x(?=(\\d+)*y)', true],
    ['(?:\\.[a-z]+)*', false],
    ['(?:[a-z]+,)*', false],
    ['(?:x{1,5}){1,3}', false],
    ['(?:a|b)*', false],
  ])('%s is ambiguous: %s', (source, is) => expect(isAmbiguous(source, '')).toBe(is));

  it('is in no pattern of the source but those that were looked at', () => {
    const ambiguous = patterns.filter(({ source, flags }) => isAmbiguous(source, flags));
    const unknown = ambiguous.filter(({ file }) => lookedAt[file] === undefined);
    expect(unknown.map(({ file, line, source }) => `${file}:${line} ${source}`)).toEqual([]);
    expect(Object.keys(lookedAt).filter((file) => !ambiguous.some((one) => one.file === file))).toEqual([]);
  });
});

describe('patterns that are made while running', () => {
  it('stand in few places', () => {
    const making = files.filter((file) => (texts.get(file) ?? '').includes('new RegExp('));
    expect(making.filter((file) => !madeWhileRunning.includes(file))).toEqual([]);
  });
});
