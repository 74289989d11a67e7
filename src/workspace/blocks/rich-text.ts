/** rich_text: what Slack's own composer writes. Shapes: @slack/types 3.2.0. */
import { byType, type Check, list, number, oneOf, shape, text, truth } from './check.ts';

const style = shape({
  optional: {
    bold: truth,
    italic: truth,
    strike: truth,
    code: truth,
    underline: truth,
    highlight: truth,
    client_highlight: truth,
    unlink: truth,
  },
});
const id = text(1, 255);
const styled = (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  shape({ required, optional: { ...optional, style } });
const written = text(0, 40_000);

const inline = byType({
  text: styled({ text: written }),
  link: styled({ url: text(1, 3_000) }, { text: written, unsafe: truth }),
  emoji: styled({ name: text(1, 255) }, { unicode: text(1, 255), url: text(1, 3_000), skin_tone: number(1, 6) }),
  user: styled({ user_id: id }),
  usergroup: styled({ usergroup_id: id }),
  channel: styled({ channel_id: id }),
  team: styled({ team_id: id }),
  broadcast: styled({ range: oneOf('here', 'channel', 'everyone') }),
  date: styled({ timestamp: number(0, 99_999_999_999), format: text(1, 255) }, { url: text(1, 3_000), fallback: text(0, 3_000) }),
  color: styled({ value: text(1, 20) }),
});

const border = number(0, 1);
const inlines = list(inline, 0, 10_000);
const section = shape({ required: { elements: inlines } });

export const richText: Check = byType({
  rich_text: shape({
    required: {
      elements: list(
        byType({
          rich_text_section: section,
          rich_text_list: shape({
            required: { elements: list(byType({ rich_text_section: section }), 1, 10_000), style: oneOf('bullet', 'ordered') },
            optional: { indent: number(0, 8), offset: number(0, 1_000_000), border },
          }),
          rich_text_quote: shape({ required: { elements: inlines }, optional: { border } }),
          rich_text_preformatted: shape({ required: { elements: inlines }, optional: { border, language: text(1, 100) } }),
        }),
        1,
        10_000,
      ),
    },
    optional: { block_id: text(0, 255) },
  }),
});
