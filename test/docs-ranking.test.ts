/** What docs/ranking.md tells of a recorded incident is what the product says of it, word for word, and so are its pictures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../src/cli/recording.ts';
import { type Replayed, replay } from '../src/cli/replay.ts';
import { incidentMap } from '../src/domain/incident-map.ts';
import { timelineChart } from '../src/domain/timeline-chart.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs', 'ranking.md'), 'utf8');
const folder = join(root, 'test', 'scenarios', 'harbour');
const report = readFileSync(join(folder, 'report.txt'), 'utf8');
const section = page.split('## One incident, step by step')[1]?.split(/^## /m)[0] ?? '';
const quoted = [...section.matchAll(/^- `(.*)`$/gm)].map((found) => found[1] ?? '');
const told = new Map([...section.matchAll(/<img alt="([^"]*)" src="images\/harbour-(\w+)\.png"/g)].map((found) => [found[2], found[1]]));

describe('the incident explained in docs/ranking.md', () => {
  let replayed: Replayed;
  beforeAll(async () => {
    replayed = await replay(folder, { fetch: globalThis.fetch, now: Date.now, log: { debug() {}, info() {}, warn() {}, error() {} } });
  });

  it('quotes the report', () => {
    expect(quoted.length).toBeGreaterThan(15);
    expect(quoted.filter((line) => !report.includes(line))).toEqual([]);
  });

  it('tells what the pictures show', () => {
    const { context, timeline } = replayed;
    expect(told.get('map')).toBe(incidentMap(context)?.words);
    expect(told.get('minutes')).toBe(timeline === null ? null : timelineChart(context, timeline)?.words);
  });

  it('counts the failures, the places and the seconds right', () => {
    const { context } = replayed;
    const begun = [...new Set(quoted.flatMap((line) => /^(\d+) of 2[56] failed requests/.exec(line)?.[1] ?? []))].map(Number);
    // The 26th, an empty basket, is told of by the line that says so.
    const baskets = quoted.filter((line) => line.includes('basket of <*> is empty')).length;
    expect(begun.reduce((sum, count) => sum + count, 14) + baskets).toBe(26);
    expect(context.map.total.services).toBe(17);
    expect((Date.parse(context.incident.alertAt) - Date.parse(context.onsetAt ?? '')) / 1_000).toBeCloseTo(7, 0);
    expect(openRecording(folder).changes).toEqual([]);
  });
});
