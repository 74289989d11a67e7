/** The wire to the page's server: questions, acts, and the stream of changes. */
import type { PageAct, PageChange } from '../wire.ts';

let csrf = '';

export function useToken(token: string): void {
  csrf = token;
}

export async function ask<Answer>(path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(`/chat/api/${path}?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(15_000) });
  if (response.status === 401) location.assign('/chat/login');
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return (await response.json()) as Answer;
}

/** Does something in the person's name. The answer is a sentence when it did not work, whatever the reason. */
export async function act(path: string, body: object): Promise<PageAct> {
  try {
    const response = await fetch(`/chat/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    if (response.status === 401) location.assign('/chat/login');
    const answer = (await response.json()) as PageAct | { readonly error: { readonly message: string } };
    return 'error' in answer ? { ok: false, message: answer.error.message } : answer;
  } catch {
    return { ok: false, message: 'The server could not be reached. Nothing was sent.' };
  }
}

/** EventSource comes back by itself and says where it left off. */
export function listen(
  position: string,
  onChange: (change: PageChange) => void,
  onConnection: (isConnected: boolean) => void,
): EventSource {
  const source = new EventSource(`/chat/stream?${new URLSearchParams({ after: position })}`);
  source.addEventListener('open', () => onConnection(true));
  source.addEventListener('error', () => {
    onConnection(false);
    // The server refused for good: the session is over, and loading anew leads to the login.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3_000);
  });
  source.addEventListener('message', (event) => onChange(JSON.parse(event.data) as PageChange));
  return source;
}
