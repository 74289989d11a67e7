/** Draws the place a person is at: a channel, the app's two tabs, or the list of refusals; and the thread beside it. */
import { renderBlocks } from '../render/blocks.ts';
import { clock, longDay } from '../render/dates.ts';
import { escapeHtml, link, linkTarget } from '../render/html.ts';
import { list } from '../render/read.ts';
import type { PageRefusal } from '../wire.ts';
import { byId, elementOf } from './dom.ts';
import { lookupsOf, type Model } from './state.ts';
import { prepare, showTimeline } from './timeline.ts';

export function drawPlace(model: Model): void {
  const { state, place, history } = model;
  const channel = state.channels.find((candidate) => candidate.id === place.channel);
  const isDirect = place.kind === 'home' || (place.kind === 'channel' && channel?.kind === 'im');
  const title = place.kind === 'refused' ? 'Refused' : isDirect ? state.app.name : `# ${channel?.name ?? ''}`;
  byId('place-title').textContent = title;
  byId('place-topic').textContent = topicOf(model);
  byId('place-tools').innerHTML = history.bookmarks
    .map((bookmark) => {
      const target = linkTarget(bookmark.link);
      return target === undefined ? '' : link(target, escapeHtml(bookmark.title), { class: 'bookmark' });
    })
    .join('');
  drawTabs(model, isDirect);
  const isConversation = place.kind === 'channel';
  byId('timeline').hidden = !isConversation;
  byId('surface').hidden = isConversation;
  byId('composer-area').hidden = !isConversation;
  byId('earlier').hidden = !isConversation || !history.hasEarlier;
  if (isConversation) showTimeline(byId('timeline'), history.messages, model, 'channel');
  else byId('timeline').replaceChildren();
  if (place.kind === 'home') drawHome(model);
  if (place.kind === 'refused') drawRefused(model);
}

function topicOf(model: Model): string {
  const { state, place } = model;
  if (place.kind === 'refused') return 'What a real Slack would not have taken, and why';
  const channel = state.channels.find((candidate) => candidate.id === place.channel);
  if (channel === undefined || channel.kind === 'im') return 'The app and you';
  const members = `${channel.memberCount} ${channel.memberCount === 1 ? 'member' : 'members'}`;
  return channel.topic === '' ? members : `${channel.topic} · ${members}`;
}

function drawTabs(model: Model, isDirect: boolean): void {
  const tabs = byId('tabs');
  tabs.hidden = !isDirect || !model.state.app.hasHomeTab;
  const direct = model.state.channels.find((channel) => channel.kind === 'im');
  const at = model.place.kind === 'home' ? 'home' : 'messages';
  const tab = (name: string, id: string, href: string): string =>
    `<button type="button" role="tab" id="tab-${id}" aria-controls="scroller" aria-selected="${at === id}" tabindex="${at === id ? 0 : -1}" data-action="go" data-href="${href}">${name}</button>`;
  const html = tab('Home', 'home', '#/home') + tab('Messages', 'messages', `#/${direct?.id ?? ''}`);
  if (tabs.innerHTML !== html) {
    const hadFocus = tabs.contains(document.activeElement);
    tabs.innerHTML = html;
    if (hadFocus) byId(`tab-${at}`).focus();
  }
}

let homeShown = '';

function drawHome(model: Model): void {
  const { home, app } = model.state;
  const surface = byId('surface');
  const key = home === null ? 'none' : `${home.id}/${home.hash}`;
  if (homeShown === key && surface.firstElementChild?.id === 'home-surface') return;
  homeShown = key;
  const blocks = home === null ? '' : renderBlocks(list(home.view['blocks']), { ...lookupsOf(model), idPrefix: 'home', headingLevel: 2 });
  const html = `<div id="home-surface" class="home" data-surface="home">${blocks || `<p class="empty">${escapeHtml(app.name)} has not put anything here yet.</p>`}</div>`;
  surface.replaceChildren(elementOf(html));
  prepare(surface);
}

function drawRefused(model: Model): void {
  const { refusals } = model.state;
  const rows = [...refusals].reverse().map((refusal) => refusalHtml(refusal, model));
  const body =
    rows.length === 0
      ? '<p class="empty">Nothing so far: everything the app sent would have been taken by Slack.</p>'
      : `<ol class="refusals">${rows.join('')}</ol>`;
  byId('surface').replaceChildren(elementOf(`<div id="refused-surface">${body}</div>`));
}

function refusalHtml(refusal: PageRefusal, model: Model): string {
  const lookups = lookupsOf(model);
  const reasons =
    refusal.reasons.length === 0 ? '' : `<ul>${refusal.reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>`;
  const sent = JSON.stringify(refusal.sent, null, 2);
  const details =
    sent === '{}'
      ? ''
      : `<details class="unknown"><summary>What was sent</summary><pre tabindex="0"><code>${escapeHtml(sent)}</code></pre></details>`;
  return `<li class="refusal"><div class="refusal-head"><code>${escapeHtml(refusal.method)}</code> <b>${escapeHtml(refusal.code)}</b> <time class="row-time">${escapeHtml(longDay(refusal.at, lookups))} ${clock(refusal.at, undefined)}</time></div>${reasons}${details}</li>`;
}

export function drawThread(model: Model): void {
  const panel = byId('thread');
  panel.hidden = model.thread === null;
  byId('page').classList.toggle('with-thread', model.thread !== null);
  if (model.thread === null) {
    byId('thread-timeline').replaceChildren();
    return;
  }
  const channel = model.state.channels.find((candidate) => candidate.id === model.thread?.channel);
  byId('thread-place').textContent = channel === undefined ? '' : channel.kind === 'im' ? channel.name : `#${channel.name}`;
  showTimeline(byId('thread-timeline'), model.threadMessages, model, 'thread');
}
