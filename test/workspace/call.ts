/** One Web API call without a port: form-encoded with a bearer token, as the SDK sends it. */
import type { Workspace } from '../../src/workspace/workspace.ts';

export interface Answer {
  readonly ok: boolean;
  readonly error?: string;
  readonly [key: string]: unknown;
}

export function request(
  workspace: Workspace,
  method: string,
  args: Readonly<Record<string, unknown>>,
  token = workspace.tokens.bot,
): Promise<Response> {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  return workspace.handle(
    new Request(`http://workspace.invalid/api/${method}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form }),
  );
}

export async function call(
  workspace: Workspace,
  method: string,
  args: Readonly<Record<string, unknown>> = {},
  token?: string,
): Promise<Answer> {
  const response = await request(workspace, method, args, token);
  return (await response.json()) as Answer;
}

/** Posts as the app into #debug and gives the ts. */
export async function postText(workspace: Workspace, text: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const answer = await call(workspace, 'chat.postMessage', { channel: 'C0DEBUG', text, ...more });
  if (!answer.ok) throw new Error(String(answer.error));
  return String(answer['ts']);
}
