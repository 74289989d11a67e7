/** Texts, options and rich text, of which blocks of every kind are made. */
export const plain = (text: string) => ({ type: 'plain_text', text, emoji: true });
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
export const option = (value: string, text = value) => ({ text: plain(text), value });
export const rich = (text: string, style = {}) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text, style }] }],
});
