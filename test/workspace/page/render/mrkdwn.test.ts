import { describe, expect, it } from 'vitest';
import { renderMrkdwn, renderPlain } from '../../../../src/workspace/page/render/mrkdwn.ts';

const lookups = {
  people: [{ id: 'U1', name: 'ana' }],
  channels: [{ id: 'C1', name: 'debug' }],
  timeZone: 'UTC',
  now: Date.UTC(2014, 1, 19, 8),
  viewer: 'U1',
};
const a = (url: string, label: string): string => `<a href="${url}" target="_blank" rel="noopener noreferrer">${label}</a>`;
const fire = '<span class="emoji" role="img" aria-label="fire" title=":fire:">🔥</span>';

describe('renderMrkdwn', () => {
  it.each([
    ['12:01:12'],
    ['host:8080:tcp'],
    [':unknown:'],
    ['2*3*4'],
    ['~10% of ~20'],
    ['snake_case_name and _half'],
    ['* spaced *'],
    ['a * b * c'],
    ['f(x)=a*b* c'],
    ['x_1_ and 5~6~ '],
    ['x:100:y'],
    ['``'],
    ['```'],
  ])('leaves %s as it is', (text) => expect(renderMrkdwn(text, lookups)).toBe(text));

  it.each([
    { name: 'bold, italic and struck words', text: '*a* _b_ ~c~', html: '<b>a</b> <i>b</i> <s>c</s>' },
    { name: 'emphasis inside emphasis', text: '*a _b_*', html: '<b>a <i>b</i></b>' },
    { name: 'an unpaired mark inside a pair as text', text: '*a _b* c_', html: '<b>a _b</b> c_' },
    { name: 'code without looking into it', text: '`*x* :fire:`', html: '<code>*x* :fire:</code>' },
    { name: 'a fence without looking into it', text: '```\n*x*\n~y~\n```', html: '<pre class="code-block"><code>*x*\n~y~</code></pre>' },
    { name: 'text around a fence', text: 'a\n```b```\nc', html: 'a<pre class="code-block"><code>b</code></pre>c' },
    { name: 'a fence without an end as text', text: '```a *b*', html: '```a <b>b</b>' },
    { name: 'an emoji it knows', text: 'on :fire:', html: `on ${fire}` },
    { name: 'an emoji between emphasised words', text: '*a*:fire:*b*', html: `<b>a</b>${fire}<b>b</b>` },
    { name: 'a link with a label', text: '<https://x.y/a_b|the *log*>', html: a('https://x.y/a_b', 'the *log*') },
    { name: 'a link whose label holds angle brackets', text: '<https://x|List<String>>', html: a('https://x', 'List&lt;String&gt;') },
    { name: 'a link whose label holds a less-than sign', text: '<https://x|a < b> c', html: `${a('https://x', 'a &lt; b')} c` },
    { name: 'a label that was escaped', text: '<https://x|a &lt; b>', html: a('https://x', 'a &lt; b') },
    { name: 'a bold link', text: '*<https://x|l>*', html: `<b>${a('https://x', 'l')}</b>` },
    {
      name: 'a bare link without the full stop',
      text: 'see https://x.y/c_d_e.',
      html: `see ${a('https://x.y/c_d_e', 'https://x.y/c_d_e')}.`,
    },
    {
      name: 'a bare link in brackets',
      text: '(https://x.y/a?b=1&amp;c=2)',
      html: `(${a('https://x.y/a?b=1&amp;c=2', 'https://x.y/a?b=1&amp;c=2')})`,
    },
    { name: 'a mail address', text: '<mailto:a@b.c>', html: a('mailto:a@b.c', 'a@b.c') },
    { name: 'no script link', text: '<javascript:alert(1)|x>', html: '&lt;javascript:alert(1)|x&gt;' },
    { name: 'no data link', text: '<data:text/html,x|x>', html: '&lt;data:text/html,x|x&gt;' },
    { name: 'a less-than sign', text: 'a < b && c > d', html: 'a &lt; b &amp;&amp; c &gt; d' },
    { name: 'HTML as text', text: '<script>x</script>', html: '&lt;script&gt;x&lt;/script&gt;' },
    { name: 'exactly the three entities', text: '&lt;b&gt; &amp;amp; &nbsp;', html: '&lt;b&gt; &amp;amp; &amp;nbsp;' },
    { name: 'a mention of the reader', text: '<@U1>', html: '<span class="mention mention-own" data-user="U1">@ana</span>' },
    { name: 'a stranger by label', text: '<@U9|bob>', html: '<span class="mention" data-user="U9">@bob</span>' },
    {
      name: 'a channel as a way there',
      text: '<#C1|old>',
      html: '<button type="button" class="mention" data-action="open-channel" data-channel="C1">#debug</button>',
    },
    { name: 'a broadcast', text: '<!here>', html: '<span class="mention mention-own">@here</span>' },
    { name: 'a group', text: '<!subteam^S1|@oncall>', html: '<span class="mention">@oncall</span>' },
    { name: 'quoted lines', text: 'a\n> b\n&gt; c\nd', html: 'a<blockquote>b<br>c</blockquote>d' },
    { name: 'a quote to the end', text: '>>> a\nb', html: '<blockquote>a<br>b</blockquote>' },
    { name: 'right-to-left text', text: '*שלום* :fire:', html: `<b>שלום</b> ${fire}` },
  ])('shows $name', ({ text, html }) => expect(renderMrkdwn(text, lookups)).toBe(html));

  it.each([
    ['{date_num} {time_secs}', '2014-02-18 14:39:42'],
    ['{date}, {time}', 'February 18th, 2014, 14:39'],
    ['{date_short} / {date_long}', 'Feb 18, 2014 / Tuesday, February 18th, 2014'],
    ['{date_pretty} {ago}', 'yesterday 17 hours ago'],
  ])('writes a date as %s', (format, words) => {
    const html = renderMrkdwn(`<!date^1392734382^${format}|then>`, lookups);
    expect(html).toBe(`<time datetime="2014-02-18T14:39:42.000Z" title="2014-02-18 14:39:42 UTC">${words}</time>`);
  });

  it("writes a date in the reader's zone", () => {
    expect(renderMrkdwn('<!date^1392734382^{date_num} {time}|then>', { timeZone: 'Asia/Tokyo' })).toContain('>2014-02-18 23:39<');
  });

  it('falls back where a date has a token it does not know', () => {
    expect(renderMrkdwn('<!date^1392734382^{fortnight}|some *day*>', lookups)).toBe('some *day*');
  });

  it('stays quick on 40,000 characters that nearly are markup', () => {
    const html = renderMrkdwn('<*_~:'.repeat(8_000), lookups);
    expect(html.match(/&lt;/g)).toHaveLength(8_000);
  });

  it('makes nothing of a bare address where the sender asked for the text as it stands, and all of what is marked up', () => {
    const text = 'see *https://x.y/a_b_c* or <https://x.y|the log> in `code`';
    expect(renderMrkdwn(text, {}, true)).toBe(`see <b>https://x.y/a_b_c</b> or ${a('https://x.y', 'the log')} in <code>code</code>`);
  });
});

describe('renderPlain', () => {
  it('knows emoji and line ends, and no markup', () =>
    expect(renderPlain('*a* :fire:\n12:01:12 <b>', true)).toBe(`*a* ${fire}<br>12:01:12 &lt;b&gt;`));
  it('leaves emoji names alone when asked', () => expect(renderPlain(':fire:', false)).toBe(':fire:'));
});
