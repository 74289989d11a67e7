/** Typed text as Slack sends it on. */
import { describe, expect, it } from 'vitest';
import { createWorkspace } from '../../../src/workspace/workspace.ts';
import { plug } from '../plug.ts';

describe('what a person types', () => {
  it.each([
    ['plain words', 'plain words', [{ type: 'text', text: 'plain words' }]],
    [
      '@ana and <@U0BEN>',
      '<@U0ANA> and <@U0BEN>',
      [
        { type: 'user', user_id: 'U0ANA' },
        { type: 'text', text: ' and ' },
        { type: 'user', user_id: 'U0BEN' },
      ],
    ],
    ['a < b && c > d', 'a &lt; b &amp;&amp; c &gt; d', [{ type: 'text', text: 'a < b && c > d' }]],
    [
      'see https://x.io?a=1&b=2 now',
      'see <https://x.io?a=1&amp;b=2> now',
      [
        { type: 'text', text: 'see ' },
        { type: 'link', url: 'https://x.io?a=1&b=2' },
        { type: 'text', text: ' now' },
      ],
    ],
    ['mail ana@example.com, @nobody', 'mail ana@example.com, @nobody', [{ type: 'text', text: 'mail ana@example.com, @nobody' }]],
    ['<@U0NOBODY> <b>', '&lt;@U0NOBODY&gt; &lt;b&gt;', [{ type: 'text', text: '<@U0NOBODY> <b>' }]],
    ['(@ana, @ben.) https://x.io/a).', '(<@U0ANA>, <@U0BEN>.) <https://x.io/a>).', expect.arrayContaining([{ type: 'text', text: ').' }])],
    ['12:01:12 *x* `y`', '12:01:12 *x* `y`', [{ type: 'text', text: '12:01:12 *x* `y`' }]],
  ])('%j', (typed, text, elements) => {
    const message = createWorkspace().say({ user: 'ana', channel: 'debug', text: typed });
    expect(message.text).toBe(text);
    expect(message.blocks).toMatchObject([{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }]);
  });

  it('is escaped in commands too', async () => {
    const workspace = createWorkspace();
    const socket = plug(workspace);
    await workspace.command('ana', { channel: 'debug' }, '/tracepulse investigate <a> & @ben, ben@x.io');
    expect(socket.payloads()[0]).toMatchObject({ text: 'investigate &lt;a&gt; &amp; <@U0BEN|ben>, ben@x.io' });
  });
});
