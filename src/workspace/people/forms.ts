/** Filling in and sending a modal, and the menus whose options the app looks up while somebody types. */
import { checkView } from '../blocks/surfaces.ts';
import type { Core } from '../core.ts';
import { isObject, type Json, type JsonObject, objectsIn, textOf } from '../json.ts';
import type { Message, View } from '../records.ts';
import { Refused } from '../refused.ts';
import { messageJson, viewJson } from '../slack-json.ts';
import { actor, closeViews, pushView, triggerFor, updateView } from '../views.ts';
import { remember } from './acting.ts';
import { clientErrors, elementsIn, findElement, type Inputs, stateValues } from './inputs.ts';

/** `invalid`: sentences by block_id, said by Slack's client (nothing was sent) or by the app. */
export type Submission =
  | { readonly ok: true; readonly result: 'closed' | 'updated' | 'pushed' | 'cleared' }
  | { readonly ok: false; readonly error: 'invalid'; readonly errors: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly error: 'timeout' | 'no_connection' | 'bad_answer' };

export async function submitView(core: Core, view: View, inputs: Inputs): Promise<Submission> {
  if (core.store.views(view.user).at(-1)?.id !== view.id) throw new Refused('not_found', ['only the topmost modal can be sent']);
  const blocks = objectsIn(view.view['blocks']);
  const values = stateValues(blocks, inputs, view.values);
  const wrong = clientErrors(blocks, values);
  const filled: View = { ...view, values, errors: wrong };
  remember(core, filled);
  if (Object.keys(wrong).length > 0) return { ok: false, error: 'invalid', errors: wrong };
  const outcome = await core.sockets.ask({
    type: 'interactive',
    accepts: true,
    payload: {
      type: 'view_submission',
      ...actor(core, view.user),
      trigger_id: triggerFor(core, view.user, view),
      view: viewJson(core.app, filled),
      response_urls: [],
    },
  });
  if (!outcome.acked) return { ok: false, error: outcome.reason };
  return follow(core, filled, outcome.answer);
}

/** What the acknowledgement asks for: nothing (the modal closes), errors, another view, or an empty screen. */
async function follow(core: Core, view: View, answer: Json | undefined): Promise<Submission> {
  const said = isObject(answer) ? answer : {};
  try {
    switch (said['response_action']) {
      case undefined:
        core.store.setViews(
          view.user,
          core.store.views(view.user).filter((each) => each.id !== view.id),
        );
        return { ok: true, result: 'closed' };
      case 'clear':
        core.store.setViews(view.user, []);
        return { ok: true, result: 'cleared' };
      case 'errors':
        return showErrors(core, view, said['errors']);
      case 'update':
        updateView(core, view, viewIn(said), null);
        return { ok: true, result: 'updated' };
      case 'push':
        pushView(core, { user: view.user, from: view.id }, viewIn(said));
        return { ok: true, result: 'pushed' };
      default:
        throw new Refused('invalid_response_action', [`${JSON.stringify(said['response_action'])} is not errors, update, push or clear`]);
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    core.refuse({ method: 'ack', code: error.code, reasons: error.reasons, sent: { payload: said } });
    return { ok: false, error: 'bad_answer' };
  }
}

function viewIn(said: JsonObject): JsonObject {
  if (!isObject(said['view'])) throw new Refused('invalid_arguments', ['[ERROR] missing required field: view']);
  checkView(said['view'], 'modal');
  return said['view'];
}

/** Errors belong to input blocks of this view; Slack shows none of them if one does not. */
function showErrors(core: Core, view: View, said: Json | undefined): Submission {
  const inputs = new Set(
    elementsIn(objectsIn(view.view['blocks']))
      .filter((placed) => placed.block['type'] === 'input')
      .map((placed) => placed.blockId),
  );
  const entries = Object.entries(isObject(said) ? said : {});
  const stray = entries.filter(([blockId, sentence]) => !inputs.has(blockId) || typeof sentence !== 'string');
  if (entries.length === 0 || stray.length > 0)
    throw new Refused(
      'invalid_errors',
      stray.map(([blockId]) => `${blockId} is no input block of this view`),
    );
  const errors = Object.fromEntries(entries.map(([blockId, sentence]) => [blockId, textOf(sentence)]));
  remember(core, { ...view, errors });
  return { ok: false, error: 'invalid', errors };
}

/** The person presses Cancel or the cross. `isCleared`: the whole stack goes. */
export async function dismissView(core: Core, view: View, isCleared: boolean): Promise<void> {
  const stack = core.store.views(view.user);
  const all = isCleared || view.view['clear_on_close'] === true;
  await closeViews(core, view.user, all ? stack.toReversed() : [view], all);
}

/** Where a menu with external options stands: a modal, a Home tab or a message. */
export type MenuPlace = { readonly view: View } | { readonly message: Message };

/** Options for what somebody typed so far; an empty list where the app did not answer properly. */
export async function suggestOptions(
  core: Core,
  user: string,
  place: MenuPlace,
  actionId: string,
  query: string,
): Promise<readonly JsonObject[]> {
  const blocks = 'view' in place ? objectsIn(place.view.view['blocks']) : place.message.blocks;
  const { element, blockId } = findElement(blocks, actionId, undefined);
  if (!textOf(element['type']).includes('external')) throw new Refused('no_such_element', [`${actionId} has no external options`]);
  if (query.length < Number(element['min_query_length'] ?? 3)) return [];
  const container =
    'view' in place
      ? { container: { type: 'view', view_id: place.view.id }, view: viewJson(core.app, place.view) }
      : {
          container: {
            type: 'message',
            message_ts: place.message.ts,
            channel_id: place.message.channel,
            is_ephemeral: place.message.visibleTo !== null,
          },
          message: messageJson(core.store, core.app, place.message, true),
        };
  const outcome = await core.sockets.ask({
    type: 'interactive',
    accepts: true,
    payload: { type: 'block_suggestion', ...actor(core, user), ...container, action_id: actionId, block_id: blockId, value: query },
  });
  const answer = outcome.acked && isObject(outcome.answer) ? outcome.answer : {};
  return [...objectsIn(answer['options']), ...objectsIn(answer['option_groups']).flatMap((group) => objectsIn(group['options']))].slice(
    0,
    100,
  );
}
