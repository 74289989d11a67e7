/** The page's script: loads the state, follows the stream, and turns addresses (`#/C0DEBUG/1732.1`) into places. */
import type { PageAct, PageChange, PageHistory, PageMessage, PageState, PageStatus } from '../wire.ts';
import { listenToActions } from './actions.ts';
import { drawComposer, setComposerStatus } from './composer.ts';
import { announce, byId, closest, complain } from './dom.ts';
import { listenToMenus } from './menus.ts';
import { drawModal, listenToModal } from './modal.ts';
import { drawPlace, drawThread } from './places.ts';
import { act, ask, listen, useToken } from './server.ts';
import { drawConnection, drawSidebar, drawTop } from './sidebar.ts';
import { createModel, isShownInChannel, type Model, placeMessage, withChange, withReplies } from './state.ts';
import { listenToTables } from './tables.ts';
import { listenToTheme } from './theme.ts';

// Slack clears a status after two minutes; the server does not say so again.
const statusLivesMs = 120_000;

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

async function go(model: Model): Promise<void> {
  const [first = '', second = ''] = location.hash.replace(/^#\//, '').split('/');
  const { channels } = model.state;
  const channel =
    channels.find((candidate) => candidate.id === first) ??
    (first === 'home' || first === 'refused' ? channels.find((candidate) => candidate.kind === 'im') : channels[0]);
  const kind = first === 'home' || first === 'refused' ? first : 'channel';
  const isNew = model.place.kind !== kind || model.place.channel !== channel?.id;
  if (channel === undefined) return;
  model.place = { kind, channel: channel.id };
  byId('page').classList.remove('with-sidebar');
  if (isNew) {
    model.history = await ask<PageHistory>('messages', { channel: channel.id });
    if (kind === 'channel') drawComposerFor(model, channel.id);
    if (kind === 'home') void act('open-home', { tab: 'home' });
    else if (kind === 'channel' && channel.kind === 'im') void act('open-home', { tab: 'messages' });
    byId('timeline').replaceChildren();
  }
  if (kind === 'channel') model.unread.delete(channel.id);
  await openThread(model, kind === 'channel' && second !== '' ? second : null);
  drawAll(model);
  if (isNew) {
    byId('scroller').scrollTop = kind === 'channel' ? byId('scroller').scrollHeight : 0;
    document.title = `${byId('place-title').textContent} · TracePulse`;
    showStatuses(model.history.statuses, channel.id);
  }
}

async function openThread(model: Model, ts: string | null): Promise<void> {
  const { channel } = model.place;
  if (ts === null) {
    model.thread = null;
    model.threadMessages = [];
    return;
  }
  if (model.thread?.ts === ts && model.thread.channel === channel) return;
  const history = await ask<PageHistory>('thread', { channel, ts });
  model.thread = { channel, ts };
  model.threadMessages = history.messages;
  byId('thread-timeline').replaceChildren();
  drawComposer({
    area: byId('thread-composer-area'),
    id: 'reply',
    label: 'Reply…',
    offersCommands: false,
    model,
    send: async (text) =>
      problemOf(
        await act(
          text.startsWith('/') ? 'command' : 'say',
          text.startsWith('/') ? { channel, threadTs: ts, line: text } : { channel, threadTs: ts, text },
        ),
      ),
  });
  drawThread(model);
  showStatuses(history.statuses, channel);
  byId('thread-scroller').scrollTop = byId('thread-scroller').scrollHeight;
  byId('reply-text').focus();
}

function drawComposerFor(model: Model, channel: string): void {
  const found = model.state.channels.find((candidate) => candidate.id === channel);
  const name = found?.kind === 'im' ? found.name : `#${found?.name ?? ''}`;
  drawComposer({
    area: byId('composer-area'),
    id: 'composer',
    label: `Message ${name}`,
    offersCommands: true,
    model,
    send: async (text) =>
      problemOf(
        await act(
          text.startsWith('/') ? 'command' : 'say',
          text.startsWith('/') ? { channel, threadTs: null, line: text } : { channel, threadTs: null, text },
        ),
      ),
  });
  drawPrompts(model, channel);
}

function drawPrompts(model: Model, channel: string): void {
  const { prompts } = model.history;
  if (prompts === null || prompts.channel !== channel) return;
  const bar = document.createElement('div');
  bar.className = 'prompts';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', prompts.title || 'Suggestions');
  for (const prompt of prompts.prompts) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button';
    button.textContent = prompt.title;
    button.addEventListener(
      'click',
      () => void act('say', { channel, threadTs: null, text: prompt.message }).then((outcome) => problemOf(outcome)),
    );
    bar.append(button);
  }
  byId('composer-area').prepend(bar);
}

