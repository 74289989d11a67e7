/** Hollow values of lines: told in the window, learned beside their lines, through restarts and generalising templates. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leftOf, rightOf } from '../../../src/domain/baseline/counts.ts';
import type { Telemetry } from '../../../src/ports.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { logs, minute, start, traces } from './bodies.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
let folder = '';
let now = start;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hollow-'));
  now = start + minute;
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (): Telemetry =>
  createTelemetry({ file: join(folder, 'telemetry.sqlite'), now: () => now, windowMinutes: 60, maxBytes: 2 ** 28 });

/** One visit of shop a line. */
async function visit(telemetry: Telemetry, texts: readonly string[], from = 0): Promise<void> {
  const of = (i: number) => ({ trace: from + i + 1, span: from + i + 1 });
  await telemetry.ingest('traces', traces({ shop: texts.map((_, i) => ({ ...of(i), at: from + i * 1_000 })) }), 'json');
  await telemetry.ingest('logs', logs({ shop: texts.map((text, i) => ({ ...of(i), at: from + i * 1_000 + 2, text })) }), 'json');
}

async function seen(telemetry: Telemetry) {
  const { logs: lines, strings } = await telemetry.window(everything);
  return Array.from(lines.hollow, (bits, row) => [bits, strings.text(lines.hollowFields[row]!)]);
}

/** Names of the hollow items learned, with their visits of all. */
async function learned(telemetry: Telemetry) {
  const { normal, lexicon } = (await telemetry.knowledge()).baseline;
  return [...normal.items.keys()].flatMap((key) => {
    const [mark, text, where] = lexicon.parts(rightOf(key));
    return mark === 'H' ? [`${text} @${where} ${normal.items.sum(key)}/${normal.visited.sum(leftOf(key))}`] : [];
  });
}

it('are told of each line, of the text and of the fields of a record, and again after a restart', async () => {
  const first = open();
  await visit(first, ['rate is -1 for 3', 'rate is 2 for 3', 'rate is 2 for 0', '{"message":"rate locked","amount":0,"plan":null}']);
  const told = [
    [1, ''],
    [0, ''],
    [2, ''],
    [0, 'amount=0 plan=none'],
  ];
  expect(await seen(first)).toEqual(told);
  await first.close();
  const second = open();
  expect(await seen(second)).toEqual(told);
  await second.close();
});

it('are learned beside their lines, where there are any, and survive a restart', async () => {
  const first = open();
  await visit(first, ['rate is 0 for 3', 'rate is 2 for 3', 'rate is 0 for 0', 'all is well', '{"message":"rate locked","amount":0}']);
  now = start + 12 * minute;
  await first.advance(now, []);
  const items = ['rate is <*> for <*> @0 2/5', 'rate is <*> for <*> @1 1/5', 'rate locked @.amount 1/5'];
  expect((await learned(first)).sort()).toEqual(items);
  const { normal } = (await first.knowledge()).baseline;
  expect([...normal.valued.keys()].map((key) => normal.valued.sum(key))).toEqual([5]);
  await first.close();
  const second = open();
  expect((await learned(second)).sort()).toEqual(items);
  await second.close();
});

it('are joined where their templates become one', async () => {
  const names = ['harvest', 'lattice', 'meridian', 'orchard', 'pebble', 'quiver', 'rampart', 'saffron', 'thicket', 'umbra'];
  const texts = names.map((name) => `price list ${name} was read with 0 entries`);
  const telemetry = open();
  await visit(telemetry, texts.slice(0, 3));
  now = start + 12 * minute;
  await telemetry.advance(now, []);
  expect(await learned(telemetry)).toHaveLength(3);
  await visit(telemetry, texts, 12 * minute);
  (await telemetry.knowledge()).baseline.follow(await telemetry.window(everything));
  expect(await learned(telemetry)).toEqual(['price list harvest was read with <*> entries @0 3/3']);
  await telemetry.close();
});

it('are kept of so many different sets of fields and no more, or fields named after data would fill the table of texts', async () => {
  const telemetry = open();
  const lines = Array.from({ length: 4_100 }, (_, i) => `{"message":"order ${i} is settled","rest-of-${i}":0}`);
  await visit(telemetry, lines.slice(0, 2_000));
  await visit(telemetry, lines.slice(2_000), 2_000);
  const told = (await seen(telemetry)).filter(([, fields]) => fields !== '');
  expect(told).toHaveLength(4_096);
  await telemetry.close();
});
