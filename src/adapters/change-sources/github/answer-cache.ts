/**
 * Answers kept with their ETags, the least recently used dropped first: GitHub does not count a 304 against the hourly
 * limit. What can never change, a comparison of two commits or one commit by its full hash, is not even asked for again.
 */
import { onHost, RedirectRefused } from '../../http-json.ts';

/** Sends a request; the body is read within the bounds of whoever made it. */
export type Send = (url: string, init: RequestInit) => Promise<{ response: Response; text: string }>;

interface Kept {
  readonly etag: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
}

const defaultMaxLength = 16 * 2 ** 20;
const sha = '[0-9a-f]{40}';
const neverChanges = new RegExp(`/compare/${sha}\\.\\.\\.${sha}(\\?|$)|/commits/${sha}(\\?|$)`);

export function answerCache(send: Send, maxLength = defaultMaxLength): (url: string, init: RequestInit) => Promise<Response> {
  const kept = new Map<string, Kept>();
  let length = 0;

  function keep(key: string, entry: Kept): void {
    length += entry.text.length - (kept.get(key)?.text.length ?? 0);
    kept.delete(key);
    kept.set(key, entry);
    for (const [oldest, { text }] of kept) {
      if (length <= maxLength) break;
      kept.delete(oldest);
      length -= text.length;
    }
  }

  return async (url, init) => {
    const headers = new Headers(init.headers);
    const key = `${headers.get('accept') ?? ''} ${url}`;
    const known = kept.get(key);
    if (known !== undefined && neverChanges.test(url)) return answer(200, known.headers, known.text);
    if (known !== undefined && known.etag !== '') headers.set('if-none-match', known.etag);
    const { response, text } = await send(url, { ...init, headers });
    if (response.status === 304 && known !== undefined) {
      keep(key, known);
      return answer(200, known.headers, known.text);
    }
    // The text is unpacked already.
    const plain = [...response.headers].filter(([name]) => name !== 'content-encoding' && name !== 'content-length');
    const etag = response.headers.get('etag') ?? '';
    if (response.status === 200 && (etag !== '' || neverChanges.test(url))) keep(key, { etag, headers: plain, text });
    return answer(response.status, plain, text);
  };
}

function answer(status: number, headers: readonly (readonly [string, string])[], text: string): Response {
  const mayHaveBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(mayHaveBody ? text : null, { status, headers: headers.map(([name, value]): [string, string] => [name, value]) });
}

/** A fetch that asks one host alone: a link of an answer may point anywhere, and the token must not go along. */
export function onlyAt(origin: string, fetch: typeof globalThis.fetch): ReturnType<typeof onHost> {
  const guarded = onHost(fetch);
  return async (url, init) => {
    if (new URL(url).origin !== origin) throw new RedirectRefused();
    return guarded(url, init);
  };
}
