/**
 * What an app may do, read from its Slack manifest: the same file that would be pasted into Slack decides here which
 * calls fail with missing_scope, which events are sent, which commands and shortcuts exist.
 */
import { z } from 'zod';

const Manifest = z.object({
  display_information: z.object({ name: z.string() }).default({ name: 'TracePulse' }),
  features: z
    .object({
      app_home: z
        .object({
          home_tab_enabled: z.boolean().default(false),
          messages_tab_enabled: z.boolean().default(false),
          messages_tab_read_only_enabled: z.boolean().default(false),
        })
        .optional(),
      bot_user: z.object({ display_name: z.string() }).optional(),
      shortcuts: z
        .array(
          z.object({ name: z.string(), type: z.enum(['global', 'message']), callback_id: z.string(), description: z.string().default('') }),
        )
        .default([]),
      slash_commands: z
        .array(
          z.object({
            command: z.string(),
            description: z.string().default(''),
            usage_hint: z.string().default(''),
            should_escape: z.boolean().default(false),
          }),
        )
        .default([]),
      agent_view: z.object({ suggested_prompts: z.array(z.object({ title: z.string(), message: z.string() })).default([]) }).optional(),
      assistant_view: z.unknown().optional(),
    })
    .prefault({}),
  oauth_config: z
    .object({ scopes: z.object({ bot: z.array(z.string()).default([]), bot_optional: z.array(z.string()).default([]) }).prefault({}) })
    .prefault({}),
  settings: z
    .object({
      event_subscriptions: z.object({ bot_events: z.array(z.string()).default([]) }).prefault({}),
      interactivity: z.object({ is_enabled: z.boolean() }).default({ is_enabled: true }),
      socket_mode_enabled: z.boolean().default(true),
    })
    .prefault({}),
});

export interface Command {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
  readonly shouldEscape: boolean;
}

export interface Shortcut {
  readonly name: string;
  readonly kind: 'global' | 'message';
  readonly callbackId: string;
  readonly description: string;
}

/** Everything the rules ask of a manifest. */
export interface AppDefinition {
  readonly name: string;
  readonly botName: string;
  readonly scopes: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
  readonly commands: readonly Command[];
  readonly shortcuts: readonly Shortcut[];
  readonly hasHomeTab: boolean;
  readonly hasMessagesTab: boolean;
  readonly isAgent: boolean;
  readonly suggestedPrompts: readonly { readonly title: string; readonly message: string }[];
  readonly isInteractive: boolean;
}

/** Subscribing needs the scope to read what is told (docs.slack.dev, per event). */
const scopeOfEvent: Readonly<Record<string, string>> = {
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  member_joined_channel: 'channels:read',
  reaction_added: 'reactions:read',
  reaction_removed: 'reactions:read',
  channel_archive: 'channels:read',
  channel_unarchive: 'channels:read',
};

/** `grantOptional`: whether the person who installed the app ticked the optional scopes too; by default not. */
export function readManifest(manifest: unknown, grantOptional: boolean): AppDefinition {
  const { features, oauth_config, settings, display_information } = Manifest.parse(manifest);
  const { bot, bot_optional } = oauth_config.scopes;
  const needs = [
    ...settings.event_subscriptions.bot_events.map((event) => [event, scopeOfEvent[event]] as const),
    ...features.slash_commands.map(({ command }) => [command, 'commands'] as const),
  ];
  const unmet = needs.filter(([, scope]) => scope !== undefined && !bot.includes(scope) && !bot_optional.includes(scope));
  if (unmet.length > 0)
    throw new Error(
      `the manifest asks for more than its scopes allow: ${unmet.map(([what, scope]) => `${what} needs ${scope}`).join(', ')}`,
    );
  return {
    name: display_information.name,
    botName: features.bot_user?.display_name ?? display_information.name.toLowerCase(),
    scopes: new Set(grantOptional ? [...bot, ...bot_optional] : bot),
    events: new Set(settings.event_subscriptions.bot_events),
    commands: features.slash_commands.map(({ command, description, usage_hint, should_escape }) => ({
      command,
      description,
      usageHint: usage_hint,
      shouldEscape: should_escape,
    })),
    shortcuts: features.shortcuts.map(({ name, type, callback_id, description }) => ({
      name,
      kind: type,
      callbackId: callback_id,
      description,
    })),
    hasHomeTab: features.app_home?.home_tab_enabled ?? false,
    hasMessagesTab: features.app_home?.messages_tab_enabled ?? false,
    isAgent: features.agent_view !== undefined || features.assistant_view !== undefined,
    suggestedPrompts: features.agent_view?.suggested_prompts ?? [],
    isInteractive: settings.interactivity.is_enabled,
  };
}

/** Used where no manifest is given: TracePulse as its contract describes it, so that a first try needs no file. */
export const defaultManifest = {
  display_information: { name: 'TracePulse' },
  features: {
    app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
    bot_user: { display_name: 'tracepulse' },
    shortcuts: [
      {
        name: 'Investigate message',
        type: 'message',
        callback_id: 'investigate_message',
        description: 'Start an investigation from this message',
      },
      { name: 'New investigation', type: 'global', callback_id: 'new_investigation', description: 'Open the investigation form' },
    ],
    slash_commands: [
      { command: '/tracepulse', description: 'Investigate a service or an incident', usage_hint: 'help', should_escape: true },
    ],
    agent_view: { suggested_prompts: [] },
  },
  oauth_config: {
    scopes: {
      bot: [
        'app_mentions:read',
        'assistant:write',
        'channels:history',
        'channels:read',
        'chat:write',
        'commands',
        'files:write',
        'groups:history',
        'groups:read',
        'im:history',
        'im:read',
        'im:write',
        'metadata.message:read',
        'reactions:read',
        'reactions:write',
        'users:read',
        'users:read.email',
      ],
    },
  },
  settings: {
    event_subscriptions: {
      bot_events: [
        'app_home_opened',
        'app_mention',
        'app_context_changed',
        'member_joined_channel',
        'message.channels',
        'message.groups',
        'message.im',
        'reaction_added',
        'tokens_revoked',
        'app_uninstalled',
      ],
    },
    interactivity: { is_enabled: true },
    socket_mode_enabled: true,
  },
};
