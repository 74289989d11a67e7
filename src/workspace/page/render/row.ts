/** One message as a row of a channel or thread: who, when, what, and what can be done with it. */
import { clock } from './dates.ts';
import { emojiCharacter, emojiHtml } from './emoji.ts';
import { attributes, escapeHtml } from './html.ts';
import { type Lookups, personName } from './lookups.ts';
import { renderMessageBody } from './message.ts';
import type { PageMessage, PageShortcut } from '../wire.ts';

export interface RowPlace {
  readonly lookups: Lookups;
  readonly surface: 'channel' | 'thread';
  /** Whether it continues the row above: same person, within minutes. */
  readonly isContinued: boolean;
  readonly messageShortcuts: readonly PageShortcut[];
}

export function renderRow(message: PageMessage, place: RowPlace): string {
  const id = `${place.surface}-${message.channel}-${message.ts.replace('.', '-')}`;
  const atMs = Number(message.ts) * 1000;
  const iso = new Date(atMs).toISOString();
  const time = `<time class="row-time" datetime="${iso}" title="${iso.replace('T', ' ').slice(0, 19)} UTC">${clock(atMs, place.lookups.timeZone)}</time>`;
  const badge = message.isBot ? '<span class="badge">App</span>' : '';
  const notes = [
    message.isEdited && !message.isBot ? '<span class="row-note">(edited)</span>' : '',
    message.isStreaming
      ? '<span class="row-note writing">writing…</span> <button type="button" class="button quiet" data-action="stop-stream">Stop</button>'
      : '',
  ].join('');
  const only = message.isEphemeral ? '<div class="row-only"><span aria-hidden="true">◌</span> Only visible to you</div>' : '';
  const also = message.isBroadcast && place.surface === 'channel' ? '<div class="row-only">Also sent in a thread</div>' : '';
  const head = place.isContinued
    ? `<div class="row-gutter" aria-hidden="true">${clock(atMs, place.lookups.timeZone)}</div><div class="row-content"><span class="visually-hidden">${escapeHtml(message.name)}, ${time}</span>`
    : `${avatar(message.name, message.isOurs, message.user)}<div class="row-content"><div class="row-head"><b class="row-name">${escapeHtml(message.name)}</b>${badge}${time}${notes}</div>`;
  const body = renderMessageBody(
    { text: message.text, blocks: message.blocks, attachments: message.attachments, files: message.files },
    { ...place.lookups, idPrefix: id, headingLevel: place.surface === 'thread' ? 3 : 2 },
  );
  const own = attributes({
    id,
    class: `row${place.isContinued ? ' continued' : ''}${message.isEphemeral ? ' ephemeral' : ''}`,
    'data-channel': message.channel,
    'data-ts': message.ts,
    'data-user': message.user,
    'data-surface': 'message',
    tabindex: -1,
  });
  return `<li${own}>${only}${also}${head}<div class="row-body">${body}</div>${reactions(message, place.lookups)}${threadLink(message, place)}</div>${tools(message, place, id)}</li>`;
}

/** A person's sign: their first letter on a colour of their own. The app has a sign, not a letter. */
function avatar(name: string, isApp: boolean, id: string): string {
  if (isApp) {
    return '<span class="avatar avatar-app" aria-hidden="true"><svg viewBox="0 0 24 24"><path d="M2 13h5l2.5-7 4.5 13 3-8 1 2h4"/></svg></span>';
  }
  const hue = [...id].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 997, 7) % 8;
  return `<span class="avatar avatar-${hue}" aria-hidden="true">${escapeHtml([...name][0]?.toUpperCase() ?? '?')}</span>`;
}

function reactions(message: PageMessage, lookups: Lookups): string {
  if (message.reactions.length === 0) return '';
  const each = message.reactions.map((reaction) => {
    const isMine = lookups.viewer !== undefined && reaction.users.includes(lookups.viewer);
    const names = reaction.users.map((user) => personName(lookups, user) ?? user).join(', ');
    const character = emojiCharacter(reaction.name);
    const sign = character === undefined ? escapeHtml(`:${reaction.name}:`) : emojiHtml(reaction.name, character);
    const own = attributes({ 'aria-pressed': isMine ? 'true' : 'false', 'data-name': reaction.name, title: names });
    return `<button type="button" class="reaction" data-action="react"${own}>${sign} <span>${reaction.users.length}</span></button>`;
  });
  return `<div class="reactions">${each.join('')}</div>`;
}

function threadLink(message: PageMessage, place: RowPlace): string {
  if (place.surface === 'thread' || message.replies === null) return '';
  const { count, users, lastTs } = message.replies;
  const faces = users
    .slice(0, 4)
    .map((user) => `<span class="face">${escapeHtml([...(personName(place.lookups, user) ?? '?')][0]?.toUpperCase() ?? '?')}</span>`);
  const words = `${count} ${count === 1 ? 'reply' : 'replies'}`;
  return `<button type="button" class="thread-link" data-action="open-thread"><span class="faces" aria-hidden="true">${faces.join('')}</span><b>${words}</b> <span class="row-note">last at ${clock(Number(lastTs) * 1000, place.lookups.timeZone)}</span></button>`;
}

function tools(message: PageMessage, place: RowPlace, id: string): string {
  if (message.isEphemeral) {
    return '<div class="tools" role="group" aria-label="Message actions"><button type="button" class="tool" data-action="dismiss">Dismiss</button></div>';
  }
  const reply =
    place.surface === 'channel'
      ? '<button type="button" class="tool" data-action="open-thread" aria-label="Reply in thread">Reply</button>'
      : '';
  const react = [
    ['+1', '👍'],
    ['eyes', '👀'],
  ].map(
    ([name, sign]) =>
      `<button type="button" class="tool" data-action="react" data-name="${name}" aria-label="React with ${name}">${sign}</button>`,
  );
  const entries = place.messageShortcuts.map(
    (shortcut) =>
      `<button type="button" role="menuitem" tabindex="-1" class="menu-entry" data-action="message-shortcut" data-callback="${escapeHtml(shortcut.callbackId)}">${escapeHtml(shortcut.name)}<small>${escapeHtml(shortcut.description)}</small></button>`,
  );
  const more =
    entries.length === 0
      ? ''
      : `<div class="overflow"><button type="button" class="tool" data-action="toggle-menu" aria-haspopup="menu" aria-expanded="false" aria-controls="${id}-tools" aria-label="Message shortcuts">⋯</button><div class="menu" role="menu" id="${id}-tools" aria-label="Message shortcuts" hidden>${entries.join('')}</div></div>`;
  return `<div class="tools" role="group" aria-label="Message actions">${react.join('')}${reply}${more}</div>`;
}
