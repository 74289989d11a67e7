/**
 * Ten thousand nearly right bodies at each door of the product itself, made from the formats' fixtures. None is answered with
 * a 5xx, none throws, and what is refused leaves nothing behind. A door that takes one thing after another may have taken
 * what came before the bad one, and says so: Splunk's by the number of the event, Loki's by naming what was too old.
 */
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { alertFormats } from '../../../src/adapters/alert-formats/index.ts';
import { noticeKind } from '../../../src/domain/change-notice.ts';
import { redactDeep } from '../../../src/domain/redact.ts';
import { createHttp, type Http } from '../../../src/surfaces/http/http.ts';
import { testProduct } from '../../support/app.ts';
import { inSnappy, pushRequest } from '../../support/loki-protobuf.ts';
import { damaged, nearlyRight, seeded } from '../../support/nearly-right.ts';

const rounds = 10_000;
/** A product is made anew after so many, so that none drowns in incidents. */
const perProduct = 1_000;
const at = Date.parse('2026-08-20T10:00:05Z');
const github = 'a-secret-of-github';

type Random = () => number;
interface Sent {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const adapters = join(import.meta.dirname, '../../adapters');

function fixtures(
  folder: string,
  wanted: RegExp,
): { readonly name: string; readonly text: string; readonly headers: Record<string, string> }[] {
  return readdirSync(join(adapters, folder))
    .filter((name) => wanted.test(name) && !/wrong|expected|headers|about/.test(name))
    .map((name) => {
      const headers = join(adapters, folder, name.replace(/\.\w+$/, '.headers.json'));
      return {
        name,
        text: readFileSync(join(adapters, folder, name), 'utf8'),
        headers: existsSync(headers) ? JSON.parse(readFileSync(headers, 'utf8')) : {},
      };
    });
}

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)] as T;

function alertDoor(id: string): (random: Random) => Sent {
  const bodies = fixtures(`alert-formats/${id}`, /^[\w-]+\.json$/).map(({ text, headers }) => ({
    body: JSON.parse(text) as unknown,
    headers,
  }));
  const path = id === 'prometheus' ? '/api/v2/alerts' : `/webhook/${id}`;
  return (random) => {
    const { body, headers } = pick(bodies, random);
    return { path, headers, body: nearlyRight(body, random) };
  };
}

/** What GitHub sends, cut down to what is read. */
const notices: readonly (readonly [string, unknown])[] = [
  [
    'push',
    {
      ref: 'refs/heads/main',
      after: 'a'.repeat(40),
      repository: { full_name: 'o/r', default_branch: 'main', html_url: 'https://github.com/o/r' },
      commits: [
        {
          id: 'a'.repeat(40),
          message: 'm',
          timestamp: '2026-08-20T10:00:00Z',
          url: 'https://github.com/o/r',
          author: { name: 'n', username: 'u' },
          added: ['a'],
          removed: [],
          modified: ['b'],
        },
      ],
    },
  ],
  [
    'deployment',
    {
      action: 'created',
      deployment: {
        id: 1,
        sha: 'a'.repeat(40),
        ref: 'main',
        environment: 'production',
        created_at: '2026-08-20T10:00:00Z',
        updated_at: '2026-08-20T10:00:00Z',
        task: 'deploy',
      },
      repository: { full_name: 'o/r' },
    },
  ],
  [
    'deployment_status',
    {
      action: 'created',
      deployment_status: { state: 'success', created_at: '2026-08-20T10:00:00Z', environment: 'production' },
      deployment: { id: 1, sha: 'a'.repeat(40), ref: 'main', environment: 'production', created_at: '2026-08-20T10:00:00Z' },
      repository: { full_name: 'o/r' },
    },
  ],
  [
    'release',
    {
      action: 'published',
      release: {
        id: 1,
        tag_name: 'v1',
        name: 'v1',
        target_commitish: 'main',
        draft: false,
        created_at: '2026-08-20T10:00:00Z',
        published_at: '2026-08-20T10:00:00Z',
        html_url: 'https://github.com/o/r',
      },
      repository: { full_name: 'o/r' },
    },
  ],
]; // prettier-ignore

let deliveries = 0;
function githubDoor(random: Random): Sent {
  const [event, good] = pick(notices, random);
  const body = nearlyRight(good, random);
  const signature = `sha256=${createHmac('sha256', github).update(body).digest('hex')}`;
  const headers = { 'x-github-event': event, 'x-github-delivery': `d-${deliveries++}`, 'x-hub-signature-256': signature };
  return { path: '/webhook/github', headers, body };
}

const joined = (parts: readonly Uint8Array[], between: string): Uint8Array => {
  const separator = Buffer.from(between);
  return Uint8Array.from(Buffer.concat(parts.flatMap((part) => [part, separator])));
};

/** Each object or line of a fixture that holds several, changed by itself. */
function piecesOf(folder: string, wanted: RegExp): unknown[] {
  return fixtures(folder, wanted).flatMap(({ text }) =>
    text.split(/\n|(?<=\})(?=\{)/).flatMap((piece) => {
      try {
        return [JSON.parse(piece) as unknown];
      } catch {
        return [];
      }
    }),
  );
}

function several(pieces: readonly unknown[], between: string, random: Random): Uint8Array {
  const count = 1 + Math.floor(random() * 5);
  return joined(
    Array.from({ length: count }, () =>
      random() < 0.5 ? nearlyRight(pick(pieces, random), random) : new TextEncoder().encode(JSON.stringify(pick(pieces, random))),
    ),
    between,
  );
}

function textBody(folder: string, random: Random): Uint8Array {
  const whole = new TextEncoder().encode(pick(fixtures(folder, /\.txt$/), random).text);
  return random() < 0.9 ? damaged(whole, random) : whole;
}

