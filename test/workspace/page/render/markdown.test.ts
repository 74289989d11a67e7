import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../../src/workspace/page/render/markdown.ts';

const a = (url: string, label: string): string => `<a href="${url}" target="_blank" rel="noopener noreferrer">${label}</a>`;

describe('renderMarkdown', () => {
  it.each([
    {
      name: 'headings without a gap between their levels',
      text: '## Cause\n#### Why\n## Else',
      html: '<h3 class="md-heading">Cause</h3><h4 class="md-heading">Why</h4><h3 class="md-heading">Else</h3>',
    },
    { name: 'a paragraph with its line ends', text: 'a\nb\n\nc', html: '<p>a<br>b</p><p>c</p>' },
    { name: 'emphasis', text: '**a** *b* __c__ _d_ ~~e~~', html: '<p><b>a</b> <i>b</i> <b>c</b> <i>d</i> <s>e</s></p>' },
    { name: 'no emphasis inside words', text: '2*3*4 snake_case_name ~10% of ~20', html: '<p>2*3*4 snake_case_name ~10% of ~20</p>' },
    { name: 'code', text: 'run `a *b*`', html: '<p>run <code>a *b*</code></p>' },
    {
      name: 'a fence with its language',
      text: '```js\na < b\n\n# no\n```',
      html: '<pre class="code-block" data-language="js"><code>a &lt; b\n\n# no</code></pre>',
    },
    { name: 'a fence that the model never closed', text: '```\na', html: '<pre class="code-block"><code>a</code></pre>' },
    { name: 'a list', text: '- a\n- **b**', html: '<ul><li>a</li><li><b>b</b></li></ul>' },
    { name: 'a list in a list', text: '1. a\n   - b\n2. c', html: '<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>' },
    { name: 'a list that starts late', text: '3. a', html: '<ol start="3"><li>a</li></ol>' },
    { name: 'a task list', text: '- [x] a', html: '<ul><li><span class="task-box" role="img" aria-label="done">☑</span> a</li></ul>' },
    { name: 'a quote', text: '> a\n> - b', html: '<blockquote><p>a</p><ul><li>b</li></ul></blockquote>' },
    { name: 'a rule', text: 'a\n\n---', html: '<p>a</p><hr>' },
    { name: 'a link', text: '[the **log**](https://x.y/a_(b))', html: `<p>${a('https://x.y/a_(b)', 'the <b>log</b>')}</p>` },
    { name: 'no script link', text: '[x](javascript:alert(1))', html: '<p>x (javascript:alert(1))</p>' },
    { name: 'a picture elsewhere as a link', text: '![map](https://x/y.png)', html: `<p>${a('https://x/y.png', 'map')}</p>` },
    { name: 'a picture of its own', text: '![map](/chat/files/F1)', html: '<p><img src="/chat/files/F1" alt="map" loading="lazy"></p>' },
    { name: 'HTML as text', text: '<b onclick=x>a</b>', html: '<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>' },
    { name: 'an escaped mark', text: '\\*a\\*', html: '<p>*a*</p>' },
    { name: 'times and ports', text: 'at 12:01:12 on host:8080:tcp', html: '<p>at 12:01:12 on host:8080:tcp</p>' },
  ])('shows $name', ({ text, html }) => expect(renderMarkdown(text)).toBe(html));

  it('shows a table with its alignments', () => {
    const html = renderMarkdown('| a | b |\n|---|--:|\n| 1 | x\\|y |');
    expect(html).toContain('<th scope="col" class="align-left">a</th><th scope="col" class="align-right">b</th>');
    expect(html).toContain('<td class="align-left">1</td><td class="align-right">x|y</td>');
  });

  it('survives a thousand quote marks', () => expect(renderMarkdown('>'.repeat(1_000))).toContain('&gt;&gt;'));
});