function drawAll(model: Model): void {
  drawSidebar(model);
  drawPlace(model);
  drawThread(model);
}

async function onChange(model: Model, change: PageChange): Promise<void> {
  if (change.kind === 'reload') return location.reload();
  if (change.kind === 'message') return onMessage(model, change.change, change.message, change.rootReplies);
  model.state = withChange(model.state, change);
  if (change.kind === 'views') return drawModal(model);
  if (change.kind === 'sockets' || change.kind === 'connected') return drawConnection(model, true);
  if (change.kind === 'status') return showStatuses([change.status], change.status.channel);
  if (change.kind === 'bookmark' && change.bookmark.channel === model.place.channel) {
    const others = model.history.bookmarks.filter((bookmark) => bookmark.id !== change.bookmark.id);
    model.history = { ...model.history, bookmarks: change.change === 'added' ? [...others, change.bookmark] : others };
  }
  if (change.kind === 'prompts' && change.prompts.channel === model.place.channel) {
    model.history = { ...model.history, prompts: change.prompts };
    drawComposerFor(model, model.place.channel);
  }
  if (change.kind === 'person') drawTop(model);
  if (change.kind === 'refusal') complain(`Slack would have refused ${change.refusal.method}: ${change.refusal.code}`);
  drawAll(model);
}

function onMessage(model: Model, change: 'posted' | 'edited' | 'deleted', message: PageMessage, rootReplies: PageMessage['replies']): void {
  const isHere = model.place.kind === 'channel' && model.place.channel === message.channel;
  const isInThread = model.thread?.channel === message.channel && (message.threadTs === model.thread.ts || message.ts === model.thread.ts);
  if (isHere) {
    let messages = model.history.messages;
    if (isShownInChannel(message)) messages = placeMessage(messages, message, change);
    if (message.threadTs !== null && rootReplies !== null) messages = withReplies(messages, message.threadTs, rootReplies);
    model.history = { ...model.history, messages };
  }
  if (isInThread) {
    model.threadMessages = placeMessage(model.threadMessages, message, change);
    if (message.threadTs !== null && rootReplies !== null)
      model.threadMessages = withReplies(model.threadMessages, message.threadTs, rootReplies);
  }
  const isMine = message.user === model.state.me;
  if (change === 'posted' && !isMine && (isHere || isInThread)) announce(`${message.name}: ${message.text.slice(0, 300)}`);
  if (change === 'posted' && !isMine && !isHere && message.threadTs === null)
    model.unread.set(message.channel, (model.unread.get(message.channel) ?? 0) + 1);
  drawAll(model);
}

/** "is looking at the logs…" under the thread it belongs to, and under the channel while no thread is open. */
function showStatuses(statuses: readonly PageStatus[], channel: string): void {
  for (const status of statuses) {
    const words = status.status === '' ? '' : `${status.loadingMessages[0] ?? status.status}`;
    const [, atChannel = '', atThread = ''] = location.hash.split('/');
    if (atThread !== '' && atThread === status.threadTs) setComposerStatus('reply', words);
    if (atChannel === channel || atChannel === '') setComposerStatus('composer', words);
    if (words !== '') setTimeout(() => setComposerStatus('reply', ''), statusLivesMs);
  }
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

function problemOf(outcome: PageAct): string | null {
  return outcome.ok ? null : outcome.message;
}

await start();
