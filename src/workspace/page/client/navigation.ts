/** Going to a place: loads it, draws it, and forgets nothing that changes on the way. */
import type { PageAct, PageHistory, PageStatus } from '../wire.ts';
import { drawComposer, setComposerStatus } from './composer.ts';
import { byId } from './dom.ts';
import { drawPlace, drawThread } from './places.ts';
import { act, ask } from './server.ts';
import { drawSidebar } from './sidebar.ts';
import { applyMessage, type MessageChange, type Model, nothing } from './state.ts';

// Slack clears a status after two minutes; the server does not say so again.
const statusLivesMs = 120_000;

export async function go(model: Model): Promise<void> {
  const [first = '', second = ''] = location.hash.replace(/^#\//, '').split('/');
  const { channels } = model.state;
  const channel =
    channels.find((candidate) => candidate.id === first) ??
    (first === 'home' || first === 'refused' ? channels.find((candidate) => candidate.kind === 'im') : channels[0]);
  const kind = first === 'home' || first === 'refused' ? first : 'channel';
  const isNew = model.loaded?.kind !== kind || model.loaded.channel !== channel?.id;
  if (channel === undefined) return;
  model.place = { kind, channel: channel.id };
  byId('page').classList.remove('with-sidebar');
  if (isNew) {
    const place = model.place;
    // What is still here belongs to the place that was left.
    model.history = nothing;
    const { answer, missed } = await recorded(model, () => ask<PageHistory>('messages', { channel: channel.id }));
    // The person may have gone on meanwhile; the later place wins, whichever answer comes last.
    if (model.place !== place) return;
    model.loaded = place;
    model.history = answer;
    for (const change of missed) applyMessage(model, change);
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
    takeStatuses(model, model.history.statuses);
    drawStatuses(model);
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
  const { place } = model;
  const { answer, missed } = await recorded(model, () => ask<PageHistory>('thread', { channel, ts }));
  if (model.place !== place) return;
  model.thread = { channel, ts };
  model.threadMessages = answer.messages;
  for (const change of missed) applyMessage(model, change);
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
  takeStatuses(model, answer.statuses);
  drawStatuses(model);
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

/** What can be picked instead of written; what somebody is writing meanwhile stays as it is. */
export function drawPrompts(model: Model, channel: string): void {
  const { prompts } = model.history;
  byId('composer-area').querySelector('.prompts')?.remove();
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

export function drawAll(model: Model): void {
  drawSidebar(model);
  drawPlace(model);
  drawThread(model);
}

/** What the stream says while an answer is on its way may be missing in that answer. */
async function recorded<Answer>(
  model: Model,
  load: () => Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly missed: readonly MessageChange[] }> {
  const missed: MessageChange[] = [];
  model.recordings.add(missed);
  try {
    return { answer: await load(), missed };
  } finally {
    model.recordings.delete(missed);
  }
}

/** What a loaded answer says of statuses counts only where the stream has not spoken. */
function takeStatuses(model: Model, statuses: readonly PageStatus[]): void {
  for (const status of statuses) if (!model.statuses.has(keyOf(status))) noteStatus(model, status);
}

export function noteStatus(model: Model, status: PageStatus): void {
  model.statuses.set(keyOf(status), status);
  if (status.status === '') return;
  setTimeout(() => {
    if (model.statuses.get(keyOf(status)) !== status) return;
    model.statuses.set(keyOf(status), { ...status, status: '' });
    drawStatuses(model);
  }, statusLivesMs);
}

/** "reads the logs" under the thread it belongs to, and under its channel. */
export function drawStatuses(model: Model): void {
  const active = [...model.statuses.values()].filter((status) => status.status !== '' && status.channel === model.place.channel);
  const words = (status: PageStatus | undefined): string => (status === undefined ? '' : (status.loadingMessages[0] ?? status.status));
  setComposerStatus('composer', words(active.at(-1)));
  setComposerStatus('reply', words(active.find((status) => status.threadTs === model.thread?.ts)));
}

function keyOf(status: PageStatus): string {
  return `${status.channel}/${status.threadTs}`;
}

function problemOf(outcome: PageAct): string | null {
  return outcome.ok ? null : outcome.message;
}
