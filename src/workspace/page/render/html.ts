/** The three gates between outside text and the page: escaping, which links may be followed, which pictures may be loaded. */
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Slack escapes exactly these three; anything else is text (`&nbsp;` is five letters and a semicolon). */
export function decodeSlack(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: string) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '>'));
}

/** The address itself when it may be a link, else undefined. `javascript:`, `data:` and relative addresses are never links. */
export function linkTarget(url: string): string | undefined {
  return /^(https?:\/\/|mailto:)[^\s\p{Cc}]+$/iu.test(url) ? url : undefined;
}

/** Pictures come from the workspace itself or from the message; the page never asks another host for anything. */
export function pictureSource(url: string): string | undefined {
  if (/^\/(?!\/)[^\s\\]*$/.test(url)) return url;
  return /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/.test(url) ? url : undefined;
}

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** ` name="value"` for each one set; `true` stands for the bare attribute, `false` and `undefined` for none. */
export function attributes(values: Attributes): string {
  let out = '';
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === false) continue;
    out += value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`;
  }
  return out;
}

export function link(url: string, labelHtml: string, extra: Attributes = {}): string {
  return `<a${attributes({ href: url, target: '_blank', rel: 'noopener noreferrer', ...extra })}>${labelHtml}</a>`;
}
