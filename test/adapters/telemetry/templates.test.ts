/** Templates that generalise: lines from before and after count as one, in the window and in what is normal, restarts included. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leftOf, rightOf } from '../../../src/domain/baseline/counts.ts';
import type { Telemetry } from '../../../src/ports.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { logs, minute, start, traces } from './bodies.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const names = ['harvest', 'lattice', 'meridian', 'orchard', 'pebble', 'quiver', 'rampart', 'saffron', 'thicket', 'umbra'];
let folder = '';
let now = start;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'templates-'));
  now = start + minute;
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (): Telemetry =>
  createTelemetry({ file: join(folder, 'telemetry.sqlite'), now: () => now, windowMinutes: 60, maxBytes: 2 ** 28 });

/** One visit of shop a name, each with its line. */
async function visit(telemetry: Telemetry, words: readonly string[], from: number): Promise<void> {
  const at = (i: number) => from + i * 1_000;
  await telemetry.ingest('traces', traces({ shop: words.map((_, i) => ({ trace: from + i + 1, span: from + i + 1, at: at(i) })) }), 'json');
  const lines = words.map((word, i) => ({
    trace: from + i + 1,
    span: from + i + 1,
    at: at(i) + 2,
    text: `price list ${word} was read from the shelf`,
  }));
  await telemetry.ingest('logs', logs({ shop: lines }), 'json');
}

async function templates(telemetry: Telemetry) {
  const window = await telemetry.window(everything);
  return Array.from(window.logs.template, (template) => ({ template, text: window.templateText(template) }));
}

describe('a template that generalises', () => {
  it('is one for the lines from before it did as well', async () => {
    const telemetry = open();
    await visit(telemetry, names, 0);
    const met = await templates(telemetry);
    expect(new Set(met.map(({ template }) => template)).size).toBe(1);
    expect(met[0]?.text).toBe('price list <*> was read from the shelf');
    await telemetry.close();
  });

  it('keeps its number and what it has learned through a restart, even when its lines are no longer kept', async () => {
    const first = open();
    await visit(first, names, 0);
    now = start + 12 * minute;
    await first.advance(now, []);
    const before = (await templates(first))[0]!;
    await first.close();
    now = start + 3 * 60 * minute;
    const second = open();
    await second.advance(now, []);
    expect(await templates(second)).toEqual([]);
    await visit(second, ['willow'], 3 * 60 * minute);
    expect(await templates(second)).toEqual([before]);
    await second.close();
  });

  it('joins what was learned under several names into one, in no more visits than there were', async () => {
    const telemetry = open();
    await visit(telemetry, names.slice(0, 3), 0);
    now = start + 12 * minute;
    await telemetry.advance(now, []);
    const items = async () => {
      const { baseline } = await telemetry.knowledge();
      const { normal, lexicon } = baseline;
      const name = (id: number) => lexicon.parts(id);
      return [...normal.items.keys()].flatMap((key) => {
        const [grade = '', text = ''] = name(rightOf(key));
        return grade === 'I' ? [{ text, hits: normal.items.sum(key), visits: normal.visited.sum(leftOf(key)) }] : [];
      });
    };
    expect(await items()).toHaveLength(3);
    await visit(telemetry, names, 12 * minute);
    const { baseline } = await telemetry.knowledge();
    baseline.follow(await telemetry.window(everything));
    const joined = [{ text: 'price list harvest was read from the shelf', hits: 3, visits: 3 }];
    expect(await items()).toEqual(joined);
    await telemetry.close();
    const again = open();
    now = start + 23 * minute;
    await again.advance(now, []);
    const learned = (await again.knowledge()).baseline;
    expect(learned.minutes).toBe(2);
    expect([...learned.normal.items.keys()].filter((key) => learned.lexicon.parts(rightOf(key))[0] === 'I')).toHaveLength(1);
    await again.close();
  });
});
