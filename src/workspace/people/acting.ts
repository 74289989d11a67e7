/** What people do with an app's messages: clicks, commands, shortcuts. Each becomes one envelope and waits for its answer. */
import { type Core, grantResponseUrl } from '../core.ts';
import { isObject, type Json, type JsonObject, objectsIn, textOf } from '../json.ts';
import type { Channel, Message, View } from '../records.ts';
import { Refused } from '../refused.ts';
import { respond } from '../response-url.ts';
import { messageJson, viewJson } from '../slack-json.ts';
import type { Outcome } from '../socket-hub.ts';
import { actor, triggerFor } from '../views.ts';
import { escapeMentions, escapeText } from './composer.ts';
import { findElement, type Inputs, type Placed, stateOf, stateValues } from './inputs.ts';

/** What the person sees of an act: done, nobody answered within three seconds, or refused before it was sent. */
export type Act = { readonly ok: true } | { readonly ok: false; readonly error: 'timeout' | 'no_connection' };

const actOf = (outcome: Outcome): Act => (outcome.acked ? { ok: true } : { ok: false, error: outcome.reason });

/** Which element, and for menus what was chosen in it. */
export interface Click {
  readonly actionId: string;
  readonly blockId?: string | undefined;
  readonly value?: string | readonly string[] | undefined;
  /** What stands in the other fields of the same surface. */
  readonly inputs?: Inputs | undefined;
}

export async function clickInMessage(
  core: Core,
  user: string,
  at: { readonly channel: string; readonly ts: string },
  click: Click,
): Promise<Act> {
  const { channel, message } = seenBy(core, user, at);
  const blocks = [...message.blocks, ...message.attachments.flatMap((attachment) => objectsIn(attachment['blocks']))];
  const placed = findElement(blocks, click.actionId, click.blockId);
  const isEphemeral = message.visibleTo !== null;
  const threadTs = message.threadTs ?? (core.store.replies(channel.id, message.ts).length > 0 ? message.ts : null);
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  const outcome = await core.sockets.ask({
    type: 'interactive',
    accepts: true,
    payload: {
      type: 'block_actions',
      ...actor(core, user),
      container: { type: 'message', message_ts: message.ts, channel_id: channel.id, is_ephemeral: isEphemeral, ...thread },
      trigger_id: triggerFor(core, user, null),
      channel: channelRef(channel),
      // Slack leaves the message out where it was ephemeral.
      ...(isEphemeral ? {} : { message: messageJson(core.store, core.app, message, true) }),
      state: { values: stateValues(blocks, click.inputs ?? {}, {}) },
      response_url: grantResponseUrl(core, {
        user,
        channel: channel.id,
        threadTs: message.threadTs,
        original: { ts: message.ts, isEphemeral },
      }),
      actions: [actionOf(core, placed, click)],
    },
  });
  return actOf(outcome);
}

export async function clickInView(core: Core, view: View, click: Click): Promise<Act> {
  const blocks = objectsIn(view.view['blocks']);
  const placed = findElement(blocks, click.actionId, click.blockId);
  const chosen = click.value === undefined ? {} : { [placed.actionId]: click.value };
  const values = stateValues(blocks, { ...click.inputs, ...(isValueless(placed) ? {} : chosen) }, view.values);
  const current: View = { ...view, values };
  remember(core, current);
  const outcome = await core.sockets.ask({
    type: 'interactive',
    accepts: true,
    payload: {
      type: 'block_actions',
      ...actor(core, view.user),
      container: { type: 'view', view_id: view.id },
      trigger_id: triggerFor(core, view.user, view.kind === 'modal' ? view : null),
      view: viewJson(core.app, current),
      state: { values },
      response_urls: [],
      actions: [actionOf(core, placed, click)],
    },
  });
  return actOf(outcome);
}

function isValueless({ element }: Placed): boolean {
  return ['button', 'overflow', 'feedback_buttons', 'icon_button'].includes(textOf(element['type']));
}

/** What was entered stays with the open view, as in Slack's client. */
export function remember(core: Core, view: View): void {
  if (view.kind === 'home') core.store.putHome(view);
  else
    core.store.setViews(
      view.user,
      core.store.views(view.user).map((each) => (each.id === view.id ? view : each)),
    );
}

/** One entry of `actions`: what identifies the element, and what was chosen in it. */
function actionOf(core: Core, { element, blockId, actionId }: Placed, click: Click): JsonObject {
  const type = textOf(element['type']);
  const base = { type, action_id: actionId, block_id: blockId, action_ts: core.store.nextTs() };
  if (type === 'button' || type === 'icon_button') {
    const pressed: Record<string, Json | undefined> = {
      text: element['text'],
      value: element['value'],
      style: element['style'],
      url: element['url'],
    };
    return { ...base, ...Object.fromEntries(Object.entries(pressed).filter(([, value]) => value !== undefined)) };
  }
  if (type === 'feedback_buttons') {
    const pressed = [element['positive_button'], element['negative_button']]
      .filter(isObject)
      .find((button) => button['value'] === click.value);
    if (pressed === undefined) throw new Refused('no_such_option', [`${String(click.value)} is neither of the feedback buttons`]);
    return { ...base, text: pressed['text'], value: pressed['value'] };
  }
  if (click.value === undefined) throw new Refused('no_such_option', [`choose something in ${actionId}`]);
  return {
    ...base,
    ...stateOf(element, click.value),
    ...(element['placeholder'] === undefined ? {} : { placeholder: element['placeholder'] }),
  };
}

