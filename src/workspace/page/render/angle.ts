/** What stands between `<` and `>` in mrkdwn: links, people, channels, groups, broadcasts and dates. */
import { formatDate } from './dates.ts';
import { decodeSlack, escapeHtml, link, linkTarget } from './html.ts';
import { channelName, type Lookups, personName } from './lookups.ts';

export interface Angle {
  readonly html: string;
  /** Characters taken from the text, brackets included. */
  readonly length: number;
}

/**
 * The construct at the start of `text`, or undefined when `<` is only a less-than sign.
 * A label may hold brackets of its own: `<https://x|List<String>>` is one link labelled `List<String>`,
 * and `<https://x|a < b>` one labelled `a < b`.
 */
export function angle(text: string, lookups: Lookups): Angle | undefined {
  const nested = /^<([^<>|\n]+)\|((?:[^<>\n]|<[\p{L}?][^<>\n]*>)+)>/u.exec(text);
  const found = nested ?? /^<([^<>|\n]+)(?:\|([^>\n]*))?>/.exec(text);
  if (found === null) return undefined;
  const html = meaning(found[1] ?? '', found[2], lookups);
  return html === undefined ? undefined : { html, length: found[0].length };
}

function meaning(target: string, label: string | undefined, lookups: Lookups): string | undefined {
  const sign = target[0];
  const id = target.slice(1);
  if (sign === '@') return mention(id, label, lookups);
  if (sign === '#') return channel(id, label, lookups);
  if (sign === '!') return special(id, label, lookups);
  const address = decodeSlack(target);
  const safe = linkTarget(address);
  if (safe === undefined) return undefined;
  return link(safe, escapeHtml(label === undefined || label === '' ? address.replace(/^mailto:/i, '') : decodeSlack(label)));
}

export function mention(id: string, label: string | undefined, lookups: Lookups): string {
  const name = personName(lookups, id) ?? (label === undefined ? id : decodeSlack(label).replace(/^@/, ''));
  const own = id === lookups.viewer ? ' mention-own' : '';
  return `<span class="mention${own}" data-user="${escapeHtml(id)}">@${escapeHtml(name)}</span>`;
}

export function channel(id: string, label: string | undefined, lookups: Lookups): string {
  const name = channelName(lookups, id);
  const shown = name ?? (label === undefined || label === '' ? id : decodeSlack(label).replace(/^#/, ''));
  if (name === undefined) return `<span class="mention">#${escapeHtml(shown)}</span>`;
  return `<button type="button" class="mention" data-action="open-channel" data-channel="${escapeHtml(id)}">#${escapeHtml(shown)}</button>`;
}

export function userGroup(id: string, label: string | undefined, lookups: Lookups): string {
  const name = lookups.userGroups?.find((group) => group.id === id)?.name ?? (label === undefined ? id : decodeSlack(label));
  return `<span class="mention">@${escapeHtml(name.replace(/^@/, ''))}</span>`;
}

export function broadcast(range: string): string {
  return `<span class="mention mention-own">@${escapeHtml(range)}</span>`;
}

export function dateHtml(atSeconds: number, format: string, url: string | undefined, fallback: string, lookups: Lookups): string {
  const text = formatDate(atSeconds, format, lookups);
  if (text === undefined) return escapeHtml(fallback);
  const iso = new Date(atSeconds * 1000).toISOString();
  const time = `<time datetime="${iso}" title="${iso.replace('T', ' ').replace('.000Z', ' UTC')}">${escapeHtml(text)}</time>`;
  const safe = url === undefined ? undefined : linkTarget(url);
  return safe === undefined ? time : link(safe, time);
}

function special(command: string, label: string | undefined, lookups: Lookups): string | undefined {
  if (/^(here|channel|everyone)$/.test(command)) return broadcast(command);
  const group = /^subteam\^([A-Z0-9]+)$/.exec(command);
  if (group !== null) return userGroup(group[1] ?? '', label, lookups);
  const date = /^date\^(-?\d+)\^([^^]+)(?:\^(.+))?$/.exec(command);
  if (date !== null) {
    const url = date[3] === undefined ? undefined : decodeSlack(date[3]);
    return dateHtml(Number(date[1]), decodeSlack(date[2] ?? ''), url, decodeSlack(label ?? ''), lookups);
  }
  return label === undefined ? undefined : escapeHtml(decodeSlack(label));
}
