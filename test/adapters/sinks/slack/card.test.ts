/** A card as Slack is sent it: its golden files, Slack's limits, which suspects it shows, its buttons, and outside text as data. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { plainCard, renderCard } from '../../../../src/adapters/sinks/slack/card.ts';
import { characters } from '../../../../src/adapters/sinks/slack/details.ts';
import { card, evidence, hypothesis, release, states } from './cards.ts';

const folder = new URL('./golden/', import.meta.url);

/** Every string of a value with the path to it. */
function strings(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => strings(inner, `${path}/${key}`));
}

/** Rows of buttons that ask for a verdict. */
function verdictRows(blocks: readonly KnownBlock[]): KnownBlock[] {
  return blocks.filter((block) => JSON.stringify(block).includes('hypothesis_confirm'));
}

function expectWithinLimits({ text, blocks }: { text: string; blocks: KnownBlock[] }): void {
  expect(text.length).toBeGreaterThan(0);
  expect(text.length).toBeLessThanOrEqual(3_900);
  expect(blocks.length).toBeLessThanOrEqual(50);
  expect(characters(blocks)).toBeLessThanOrEqual(12_000);
  const ids = blocks.flatMap((block) => block.block_id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const block of blocks) {
    expect(block.block_id?.length ?? 0).toBeLessThanOrEqual(255);
    if (block.type === 'section') expect(block.text?.text.length).toSatisfy((n: number) => n >= 1 && n <= 3_000);
    if (block.type === 'context') expect(block.elements.length).toBeLessThanOrEqual(10);
  }
  for (const [path, value] of strings(blocks)) {
    expect(value.isWellFormed()).toBe(true);
    if (path.endsWith('/accessibility_label')) expect(value.length).toBeLessThanOrEqual(75);
    if (path.endsWith('/value')) expect(value.length).toBeLessThanOrEqual(2_000);
  }
}

