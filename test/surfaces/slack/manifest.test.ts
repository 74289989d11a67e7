/**
 * The manifest asks for what the code uses and for nothing else: a listener without its event never fires, a call without
 * its scope fails at the customer's, and a scope nobody needs is one more thing to refuse.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = new URL('../../../', import.meta.url);
const folders = ['src/adapters/sinks/slack/', 'src/surfaces/slack/'];

/** docs.slack.dev, "scopes" of each method and event; channels of every kind that we are in. */
const scopesOfCall: Readonly<Record<string, readonly string[]>> = {
  'chat.postMessage': ['chat:write'],
  'auth.test': [],
  'chat.delete': ['chat:write'],
  'files.delete': ['files:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.startStream': ['chat:write'],
  'chat.appendStream': ['chat:write'],
  'chat.stopStream': ['chat:write'],
  // assistant:write does too, and is on its way out.
  'assistant.threads.setStatus': ['chat:write'],
  'assistant.threads.setSuggestedPrompts': ['chat:write'],
  'chat.getPermalink': [],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history'],
  'conversations.list': ['channels:read', 'groups:read'],
  'views.publish': [],
  'usergroups.users.list': ['usergroups:read'],
  'views.open': [],
};
const scopesOfEvent: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  app_mention: ['app_mentions:read'],
  'message.channels': ['channels:history'],
  'message.groups': ['groups:history'],
  'message.im': ['im:history'],
};
/** `bolt.message` hears what these three bring. */
const eventsOfMessage = ['message.channels', 'message.groups', 'message.im'];

const text = (max: number, min = 1) => z.string().min(min).max(max);
/** What Slack's manifest schema (version 2) asks of the parts used here; its limits are in the documentation of app manifests. */
const Manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(2), minor_version: z.number().int() }),
  display_information: z.strictObject({
    name: text(35),
    description: text(140),
    background_color: z.string().regex(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
    long_description: text(4_000, 175),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    agent_view: z.strictObject({
      agent_description: text(300),
      suggested_prompts: z.array(z.strictObject({ title: text(75), message: text(1_000) })).max(4),
    }),
    bot_user: z.strictObject({ display_name: text(80).regex(/^[a-z0-9._-]+$/), always_online: z.boolean() }),
    shortcuts: z
      .array(z.strictObject({ name: text(24), type: z.enum(['message', 'global']), callback_id: text(255), description: text(150) }))
      .max(10),
    slash_commands: z
      .array(
        z.strictObject({
          command: text(32).startsWith('/'),
          description: text(2_000),
          usage_hint: text(1_000),
          should_escape: z.boolean(),
        }),
      )
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ bot_events: z.array(z.string()).max(100) }),
    interactivity: z.strictObject({ is_enabled: z.boolean() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

const manifest = Manifest.parse(JSON.parse(readFileSync(new URL('manifest.json', root), 'utf8')));

/** The source in one line, so that a call broken over lines reads like any other. */
const source = folders
  .flatMap((folder) => readdirSync(new URL(folder, root)).map((file) => readFileSync(new URL(folder + file, root), 'utf8')))
  .join('\n')
  .replace(/\s+/g, ' ')
  .replace(/ \./g, '.');

function found(pattern: RegExp): string[] {
  return [...new Set([...source.matchAll(pattern)].map((match) => match[1] ?? ''))].sort();
}

const calls = found(/\bclient\.([a-z]+(?:\.[a-zA-Z]+)+)\(/g);
const events = found(/\bbolt\.event\('([a-z_.]+)'/g);
const commands = found(/\bbolt\.command\('([^']+)'/g);
const shortcuts = found(/\bbolt\.shortcut(?:<\w+>)?\('([^']+)'/g);
const hearsMessages = /\bbolt\.message\(/.test(source);
const isPressed = /\bbolt\.(?:action|view|shortcut)\b/.test(source);

describe('manifest.json', () => {
  it('finds listeners and calls in the source, so that the checks below compare something', () => {
    expect(calls).toContain('chat.postMessage');
    expect(events).toContain('app_mention');
    expect(commands).toEqual(['/tracepulse']);
    expect(hearsMessages && isPressed).toBe(true);
  });

  it('knows the scopes of every call that is made, and lists no call that is not', () => {
    expect(calls).toEqual(Object.keys(scopesOfCall).sort());
  });

  it('subscribes to the events that are listened to, and to no other', () => {
    expect([...manifest.settings.event_subscriptions.bot_events].sort()).toEqual(
      [...events, ...(hearsMessages ? eventsOfMessage : [])].sort(),
    );
  });

  it('asks for the scopes that calls, events, commands and shortcuts need, and for no other', () => {
    const needed = new Set([
      ...calls.flatMap((call) => scopesOfCall[call] ?? []),
      ...manifest.settings.event_subscriptions.bot_events.flatMap((event) => scopesOfEvent[event] ?? [`unknown event ${event}`]),
      ...(commands.length + shortcuts.length > 0 ? ['commands'] : []),
      ...(/\binclude_all_metadata: true\b/.test(source) ? ['metadata.message:read'] : []),
    ]);
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...needed].sort());
  });

  it('declares the commands and shortcuts that are listened to', () => {
    expect(manifest.features.slash_commands.map((command) => command.command).sort()).toEqual(commands);
    expect(manifest.features.shortcuts.map((shortcut) => shortcut.callback_id).sort()).toEqual(shortcuts);
  });

  it('switches on what the way of connecting needs', () => {
    expect(manifest.settings).toMatchObject({ socket_mode_enabled: true, interactivity: { is_enabled: isPressed } });
    expect(manifest.features.app_home.messages_tab_enabled).toBe(
      eventsOfMessage.every((event) => manifest.settings.event_subscriptions.bot_events.includes(event)),
    );
    expect(manifest.features.slash_commands.every((command) => command.should_escape)).toBe(true);
  });
});
