/** A Splunk that answers as documented (PROTOCOLS C3): the export stream over searches that are read by their grammar. */
import { type Asked, type Said, type StandInServer, startServer, type StoredLine } from './stand-in-server.ts';

type Event = Readonly<Record<string, string>>;

export interface SplunkStandIn extends StandInServer {
  readonly token: string;
  readonly events: { readonly at: number; readonly event: Event }[];
  put(line: StoredLine): void;
  /** Rows of a preview before the real ones. */
  hasPreview: boolean;
  /** The connection goes before the last row. */
  isBrokenOff: boolean;
  message: { readonly type: string; readonly text: string } | null;
}

export async function startSplunk(): Promise<SplunkStandIn> {
  const events: { at: number; event: Event }[] = [];
  const token = 'eyJraWQiOiJzdGFuZC1pbiJ9.neverToBeSeen';
  const server = await startServer((asked) => answer(asked));
  const splunk: SplunkStandIn = Object.assign(server, {
    token,
    events,
    hasPreview: false,
    isBrokenOff: false,
    message: null as SplunkStandIn['message'],
    put({ at, service, text, traceId, requestId }: StoredLine) {
      const ids = { ...(traceId ? { trace_id: traceId } : {}), ...(requestId ? { request_id: requestId } : {}) };
      const event = { _raw: text, _time: new Date(at).toISOString(), service, host: 'h1', source: 'app.log', index: 'main', ...ids };
      events.push({ at, event });
    },
  });

  function answer({ method, url, headers, body }: Asked): Said | null {
    if (headers.authorization !== `Bearer ${token}`)
      return { status: 401, body: { messages: [{ type: 'WARN', text: 'call not properly authenticated' }] } };
    if (method !== 'POST' || url.pathname !== '/services/search/v2/jobs/export') return null;
    const form = new URLSearchParams(body);
    if (form.get('output_mode') !== 'json' || form.get('preview') !== '0') return null;
    let search: Search;
    try {
      search = readSpl(form.get('search') ?? '');
    } catch (error) {
      return { status: 400, body: { messages: [{ type: 'FATAL', text: String(error) }] } };
    }
    const [from, to] = [Number(form.get('earliest_time')) * 1_000, Number(form.get('latest_time')) * 1_000];
    const found = events.filter(({ at, event }) => at >= from && at < to && search.fits(event)).sort((a, b) => b.at - a.at);
    const rows = nearlyInOrder(found.slice(0, search.head)).map(({ event }, offset) => ({ preview: false, offset, result: event }));
    const last = rows.at(-1);
    const lines: unknown[] = splunk.hasPreview ? rows.map((row) => ({ ...row, preview: true })) : [];
    if (splunk.message !== null) lines.push({ preview: false, messages: [splunk.message] });
    lines.push(...rows.slice(0, -1), last === undefined ? { preview: false, lastrow: true } : { ...last, lastrow: true });
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    return { body: splunk.isBrokenOff ? text.slice(0, -40) : `${text}\n`, headers: { 'content-type': 'application/json' } };
  }

  return splunk;
}

/** Several indexers answer side by side, so neighbours may have changed places. */
function nearlyInOrder<T>(rows: readonly T[]): T[] {
  return rows.map((row, i) => rows[i ^ 1] ?? row);
}

interface Search {
  readonly head: number;
  readonly fits: (event: Event) => boolean;
}

/** Terms side by side mean "and"; an asterisk stands for anything, also inside quotes. */
function readSpl(search: string): Search {
  let rest = search;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match !== null) rest = rest.slice(match[0].length);
    return match;
  };
  const must = (pattern: RegExp): RegExpExecArray => {
    const match = take(pattern);
    if (match === null) throw new Error(`Error in 'search' command: Unable to parse the search at ${search.length - rest.length}`);
    return match;
  };
  const string = /^\s*"((?:[^"\\\n`]|\\["\\])*)"/;
  const text = () => (must(string)[1] ?? '').replace(/\\(["\\])/g, '$1');
  const pattern = (value: string, isWhole: boolean) => {
    const inner = value
      .split('*')
      .map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
      .join('[\\s\\S]*');
    return new RegExp(isWhole ? `^${inner}$` : inner, 'i');
  };
  const term = (): ((event: Event) => boolean) => {
    if (take(/^\s*\(/)) {
      const any = [all()];
      while (take(/^\s*OR\b/)) any.push(all());
      must(/^\s*\)/);
      return (event) => any.some((one) => one(event));
    }
    const field = /^\s*index=/.test(rest) ? must(/^\s*(index)/)[1]! : text();
    if (!take(/^=/)) {
      const words = pattern(field, false);
      return (event) => words.test(event['_raw'] ?? '');
    }
    const value = pattern(text(), true);
    return (event) => value.test(event[field] ?? '');
  };
  const all = (): ((event: Event) => boolean) => {
    const terms = [term()];
    while (/^\s*["(]/.test(rest)) terms.push(term());
    return (event) => terms.every((one) => one(event));
  };
  must(/^search\b/);
  const fits = all();
  const head = Number(must(/^\s*\| head (\d+)$/)[1]);
  return { head, fits };
}
