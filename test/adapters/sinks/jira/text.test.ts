/** Text from outside in Jira: as rich text, as wiki markup and inside JQL it stays text. */
import { describe, expect, it } from 'vitest';
import { documentOf, quoted, wikiOf } from '../../../../src/adapters/sinks/jira/text.ts';
import { adfText } from '../../../stand-ins/jira.ts';

describe('rich text', () => {
  it('has paragraphs with their lines, and lists where rows are indented', () => {
    expect(documentOf('INC-1 broken\nsince noon\n\n1. payment: error\n  for e1: it fails\n  against e2: it is slow')).toEqual({
      type: 'doc',
      version: 1,
      content: [
        {
          type: 'paragraph',
          content: [{ type: 'text', text: 'INC-1 broken' }, { type: 'hardBreak' }, { type: 'text', text: 'since noon' }],
        },
        { type: 'paragraph', content: [{ type: 'text', text: '1. payment: error' }] },
        {
          type: 'bulletList',
          content: [
            { type: 'listItem', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'for e1: it fails' }] }] },
            { type: 'listItem', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'against e2: it is slow' }] }] },
          ],
        },
      ],
    });
  });

  it.each(['', '\n\n \n', '\u0000', '  ', '\ud800 half', `${'long '.repeat(20_000)}`])(
    'is a document Jira takes whatever the text: %j',
    (text) => {
      expect(adfText(documentOf(text))).not.toBeNull();
    },
  );
});

describe('wiki markup', () => {
  it.each([
    ['{code}x{code}', '\\{code\\}x\\{code\\}'],
    ['[~admin] [x|http://evil.example]', '\\[\\~admin\\] \\[x\\|http://evil.example\\]'],
    ['!http://evil.example/a.png!', '\\!http://evil.example/a.png\\!'],
    ['h1. shout', 'h1\u200b. shout'],
    ['# first', '\\# first'],
    ['C:\\dir', 'C:&#92;dir'],
    ['see https://a.example/b_c?d=1&e=2', 'see https://a.example/b_c?d=1&e=2'],
    ['  an entry\n  another', '* an entry\n* another'],
  ])('%s stays text', (text, wiki) => {
    expect(wikiOf(text)).toBe(wiki);
  });

  it('is no longer than Jira takes', () => {
    expect(wikiOf('{'.repeat(40_000)).length).toBeLessThanOrEqual(32_767);
  });
});

it('ends no string of JQL early', () => {
  expect(quoted('a" OR labels = "b\\')).toBe('"a\\" OR labels = \\"b\\\\"');
});
