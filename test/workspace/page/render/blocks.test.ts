import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { knownBlockTypes, renderBlocks } from '../../../../src/workspace/page/render/blocks.ts';
import { niceTicks } from '../../../../src/workspace/page/render/chart.ts';
import { renderMessageBody } from '../../../../src/workspace/page/render/message.ts';
import { blockCases } from './block-cases.ts';

const lookups = {
  people: [
    { id: 'U1', name: 'ana' },
    { id: 'U2', name: 'ben' },
  ],
  channels: [{ id: 'C1', name: 'debug' }],
  timeZone: 'UTC',
  now: Date.UTC(2026, 10, 25, 12),
  viewer: 'U1',
  idPrefix: 'm1',
  picture: (id: string) => (/^F\d$/.test(id) ? `/chat/files/${id}` : undefined),
};

describe('renderBlocks', () => {
  it.each(Object.entries(blockCases))('shows %s as its golden file says', (name, blocks) => {
    const html = `${renderBlocks(blocks, lookups).replaceAll('><', '>\n<')}\n`;
    const file = new URL(`golden/${name}.html`, import.meta.url);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, html);
    expect(existsSync(file), `run once with UPDATE_GOLDEN=1 to make ${name}.html`).toBe(true);
    expect(html).toBe(readFileSync(file, 'utf8'));
  });

  it('has a golden file for every type it knows', () => {
    expect(knownBlockTypes().filter((type) => blockCases[type] === undefined)).toEqual([]);
  });

  it.each(['hologram', 'constructor', '__proto__', ''])('shows a block of the unknown type "%s" with its JSON', (type) => {
    const html = renderBlocks([{ type, secretNote: 42 }], lookups);
    expect(html).toContain('<details class="unknown">');
    expect(html).toContain('secretNote');
  });

  it.each(knownBlockTypes().filter((type) => type !== 'divider'))('shows an empty %s as malformed, never as nothing', (type) => {
    expect(renderBlocks([{ type }], lookups)).toContain(`“${type}”`);
  });

  it.each(knownBlockTypes())('lets no HTML out of any string of a %s', (type) => {
    const hostile = '"\'><img src=x onerror=alert(1)><script>';
    const poisoned = JSON.parse(JSON.stringify(blockCases[type]), (key, value) =>
      typeof value === 'string' && !['type', 'style', 'level', 'status'].includes(key) ? `${value}${hostile}` : value,
    );
    const html = renderBlocks(poisoned, lookups);
    expect(html).not.toMatch(/<img src=x|<script/);
    expect(withoutQuoted(html)).not.toMatch(/onerror/);
  });

  it.each(knownBlockTypes())('gives every id of a %s once', (type) => {
    const ids = [...renderBlocks(blockCases[type], lookups).matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('marks no series point where none was measured', () => {
    const html = renderBlocks(blockCases['data_visualization']?.slice(0, 1), lookups);
    expect(html.match(/<circle class="dot"/g)).toHaveLength(5);
    expect(html).toContain('<td class="align-right">–</td>');
  });
});

describe('niceTicks', () => {
  it.each([
    [0, 8.4, [0, 2, 4, 6, 8, 10]],
    [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [-3, 12, [-5, 0, 5, 10, 15]],
  ])('encloses %s to %s', (low, high, ticks) => {
    const got = niceTicks(low, high);
    expect(got[0]).toBeLessThanOrEqual(low);
    expect(got[got.length - 1]).toBeGreaterThanOrEqual(high);
    if (low !== high) expect(got).toEqual(ticks);
  });
});

describe('renderMessageBody', () => {
  it('shows the text where there are no blocks', () => {
    expect(renderMessageBody({ text: 'a *b*', blocks: [] }, lookups)).toBe('<div class="block message-text">a <b>b</b></div>');
  });

  it('shows blocks instead of the text', () => {
    expect(renderMessageBody({ text: 'spoken', blocks: [{ type: 'divider' }] }, lookups)).toBe(
      '<div class="block block-divider" data-block=""><hr></div>',
    );
  });

  it('draws the bar of an attachment in its colour, and in no other attribute', () => {
    const html = renderMessageBody(
      {
        attachments: [
          { color: 'danger', text: 'a' },
          { color: 'url(x)"', title: 't', fields: [{ title: 'k', value: '*v*' }] },
        ],
      },
      lookups,
    );
    expect(html).toContain('fill="#a30200"');
    expect(html).toContain('class="plain"');
    expect(html).toContain('<b>k</b><br><b>v</b>');
  });

  it('shows an uploaded picture with its alternative text, and offers any other file', () => {
    const html = renderMessageBody(
      {
        files: [
          { id: 'F1', name: 'map.png', mimetype: 'image/png', alt_txt: 'Map' },
          { id: 'F2', name: 'a.svg', mimetype: 'image/svg+xml' },
        ],
      },
      lookups,
    );
    expect(html).toContain('<img class="picture-full" src="/chat/files/F1" alt="Map"');
    expect(html).not.toContain('src="/chat/files/F2"');
    expect(html).toContain('href="/chat/files/F2" download="a.svg"');
  });
});

/** What is left of tags once attribute values and text are gone: only names, where an injected attribute would show. */
function withoutQuoted(html: string): string {
  return html.replace(/"[^"]*"/g, '""').replace(/>[^<]*</g, '><');
}