const bulkPieces = piecesOf('log-formats/elasticsearch', /\.ndjson$/);
const eventPieces = piecesOf('log-formats/splunk', /^(?:concatenated|docker|stopped)\.json$/);
const recordPieces = [
  ...piecesOf('log-formats/ingest', /\.ndjson$/),
  ...fixtures('log-formats/ingest', /\.json$/).map(({ text }) => JSON.parse(text) as unknown),
];
const lokiBodies = fixtures('log-formats/loki', /\.json$/).map(({ text }) => JSON.parse(text) as unknown);
const lokiPush = pushRequest([
  {
    labels: '{app="cart", level="error"}',
    lines: [
      { ms: at, line: 'ERROR boom', metadata: { trace_id: 'a' } },
      { ms: at, line: '\tat x' },
    ],
  },
  { labels: '{job="a/b"}', lines: [{ ms: at, line: '{"msg":"x"}' }] },
]);

const logDoors: Readonly<Record<string, (random: Random) => Sent>> = {
  'Loki JSON': (random) => {
    const body = nearlyRight(pick(lokiBodies, random), random);
    const isPacked = random() < 0.1;
    return {
      path: '/loki/api/v1/push',
      body: isPacked ? damaged(gzipSync(body), random) : body,
      headers: isPacked ? { 'content-encoding': 'gzip' } : {},
    };
  },
  'Loki protobuf': (random) => {
    const inner = random() < 0.7 ? damaged(lokiPush, random) : lokiPush;
    const block = inSnappy(inner);
    return {
      path: '/loki/api/v1/push',
      body: random() < 0.3 ? damaged(block, random) : block,
      headers: { 'content-type': 'application/x-protobuf' },
    };
  },
  'Elasticsearch bulk': (random) => ({
    path: random() < 0.5 ? '/_bulk' : '/logs-x/_bulk',
    body: several(bulkPieces, '\n', random),
    headers: { 'content-type': 'application/x-ndjson' },
  }),
  'Splunk events': (random) => ({ path: '/services/collector/event', body: several(eventPieces, pick(['', '\n', ' '], random), random) }),
  'Splunk raw': (random) => ({ path: '/services/collector/raw?source=a&time=1787220000', body: textBody('log-formats/splunk', random) }),
  'ingest records': (random) => ({ path: '/ingest/logs', body: several(recordPieces, pick(['', '\n', ','], random), random) }),
  'ingest lines': (random) => ({
    path: '/ingest/logs',
    body: textBody('log-formats/ingest', random),
    headers: { 'content-type': 'text/plain' },
  }),
};

function made() {
  const product = testProduct({}, at);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const http: Http = createHttp(product.app, { GITHUB_WEBHOOK_SECRET: github }, { log, now: product.now, redact: redactDeep });
  return { ...product, http };
}

async function fuzz(
  seed: number,
  next: (random: Random) => Sent,
  storedIn: (product: ReturnType<typeof made>) => Promise<number>,
  mayKeep: (answer: string) => boolean,
) {
  const random = seeded(seed);
  const counts = { taken: 0, refused: 0 };
  let product = made();
  for (let round = 0; round < rounds; round++) {
    if (round % perProduct === perProduct - 1) {
      await product.close();
      product = made();
    }
    const { path, headers = {}, body } = next(random);
    const before = await storedIn(product);
    const request = new Request(`http://localhost${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: Uint8Array.from(body),
    });
    const answer = await product.http.fetch(request);
    const text = await answer.text();
    const where = () => `round ${round}: ${answer.status} ${text.slice(0, 200)} to ${new TextDecoder().decode(body).slice(0, 600)}`;
    if (answer.status >= 500) throw new Error(where());
    if (answer.ok) counts.taken++;
    else {
      counts.refused++;
      if ((await storedIn(product)) !== before && !mayKeep(text)) throw new Error(`something was stored, ${where()}`);
    }
  }
  await product.close();
  return counts;
}

const incidentsIn = async ({ ledger }: ReturnType<typeof made>) => {
  const { incidents } = await ledger.incidents({ limit: 1 });
  return (await ledger.lastIncidentNumber()) * 1e6 + (incidents[0]?.revision ?? 0);
};

describe(`${rounds} nearly right bodies`, () => {
  it.each(alertFormats.map(({ id }) => id))('at the door of %s', { timeout: 10 * 60_000 }, async (id) => {
    const { taken, refused } = await fuzz(id.length * 7_919, alertDoor(id), incidentsIn, () => false);
    expect(Math.min(taken, refused)).toBeGreaterThan(rounds / 20);
  });

  it("at GitHub's", { timeout: 10 * 60_000 }, async () => {
    const kept = async ({ ledger }: ReturnType<typeof made>) => (await ledger.inboxSince(noticeKind, 0, 1e6)).length;
    const { taken, refused } = await fuzz(7, githubDoor, kept, () => false);
    expect(Math.min(taken, refused)).toBeGreaterThan(rounds / 20);
  });

  it.each(Object.entries(logDoors))('at the door for logs: %s', { timeout: 10 * 60_000 }, async (name, next) => {
    const mayKeep = (answer: string) => /"invalid-event-number":[1-9]/.test(answer) || /older than what is kept/.test(answer);
    const { taken, refused } = await fuzz(name.length, next, async ({ telemetry }) => telemetry.stats().logs, mayKeep);
    // Plain lines are never wrong.
    expect(taken).toBeGreaterThan(rounds / 20);
    if (!/lines|raw/.test(name)) expect(refused).toBeGreaterThan(rounds / 50);
  });
});
