/** The page's script: loads the state, follows the stream, and turns addresses (`#/C0DEBUG/1732.1`) into places. */
import type { PageAct, PageChange, PageHistory, PageState } from '../wire.ts';
import { renderMrkdwn } from '../render/mrkdwn.ts';
import { listenToActions } from './actions.ts';
import { announce, byId, closest, complain, elementOf } from './dom.ts';
import { listenToMenus } from './menus.ts';
import { drawModal, listenToModal } from './modal.ts';
import { drawAll, drawPrompts, drawStatuses, go, noteStatus } from './navigation.ts';
import { act, ask, listen, useToken } from './server.ts';
import { drawConnection, drawTop } from './sidebar.ts';
import { applyMessage, createModel, lookupsOf, type MessageChange, type Model, withChange } from './state.ts';
import { listenToTables } from './tables.ts';
import { listenToTheme } from './theme.ts';
import { keepEndInView } from './timeline.ts';

async function start(): Promise<void> {
  const state = await ask<PageState>('state');
  useToken(state.csrf);
  const model = createModel(state);
  let isConnected = true;
  drawTop(model);
  drawConnection(model, isConnected);
  listenToMenus();
  listenToActions();
  listenToTables();
  listenToTheme();
  listenToModal();
  keepEndInView(byId('scroller'));
  keepEndInView(byId('thread-scroller'));
  document.addEventListener('click', (event) => onClick(event, model));
  byId('act-as').addEventListener('change', (event) => void actAs(event));
  window.addEventListener('hashchange', () => void go(model));
  window.addEventListener('keydown', (event) => onKey(event, model));
  await go(model);
  drawModal(model);
  listen(
    state.position,
    (change) => void onChange(model, change),
    (connected) => {
      isConnected = connected;
      drawConnection(model, isConnected);
    },
  );
}

async function onChange(model: Model, change: PageChange): Promise<void> {
  if (change.kind === 'reload') return location.reload();
  if (change.kind === 'message') return onMessage(model, change);
  model.state = withChange(model.state, change);
  if (change.kind === 'views') return drawModal(model);
  if (change.kind === 'sockets' || change.kind === 'connected') return drawConnection(model, true);
  if (change.kind === 'status') {
    noteStatus(model, change.status);
    return drawStatuses(model);
  }
  if (change.kind === 'bookmark' && change.bookmark.channel === model.place.channel) {
    const others = model.history.bookmarks.filter((bookmark) => bookmark.id !== change.bookmark.id);
    model.history = { ...model.history, bookmarks: change.change === 'added' ? [...others, change.bookmark] : others };
  }
  if (change.kind === 'prompts' && model.place.kind === 'channel' && change.prompts.channel === model.place.channel) {
    model.history = { ...model.history, prompts: change.prompts };
    drawPrompts(model, model.place.channel);
  }
  if (change.kind === 'person') drawTop(model);
  if (change.kind === 'refusal') complain(`Slack would have refused ${change.refusal.method}: ${change.refusal.code}`);
  drawAll(model);
}

function onMessage(model: Model, change: MessageChange): void {
  const { message } = change;
  for (const recording of model.recordings) recording.push(change);
  applyMessage(model, change);
  const isHere = model.place.kind === 'channel' && model.place.channel === message.channel;
  const isNews = change.change === 'posted' && message.user !== model.state.me;
  const isInThread = model.threadMessages.some((each) => each.ts === message.ts && each.channel === message.channel);
  if (isNews && (isHere || isInThread)) announce(`${message.name}: ${spoken(message.text, model)}`);
  if (isNews && !isHere && message.threadTs === null) model.unread.set(message.channel, (model.unread.get(message.channel) ?? 0) + 1);
  drawAll(model);
}

const maxSpoken = 300;

/** As it is read: names and times in place of Slack's markup. */
function spoken(text: string, model: Model): string {
  return elementOf(`<div>${renderMrkdwn(text.slice(0, 4 * maxSpoken), lookupsOf(model))}</div>`).textContent.slice(0, maxSpoken);
}

function onClick(event: Event, model: Model): void {
  const target = closest(event.target, '[data-action]');
  const row = closest(event.target, '.row');
  const at = row === null ? null : { channel: row.dataset['channel'] ?? '', ts: row.dataset['ts'] ?? '' };
  const report = (outcome: Promise<PageAct>): void => void outcome.then((done) => (done.ok ? undefined : complain(done.message)));
  if (closest(event.target, '#open-sidebar') !== null) {
    const isOpen = byId('page').classList.toggle('with-sidebar');
    byId('open-sidebar').setAttribute('aria-expanded', String(isOpen));
    return;
  }
  switch (target?.dataset['action']) {
    case 'open-thread':
      if (at !== null) location.hash = `#/${at.channel}/${at.ts}`;
      return;
    case 'close-thread':
      closeThread(model);
      return;
    case 'open-channel':
      location.hash = `#/${target.dataset['channel'] ?? ''}`;
      return;
    case 'go':
      location.hash = target.dataset['href'] ?? '';
      return;
    case 'dismiss':
      if (row !== null) row.remove();
      if (at !== null) {
        model.history = { ...model.history, messages: model.history.messages.filter((message) => message.ts !== at.ts) };
        model.threadMessages = model.threadMessages.filter((message) => message.ts !== at.ts);
      }
      return;
    case 'react':
      if (at !== null) report(act('react', { ...at, name: target.dataset['name'] ?? '' }));
      return;
    case 'stop-stream':
      if (at !== null) report(act('stop-stream', at));
      return;
    case 'shortcut':
      report(act('shortcut', { callbackId: target.dataset['callback'] ?? '' }));
      return;
    case 'message-shortcut':
      if (at !== null) report(act('message-shortcut', { ...at, callbackId: target.dataset['callback'] ?? '' }));
      return;
    case 'load-earlier':
      return void loadEarlier(model);
    default:
  }
}

function closeThread(model: Model): void {
  const ts = model.thread?.ts;
  location.hash = `#/${model.place.channel}`;
  const root = ts === undefined ? null : document.getElementById(`channel-${model.place.channel}-${ts.replace('.', '-')}`);
  root?.focus({ preventScroll: true });
}

function onKey(event: KeyboardEvent, model: Model): void {
  if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
  if (byId('page').classList.contains('with-sidebar')) {
    byId('page').classList.remove('with-sidebar');
    byId('open-sidebar').setAttribute('aria-expanded', 'false');
    byId('open-sidebar').focus();
  } else if (model.thread !== null) closeThread(model);
}

async function loadEarlier(model: Model): Promise<void> {
  const first = model.history.messages[0];
  if (first === undefined) return;
  const scroller = byId('scroller');
  const fromEnd = scroller.scrollHeight - scroller.scrollTop;
  const earlier = await ask<PageHistory>('messages', { channel: model.place.channel, before: first.ts });
  model.history = { ...model.history, hasEarlier: earlier.hasEarlier, messages: [...earlier.messages, ...model.history.messages] };
  drawAll(model);
  scroller.scrollTop = scroller.scrollHeight - fromEnd;
}

async function actAs(event: Event): Promise<void> {
  const outcome = await act('act-as', { person: (event.target as HTMLSelectElement).value });
  if (outcome.ok) location.reload();
  else complain(outcome.message);
}

await start();
