/** What the page lets a person do: one entry an act, with the shape of its body. Everything goes through the workspace's own verbs. */
import { z } from 'zod';
import { Refused } from '../../refused.ts';
import type { Workspace } from '../../workspace.ts';
import type { PageAct } from '../wire.ts';

const At = z.object({ channel: z.string().max(40), ts: z.string().max(40) });
const Values = z.record(z.string().max(255), z.union([z.string().max(40_000), z.array(z.string().max(3_000)).max(200)]));
const Click = z.object({
  actionId: z.string().max(255),
  blockId: z.string().max(255).optional(),
  value: z.union([z.string().max(40_000), z.array(z.string().max(3_000)).max(200)]).optional(),
  inputs: Values.optional(),
});
const Surface = z.union([z.literal('modal'), z.literal('home'), At]);

/** An act's outcome, with whatever it brings back. */
type Done = PageAct & { readonly options?: readonly object[] };

interface Act {
  run(workspace: Workspace, me: string, body: unknown): Promise<Done>;
}

const done: Done = { ok: true };

function act<Body extends z.ZodType>(
  body: Body,
  run: (workspace: Workspace, me: string, body: z.infer<Body>) => Promise<Done> | Done,
): Act {
  return { run: async (workspace, me, given) => run(workspace, me, body.parse(given)) };
}

const acts: Readonly<Record<string, Act>> = {
  say: act(z.object({ channel: z.string(), text: z.string().max(40_000), threadTs: z.string().nullable() }), (workspace, me, body) => {
    workspace.say({ user: me, ...body });
    return done;
  }),
  command: act(
    z.object({ channel: z.string(), line: z.string().max(4_000), threadTs: z.string().nullable() }),
    async (workspace, me, body) => told(await workspace.command(me, { channel: body.channel, threadTs: body.threadTs }, body.line)),
  ),
  click: act(z.object({ surface: Surface, click: Click }), async (workspace, me, { surface, click }) => {
    if (surface === 'modal') return told(await workspace.clickInModal(me, click));
    if (surface === 'home') return told(await workspace.clickInHome(me, click));
    return told(await workspace.click(me, surface, click));
  }),
  submit: act(z.object({ inputs: Values }), async (workspace, me, body) => {
    const submission = await workspace.submit(me, body.inputs);
    if (submission.ok) return done;
    // The sentences at the fields arrive with the view itself.
    if (submission.error === 'invalid') return { ok: false, message: 'Some fields need another look.' };
    if (submission.error === 'bad_answer')
      return { ok: false, message: `${workspace.app.name} answered with something Slack would refuse. See “Refused”.` };
    return told({ ok: false, error: submission.error });
  }),
  dismiss: act(z.object({ all: z.boolean() }), async (workspace, me, body) => {
    await workspace.dismiss(me, { all: body.all });
    return done;
  }),
  suggest: act(
    z.object({ surface: z.union([z.literal('modal'), At]), actionId: z.string(), query: z.string().max(300) }),
    async (workspace, me, body) => ({
      ok: true,
      options: await workspace.suggest(me, body.surface, body.actionId, body.query),
    }),
  ),
  react: act(At.extend({ name: z.string().max(100) }), (workspace, me, { name, ...at }) => {
    const mine = workspace.message(at)?.reactions.some((reaction) => reaction.name === name && reaction.users.includes(me));
    if (mine === true) workspace.unreact(me, at, name);
    else workspace.react(me, at, name);
    return done;
  }),
  'stop-stream': act(At, (workspace, me, at) => {
    workspace.stopStream(me, at);
    return done;
  }),
  shortcut: act(z.object({ callbackId: z.string() }), async (workspace, me, body) => told(await workspace.shortcut(me, body.callbackId))),
  'message-shortcut': act(At.extend({ callbackId: z.string() }), async (workspace, me, { callbackId, ...at }) =>
    told(await workspace.messageShortcut(me, at, callbackId)),
  ),
  'open-home': act(z.object({ tab: z.enum(['home', 'messages']) }), (workspace, me, body) => {
    workspace.openHome(me, body.tab);
    return done;
  }),
};

export function isAct(name: string): boolean {
  return Object.hasOwn(acts, name);
}

export async function runAct(workspace: Workspace, me: string, name: string, body: unknown): Promise<Done> {
  const found = isAct(name) ? acts[name] : undefined;
  if (found === undefined) throw new Refused('no_such_act');
  try {
    return await found.run(workspace, me, body);
  } catch (error) {
    if (error instanceof Refused) return { ok: false, message: sentence(error) };
    throw error;
  }
}

function told(outcome: { readonly ok: true } | { readonly ok: false; readonly error: 'timeout' | 'no_connection' }): Done {
  if (outcome.ok) return done;
  return outcome.error === 'timeout'
    ? { ok: false, message: 'The app did not answer within three seconds.' }
    : { ok: false, message: 'The app is not connected right now, so it could not hear this.' };
}

function sentence(refused: Refused): string {
  return refused.reasons.length > 0 ? refused.reasons.join(' ') : `Not possible: ${refused.code.replaceAll('_', ' ')}.`;
}
