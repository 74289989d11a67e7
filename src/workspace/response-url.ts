/**
 * Response URLs: an answer to a person's act, without token and without membership. Five uses within thirty minutes; the
 * only way to change an ephemeral message.
 */
import { checkContent } from './web-api/content.ts';
import type { Core, ResponseGrant } from './core.ts';
import { isObject, type JsonObject, objectsIn, parseJson, textOf } from './json.ts';
import { edit, erase, post } from './messages.ts';
import type { Channel, Message } from './records.ts';
import { Refused } from './refused.ts';

export async function answerResponseUrl(core: Core, id: string, request: Request): Promise<Response> {
  let sent: JsonObject = {};
  try {
    const body = parseJson(await request.text());
    if (!isObject(body)) throw new Refused('invalid_payload');
    sent = body;
    const permit = core.responseUrls.get(id);
    if (permit === undefined || permit.expiresAt <= core.clock.now()) throw new Refused('expired_url');
    if (permit.left === 0) throw new Refused('used_url');
    respond(core, permit.grant, sent);
    permit.left -= 1;
    return Response.json({ ok: true });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    core.refuse({ method: 'response_url', code: error.code, reasons: error.reasons, sent });
    const status = ['expired_url', 'used_url'].includes(error.code) ? 404 : 400;
    return Response.json(
      { ok: false, error: error.code, ...(error.reasons.length > 0 ? { response_metadata: { messages: error.reasons } } : {}) },
      { status },
    );
  }
}

/** Also what the acknowledgement of a slash command means: a message, for the person alone unless it says `in_channel`. */
export function respond(core: Core, grant: ResponseGrant, sent: JsonObject): void {
  const channel = core.store.channel(grant.channel);
  if (channel === undefined || channel.isArchived) throw new Refused('is_archived');
  const original = grant.original === null ? undefined : findOriginal(core, channel, grant.original);
  if (sent['delete_original'] === true) {
    if (original === undefined) throw new Refused('message_not_found');
    erase(core, channel, original);
    return;
  }
  const blocks =
    sent['blocks'] === undefined ? undefined : objectsIn(typeof sent['blocks'] === 'string' ? parseJson(sent['blocks']) : sent['blocks']);
  const attachments = sent['attachments'] === undefined ? undefined : objectsIn(sent['attachments']);
  checkContent(blocks, attachments);
  const text = textOf(sent['text']);
  if (text.trim() === '' && (blocks ?? []).length === 0 && (attachments ?? []).length === 0) throw new Refused('no_text');
  if (sent['replace_original'] === true) {
    if (original === undefined) throw new Refused('message_not_found');
    edit(core, channel, original, { text, blocks: blocks ?? [], attachments: attachments ?? [], editedTs: core.store.nextTs() });
    return;
  }
  const isPublic = sent['response_type'] === 'in_channel';
  post(core, channel, {
    user: core.app.botUser,
    botId: core.app.botId,
    appId: core.app.appId,
    text,
    blocks: blocks ?? [],
    attachments: attachments ?? [],
    threadTs: textOf(sent['thread_ts']) || grant.threadTs,
    visibleTo: isPublic ? null : grant.user,
  });
}

function findOriginal(core: Core, channel: Channel, original: { readonly ts: string; readonly isEphemeral: boolean }): Message | undefined {
  return original.isEphemeral ? core.store.ephemeral(channel.id, original.ts) : core.store.message(channel.id, original.ts);
}
