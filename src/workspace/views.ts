/** Modals and Home tabs: opened with a trigger, stacked at most three deep, changed under a hash, closed by people. */
import { checkView } from './blocks/surfaces.ts';
import { type Core, grantTrigger, type TriggerGrant } from './core.ts';
import { tellApp } from './dispatch.ts';
import { type JsonObject, objectsIn, textOf } from './json.ts';
import { named } from './messages.ts';
import type { View } from './records.ts';
import { Refused } from './refused.ts';
import { viewJson } from './slack-json.ts';

const maxDepth = 3;

/** A trigger opens one modal, within three seconds of the person's act. */
export function spendTrigger(core: Core, id: string): TriggerGrant {
  const permit = core.triggers.get(id);
  if (permit === undefined) throw new Refused('invalid_trigger_id');
  if (permit.left === 0) throw new Refused('trigger_exchanged');
  if (permit.expiresAt <= core.clock.now()) throw new Refused('expired_trigger_id');
  permit.left = 0;
  return permit.grant;
}

export function openView(core: Core, trigger: TriggerGrant, view: JsonObject): View {
  const opened = build(core, trigger.user, view, null);
  core.store.setViews(trigger.user, [opened]);
  return opened;
}

export function pushView(core: Core, trigger: TriggerGrant, view: JsonObject): View {
  const stack = core.store.views(trigger.user);
  const top = stack.at(-1);
  if (top === undefined || trigger.from === null)
    throw new Refused('not_found', ['a modal can only be pushed onto an open one, by a trigger from it']);
  if (stack.length >= maxDepth) throw new Refused('push_limit_reached');
  const pushed = build(core, trigger.user, view, top);
  core.store.setViews(trigger.user, [...stack, pushed]);
  return pushed;
}

export function updateView(core: Core, current: View, view: JsonObject, hash: string | null): View {
  if (hash !== null && hash !== current.hash) throw new Refused('hash_conflict');
  checkView(view, current.kind);
  const updated: View = {
    ...current,
    view: withIds(core, view),
    hash: newHash(core),
    errors: {},
    externalId: textOf(view['external_id']) || current.externalId,
    values: kept(current, view),
  };
  if (current.kind === 'home') core.store.putHome(updated);
  else
    core.store.setViews(
      current.user,
      core.store.views(current.user).map((each) => (each.id === current.id ? updated : each)),
    );
  return updated;
}

export function publishHome(core: Core, user: string, view: JsonObject, hash: string | null): View {
  if (core.store.person(user) === undefined) throw new Refused('invalid_arguments', ['[ERROR] no such user [json-pointer:/user_id]']);
  if (!core.app.hasHomeTab) throw new Refused('not_enabled');
  const current = core.store.home(user);
  if (current !== undefined) return updateView(core, current, view, hash);
  checkView(view, 'home');
  const id = core.newId('V');
  const home: View = {
    id,
    kind: 'home',
    user,
    hash: newHash(core),
    rootId: id,
    previousId: null,
    externalId: textOf(view['external_id']),
    view: withIds(core, view),
    errors: {},
    values: {},
  };
  core.store.putHome(home);
  return home;
}

export function findView(core: Core, id: string | null, externalId: string | null): View {
  const found = core.store
    .allViews()
    .find((view) => (id === null ? externalId !== null && view.externalId === externalId : view.id === id));
  if (found === undefined) throw new Refused('not_found');
  return found;
}

/** Closing by hand, or by a submission that clears. `view_closed` goes out for those that asked for it. */
export async function closeViews(core: Core, user: string, closed: readonly View[], isCleared: boolean): Promise<void> {
  const gone = new Set(closed.map((view) => view.id));
  core.store.setViews(
    user,
    core.store.views(user).filter((view) => !gone.has(view.id)),
  );
  for (const view of closed) {
    if (view.view['notify_on_close'] !== true) continue;
    await core.sockets.ask({
      type: 'interactive',
      accepts: false,
      payload: { type: 'view_closed', ...actor(core, user), view: viewJson(core.app, view), is_cleared: isCleared },
    });
  }
}

/** The fields that every interaction carries. */
export function actor(core: Core, user: string): JsonObject {
  const { app } = core;
  const name = core.store.person(user)?.name ?? user;
  return {
    team: { id: app.teamId, domain: app.domain },
    user: { id: user, username: name, name, team_id: app.teamId },
    api_app_id: app.appId,
    token: 'workspace',
    enterprise: null,
    is_enterprise_install: false,
  };
}

export function triggerFor(core: Core, user: string, from: View | null): string {
  return grantTrigger(core, { user, from: from?.id ?? null });
}

export function tellHomeOpened(core: Core, user: string, channel: string, tab: 'home' | 'messages'): void {
  const home = core.store.home(user);
  const shown = tab === 'home' && home !== undefined ? { view: viewJson(core.app, home) } : {};
  tellApp(core, 'app_home_opened', { type: 'app_home_opened', user, channel, tab, ...shown, event_ts: core.store.nextTs() });
}

function build(core: Core, user: string, view: JsonObject, below: View | null): View {
  checkView(view, 'modal');
  const externalId = textOf(view['external_id']);
  if (externalId !== '' && core.store.allViews().some((each) => each.externalId === externalId)) throw new Refused('duplicate_external_id');
  const id = core.newId('V');
  return {
    id,
    kind: 'modal',
    user,
    hash: newHash(core),
    rootId: below?.rootId ?? id,
    previousId: below?.id ?? null,
    externalId,
    view: withIds(core, view),
    errors: {},
    values: {},
  };
}

function withIds(core: Core, view: JsonObject): JsonObject {
  const defaults = { private_metadata: '', callback_id: '', clear_on_close: false, notify_on_close: false };
  return {
    ...(view['type'] === 'modal' ? defaults : { private_metadata: '', callback_id: '' }),
    ...view,
    blocks: named(core, objectsIn(view['blocks'])),
  };
}

function newHash(core: Core): string {
  return `${Math.floor(core.clock.now() / 1000)}.${core.randomId().slice(0, 8)}`;
}

/** What was typed stays where block and action keep their names (views.update documentation). */
function kept(current: View, view: JsonObject): JsonObject {
  const names = new Set(objectsIn(view['blocks']).map((block) => textOf(block['block_id'])));
  return Object.fromEntries(Object.entries(current.values).filter(([blockId]) => names.has(blockId)));
}
