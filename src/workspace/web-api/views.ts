/** views.*: opening with a trigger, pushing, updating, publishing a Home tab. */
import type { Core } from '../core.ts';
import type { JsonObject } from '../json.ts';
import { Refused } from '../refused.ts';
import { viewJson } from '../slack-json.ts';
import { findView, openView, publishHome, pushView, spendTrigger, updateView } from '../views.ts';
import { type Arguments, objectOf, optional, required } from './arguments.ts';
import type { Method } from './method.ts';

const open: Method = {
  scopes: [],
  act(core, args) {
    const view = viewIn(args);
    return { view: viewJson(core.app, openView(core, spendTrigger(core, required(args, 'trigger_id')), view)) };
  },
};

const push: Method = {
  scopes: [],
  act(core, args) {
    const view = viewIn(args);
    return { view: viewJson(core.app, pushView(core, spendTrigger(core, required(args, 'trigger_id')), view)) };
  },
};

const update: Method = {
  scopes: [],
  act(core, args) {
    const current = findView(core, optional(args, 'view_id'), optional(args, 'external_id'));
    return { view: viewJson(core.app, updateView(core, current, viewIn(args), optional(args, 'hash'))) };
  },
};

const publish: Method = {
  scopes: [],
  act: (core: Core, args) => ({
    view: viewJson(core.app, publishHome(core, required(args, 'user_id'), viewIn(args), optional(args, 'hash'))),
  }),
};

export const viewMethods = { 'views.open': open, 'views.push': push, 'views.update': update, 'views.publish': publish } satisfies Record<
  string,
  Method
>;

function viewIn(args: Arguments): JsonObject {
  const view = objectOf(args, 'view', 'invalid_arguments');
  if (view === undefined) throw new Refused('invalid_arguments', ['[ERROR] missing required field: view']);
  return view;
}
