import { describe, expect, it } from 'vitest';
import { bold, code, escaped, escapedRows, instant, link, personText, plainLine } from '../../src/domain/mrkdwn.ts';

describe('escaped', () => {
  it.each([
    ['<!channel> & <@U1>', '&lt;!channel&gt; &amp; &lt;@U1&gt;'],
    ['two\nlines\r\n\tand\u0000more\u2028here', 'two lines and more here'],
    ['12:01:12 host:8080:tcp 2*3*4', '12:01:12 host:8080:tcp 2*3*4'],
    ['"<*> of <*>" `x` ~y~ _z_', '"&lt;∗&gt; of &lt;∗&gt;" \'x\' ∼y∼ ˍzˍ'],
    ['ts_order__v2 a~b', 'ts_order__v2 a~b'],
    ['a\u202eb\u2066c', 'abc'],
    ['half \ud83d pair', 'half \ufffd pair'],
    ['', ''],
  ])('makes %j harmless', (text, shown) => {
    expect(escaped(text, 200)).toBe(shown);
  });

  it('isolates right-to-left text from what stands around it', () => {
    expect(escaped('שלום', 50)).toBe('\u2068שלום\u2069');
  });

  it('never exceeds its space and never cuts an entity, an emoji or an accent in halves', () => {
    const family = '👩‍👩‍👧‍👦';
    for (const text of ['&'.repeat(50), family.repeat(20), 'e\u0301'.repeat(60), '<b>'.repeat(30)]) {
      for (let max = 2; max < 60; max++) {
        const shown = escaped(text, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(shown.endsWith('…')).toBe(true);
        expect(shown.slice(0, -1)).toMatch(new RegExp(`^(?:&amp;|&lt;|&gt;|b|e\u0301|${family})*$`, 'u'));
      }
    }
  });

  it('shows that much more was there', () => {
    expect(escaped(`${' '.repeat(5_000)}tail`, 10)).toContain('…');
  });
});

describe('link', () => {
  it('links web addresses only', () => {
    expect(link('https://a.example/x?b=1&c=2', 'x')).toBe('<https://a.example/x?b=1&amp;c=2|x>');
    for (const url of [null, 'javascript:alert(1)', 'https://a b', 'https://a|b', 'https://a>b', `https://a.example/${'x'.repeat(1_000)}`])
      expect(link(url, 'x')).toBe('x');
  });
  it('keeps a bar in a label from ending it', () => {
    expect(link('https://a.example', 'a|b')).toBe('<https://a.example|a¦b>');
  });
});

describe('escapedRows', () => {
  it('keeps rows apart and cannot end the fence it stands in', () => {
    expect(escapedRows(['a <b>', '```', 'c\nd'], 100)).toBe("a &lt;b&gt;\n'''\nc d");
  });
  it('says how many rows found no room', () => {
    expect(escapedRows(['aaaa', 'bbbb', 'cccc'], 10)).toBe('aaaa\nbbbb\n… 1 more');
  });
});

describe('small marks', () => {
  it('cannot be ended from inside', () => {
    expect(bold('a*b')).toBe('*a∗b*');
    expect(code('a`b')).toBe("`a'b`");
    expect(plainLine('<a> b\nc', 20)).toBe('‹a› b c');
    expect(plainLine('abcdefgh', 5)).toBe('abcd…');
  });
  it('shows instants in the reader’s zone with UTC to fall back on', () => {
    expect(instant(Date.parse('2026-11-25T10:02:00Z'))).toBe(
      '<!date^1795600920^{date_short_pretty} at {time_secs}|2026-11-25 10:02:00 UTC>',
    );
  });
  it('mentions only people of Slack', () => {
    expect(personText('slack:U024BE7LH')).toBe('<@U024BE7LH>');
    expect(personText('slack:U1> <!here>')).toBe('slack:U1&gt; &lt;!here&gt;');
    expect(personText('api:ci')).toBe('api:ci');
  });
});