describe('renderCard', () => {
  it.each(Object.keys(states))('draws %s as its golden file says', (name) => {
    // What a confidence has meant changes with each measurement of it; it has a test of its own.
    const drawn = `${JSON.stringify(renderCard(states[name]!), null, 2)}\n`.replace(/\d+ in \d+ were right/g, 'so many were right');
    const file = new URL(`${name}.json`, folder);
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, drawn);
    }
    expect(existsSync(file)).toBe(true);
    expect(drawn).toBe(readFileSync(file, 'utf8'));
  });

  it.each(Object.keys(states))('keeps %s within the limits of Slack', (name) => {
    expectWithinLimits(renderCard(states[name]!));
    expectWithinLimits(plainCard(states[name]!));
  });

  it('keeps the widest report within the limits and still names suspects and buttons', () => {
    const wide = '&'.repeat(2_000);
    const ids = Array.from({ length: 100 }, (_, i) => `e${i}`);
    const drawn = renderCard(
      card({
        incident: { title: wide, service: wide },
        context: {
          summary: wide,
          hypotheses: Array.from({ length: 5 }, (_, i) =>
            hypothesis({
              id: `h${i}`,
              service: `${i}${wide}`,
              component: wide,
              summary: `${wide}.`,
              evidence: ids,
              against: ids,
              wouldChangeMyMind: wide,
              path: Array.from({ length: 40 }, () => ({ from: wide, to: wide, evidence: [] })),
            }),
          ),
          evidence: Object.fromEntries(ids.map((id) => [id, evidence({ text: wide, url: `https://logs.example/${'x'.repeat(990)}` })])),
          gaps: Array.from({ length: 50 }, () => ({ source: wide, reason: wide })),
          blastRadius: Array.from({ length: 60 }, () => wide),
        },
      }),
    );
    expectWithinLimits(drawn);
    expect(verdictRows(drawn.blocks)).toHaveLength(3);
    expect(drawn.blocks.filter((block) => block.type === 'section').length).toBeGreaterThanOrEqual(4);
  });

  it('lets no outside text mention, link or leave its line', () => {
    const drawn = renderCard(states['hostile-text']!);
    const shown = strings(drawn)
      .filter(([path]) => path.endsWith('/text'))
      .map(([, text]) => text);
    const links = shown.flatMap((text) => text.match(/<[^>]*>/g) ?? []);
    expect(links.every((link) => link.startsWith('<!date^'))).toBe(true);
    expect(shown.join('\n')).not.toMatch(/\u202e|javascript:/);
    expect(drawn.text).not.toContain('<');
    expect(drawn.text).not.toContain('\n');
  });

  it('turns the automatic linking of names and addresses off wherever mrkdwn is used', () => {
    for (const name of Object.keys(states))
      for (const [path, value] of strings(renderCard(states[name]!).blocks))
        if (path.endsWith('/type') && value === 'mrkdwn')
          expect(at(renderCard(states[name]!).blocks, path.slice(0, -5))).toMatchObject({ verbatim: true });
  });

  it('gives every hypothesis buttons whose value leads back to it', () => {
    const values = strings(verdictRows(renderCard(states['three-close']!).blocks))
      .filter(([path]) => path.endsWith('/value'))
      .map(([, value]) => value);
    expect(values).toEqual(['INC-12.h1aaaaa', 'INC-12.h1aaaaa', 'INC-12.h2bbbbb', 'INC-12.h2bbbbb', 'INC-12.h3ccccc', 'INC-12.h3ccccc']);
  });

  it.each([
    ['one-cause', ['incident_resolve', 'incident_mute', 'export_open', 'incident_more']],
    ['resolved', ['export_open']],
    ['investigating', []],
  ])('offers %s what can be done with it', (name, expected) => {
    const actions = strings(renderCard(states[name]!).blocks)
      .filter(([path, value]) => path.endsWith('/action_id') && !value.startsWith('hypothesis_'))
      .map(([, value]) => value);
    expect(actions).toEqual(expected);
  });

  it('shows the hunk that is suspected, and lets it break out of nothing', () => {
    const hunk = '@@ -1,2 +1,2 @@\n-const ok = true;\n+```<!channel> *bold*\n' + '+x\n'.repeat(60);
    const change = { ...release, suspect: { file: 'src/`pay`.ts', hunk, why: 'touches <charge>' } };
    const drawn = JSON.stringify(renderCard(card({ context: { hypotheses: [hypothesis({ change })] } })).blocks);
    expect(drawn).toContain("In `src/'pay'.ts`: touches &lt;charge&gt;");
    expect(drawn).toContain("+'''&lt;!channel&gt; *bold*");
    expect(drawn).toMatch(/… \d+ more lines/);
    expect(drawn.split('```')).toHaveLength(3);
  });

  it('carries the incident in its metadata', () => {
    expect(renderCard(states['one-cause']!).metadata).toEqual({
      event_type: 'tracepulse_incident',
      event_payload: { incident_id: 'INC-12' },
    });
  });

  it('uses new block ids when a verdict changes', () => {
    const idsOf = (name: string) => renderCard(states[name]!).blocks.flatMap((block) => block.block_id ?? []);
    expect(idsOf('confirmed')).not.toEqual(idsOf('one-cause'));
  });

  it('shows no more than three suspects', () => {
    const many = Array.from({ length: 5 }, (_, i) => hypothesis({ id: `h${i}`, service: `s${i}` }));
    expect(verdictRows(renderCard(card({ context: { hypotheses: many } })).blocks)).toHaveLength(3);
  });

  it('gives an unlikely runner-up less room than a likely one', () => {
    const second = (confidence: number) =>
      renderCard(card({ context: { hypotheses: [hypothesis(), hypothesis({ id: 'h2', service: 'cart', confidence })] } }))
        .blocks.map((block) => (block.type === 'section' ? (block.text?.text ?? '') : ''))
        .find((text) => text.startsWith('*2. cart*'));
    expect(second(0.4)?.split('\n').length).toBeGreaterThan((second(0.08) ?? '').split('\n').length);
    expect(second(0.08)).toContain('unlikely, 8 %');
  });

  it('names in one line what a clear cause leaves, unless somebody judged it', () => {
    const rest = [
      hypothesis({ id: 'h2', service: 'cart', confidence: 0.03 }),
      hypothesis({ id: 'h3', service: 'redis', confidence: 0.001 }),
    ];
    const draw = (parts: Parameters<typeof card>[0]) =>
      renderCard(card({ ...parts, context: { hypotheses: [hypothesis(), ...rest], ...parts?.context } }));
    const clear = draw({});
    expect(verdictRows(clear.blocks)).toHaveLength(1);
    expect(JSON.stringify(clear.blocks)).toContain('Also considered: cart (3 %), redis (under 1 %)');
    const judged = draw({ tallies: { h2: { confirm: 0, reject: 1, confirmedBy: [], rejectedBy: ['slack:U0ANA'] } } });
    expect(verdictRows(judged.blocks)).toHaveLength(2);
    expect(JSON.stringify(judged.blocks)).toContain('Also considered: redis (under 1 %)');
    const fifth = [
      ...rest,
      hypothesis({ id: 'h4', service: 'four', confidence: 0.002 }),
      hypothesis({ id: 'h5', service: 'five', confidence: 0.001 }),
    ];
    const late = draw({
      context: { hypotheses: [hypothesis(), ...fifth] },
      tallies: { h5: { confirm: 0, reject: 1, confirmedBy: [], rejectedBy: ['slack:U0ANA'] } },
    });
    expect(JSON.stringify(late.blocks)).toMatch(/five.*Rejected by <@U0ANA>/);
    const resolved = draw({
      incident: { state: 'resolved' },
      tallies: { h2: { confirm: 1, reject: 0, confirmedBy: ['slack:U0ANA'], rejectedBy: [] } },
    });
    expect(verdictRows(resolved.blocks)).toHaveLength(2);
    expect(JSON.stringify(resolved.blocks)).toMatch(/cart.*Confirmed by <@U0ANA>/);
    const open = draw({ context: { verdict: 'inconclusive' } });
    expect(verdictRows(open.blocks)).toHaveLength(3);
  });
});

function at(value: unknown, path: string): unknown {
  return path
    .split('/')
    .filter((part) => part !== '')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}