/** `/command text` as typed into a channel. Slack offers no app commands in threads. */
export async function runCommand(
  core: Core,
  user: string,
  at: { readonly channel: string; readonly threadTs?: string | null | undefined },
  line: string,
): Promise<Act> {
  if (at.threadTs) throw new Refused('command_not_supported_in_threads', [`${line.split(' ')[0]} is not supported in threads. Sorry!`]);
  const [name = '', ...rest] = line.trim().split(' ');
  const command = core.app.commands.find((candidate) => candidate.command === name);
  if (command === undefined) throw new Refused('no_such_command', [`${name} is not a valid command.`]);
  const channel = memberOf(core, user, at.channel);
  const grant = { user, channel: channel.id, threadTs: null, original: null };
  const text = rest.join(' ').trim();
  const outcome = await core.sockets.ask({
    type: 'slash_commands',
    accepts: true,
    payload: {
      token: 'workspace',
      team_id: core.app.teamId,
      team_domain: core.app.domain,
      channel_id: channel.id,
      channel_name: channel.kind === 'im' ? 'directmessage' : channel.name,
      user_id: user,
      user_name: core.store.person(user)?.name ?? user,
      command: name,
      text: command.shouldEscape ? escapeMentions(core, escapeText(text)) : escapeText(text),
      api_app_id: core.app.appId,
      is_enterprise_install: 'false',
      response_url: grantResponseUrl(core, grant),
      trigger_id: triggerFor(core, user, null),
    },
  });
  if (outcome.acked && outcome.answer !== undefined)
    answer(
      core,
      () =>
        respond(
          core,
          grant,
          typeof outcome.answer === 'string' ? { text: outcome.answer } : isObject(outcome.answer) ? outcome.answer : {},
        ),
      outcome.answer,
    );
  return actOf(outcome);
}

/** Answers that come with an acknowledgement are refused in silence: the app hears nothing, the log tells. */
function answer(core: Core, act: () => void, sent: Json): void {
  try {
    if (isObject(sent) && Object.keys(sent).length === 0) return;
    act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    core.refuse({ method: 'ack', code: error.code, reasons: error.reasons, sent: { payload: sent } });
  }
}

export async function runGlobalShortcut(core: Core, user: string, callbackId: string): Promise<Act> {
  requireShortcut(core, callbackId, 'global');
  const payload = {
    type: 'shortcut',
    ...actor(core, user),
    callback_id: callbackId,
    action_ts: core.store.nextTs(),
    trigger_id: triggerFor(core, user, null),
  };
  return actOf(await core.sockets.ask({ type: 'interactive', accepts: false, payload }));
}

export async function runMessageShortcut(
  core: Core,
  user: string,
  at: { readonly channel: string; readonly ts: string },
  callbackId: string,
): Promise<Act> {
  requireShortcut(core, callbackId, 'message');
  const { channel, message } = seenBy(core, user, at);
  const payload = {
    type: 'message_action',
    ...actor(core, user),
    callback_id: callbackId,
    action_ts: core.store.nextTs(),
    trigger_id: triggerFor(core, user, null),
    response_url: grantResponseUrl(core, { user, channel: channel.id, threadTs: message.threadTs, original: null }),
    channel: channelRef(channel),
    message_ts: message.ts,
    message: messageJson(core.store, core.app, message, true),
  };
  return actOf(await core.sockets.ask({ type: 'interactive', accepts: false, payload }));
}

function requireShortcut(core: Core, callbackId: string, kind: 'global' | 'message'): void {
  if (!core.app.shortcuts.some((shortcut) => shortcut.callbackId === callbackId && shortcut.kind === kind))
    throw new Refused('no_such_shortcut');
}

export function memberOf(core: Core, user: string, channelId: string): Channel {
  const channel = core.store.channel(channelId);
  if (channel === undefined) throw new Refused('channel_not_found');
  if (core.store.person(user) === undefined) throw new Refused('user_not_found');
  if (channel.isArchived) throw new Refused('is_archived');
  if (!channel.members.includes(user)) throw new Refused('not_in_channel');
  return channel;
}

function seenBy(core: Core, user: string, at: { readonly channel: string; readonly ts: string }): { channel: Channel; message: Message } {
  const channel = memberOf(core, user, at.channel);
  const message = core.store.message(channel.id, at.ts) ?? core.store.ephemeral(channel.id, at.ts);
  if (message === undefined || (message.visibleTo !== null && message.visibleTo !== user)) throw new Refused('message_not_found');
  return { channel, message };
}

function channelRef(channel: Channel): JsonObject {
  return { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.kind === 'private' ? 'privategroup' : channel.name };
}
