/** Where one can go: channels, the conversation with the app, its Home tab, and the list of what Slack would have refused. */
import { escapeHtml } from '../render/html.ts';
import type { PageChannel } from '../wire.ts';
import { byId } from './dom.ts';
import type { Model } from './state.ts';

export function drawSidebar(model: Model): void {
  const { state, place, unread } = model;
  const rooms = state.channels.filter((channel) => channel.kind !== 'im' && !channel.isArchived);
  const direct = state.channels.filter((channel) => channel.kind === 'im');
  const refusals = state.refusals.length;
  const shortcuts = state.shortcuts.filter((shortcut) => shortcut.kind === 'global');
  byId('sidebar').innerHTML =
    section(
      'Channels',
      rooms.map((channel) =>
        entry(`#/${channel.id}`, channel.kind === 'private' ? '🔒' : '#', channel.name, isAt(channel), unread.get(channel.id) ?? 0),
      ),
    ) +
    section('Apps', [
      ...direct.map((channel) =>
        entry(`#/${channel.id}`, '●', channel.name, isAt(channel) || place.kind === 'home', unread.get(channel.id) ?? 0),
      ),
      ...shortcuts.map(
        (shortcut) =>
          `<li><button type="button" class="side-entry" data-action="shortcut" data-callback="${escapeHtml(shortcut.callbackId)}" title="${escapeHtml(shortcut.description)}"><span class="side-sign" aria-hidden="true">+</span>${escapeHtml(shortcut.name)}</button></li>`,
      ),
    ]) +
    section('Workspace', [entry('#/refused', '⚑', 'Refused', place.kind === 'refused', 0, refusals)]);

  function isAt(channel: PageChannel): boolean {
    return place.kind === 'channel' && place.channel === channel.id;
  }
}

function section(title: string, entries: readonly string[]): string {
  return `<section><h2>${title}</h2><ul>${entries.join('')}</ul></section>`;
}

function entry(href: string, sign: string, name: string, isCurrent: boolean, unread: number, count = 0): string {
  const news =
    unread > 0
      ? `<span class="count new">${unread}<span class="visually-hidden"> unread</span></span>`
      : count > 0
        ? `<span class="count">${count}</span>`
        : '';
  return `<li><a class="side-entry${unread > 0 ? ' unread' : ''}" href="${href}"${isCurrent ? ' aria-current="page"' : ''}><span class="side-sign" aria-hidden="true">${sign}</span><span class="side-name">${escapeHtml(name)}</span>${news}</a></li>`;
}

export function drawTop(model: Model): void {
  const { state } = model;
  const mine = state.people.find((person) => person.id === state.me);
  byId('acting').hidden = !state.mayActAsOthers;
  byId('signed-in').hidden = state.mayActAsOthers;
  byId('logout').hidden = state.mayActAsOthers;
  byId('signed-in').textContent = mine?.realName ?? '';
  byId('logout').querySelector('input')?.setAttribute('value', state.csrf);
  byId('act-as').innerHTML = state.people
    .filter((person) => !person.isBot)
    .map(
      (person) =>
        `<option value="${escapeHtml(person.id)}"${person.id === state.me ? ' selected' : ''}>${escapeHtml(person.realName)}</option>`,
    )
    .join('');
}

export function drawConnection(model: Model, isConnected: boolean): void {
  const line = byId('connection');
  const { name, connections } = model.state.app;
  const words = !isConnected ? 'Reconnecting…' : connections > 0 ? `${name} is connected` : `${name} is not connected`;
  if (line.textContent !== words) line.textContent = words;
  line.className = `connection ${!isConnected ? 'lost' : connections > 0 ? 'good' : 'waiting'}`;
}
