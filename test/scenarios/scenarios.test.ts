/**
 * Recorded incidents of our own making, each a replay folder and what is expected of the report. Names are neutral and no
 * log line gives the answer away. They run everywhere, through the same intake, store and ranking as production.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { replay } from '../../src/cli/replay.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const Expected = z.object({
  verdict: z.enum(['cause', 'inconclusive', 'healthy']).optional(),
  /** First place. */
  service: z.string().optional(),
  /** Among the first three. */
  among: z.string().optional(),
  kind: z.string().optional(),
  change: z.object({ service: z.string(), version: z.string() }).optional(),
  /** Sources that must be named as gaps. */
  gaps: z.array(z.string()).optional(),
});
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const scenarios = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'expected.json')));

describe('scenarios', () => {
  it.each(scenarios)('%s', async (name) => {
    const expected = Expected.parse(JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')));
    const { context } = await replay(join(folder, name), { fetch: globalThis.fetch, now: Date.now, log: quiet });
    const [first] = context.hypotheses;
    if (expected.verdict !== undefined) expect(context.verdict).toBe(expected.verdict);
    if (expected.service !== undefined) expect(first?.service).toBe(expected.service);
    if (expected.among !== undefined) expect(context.hypotheses.slice(0, 3).map((h) => h.service)).toContain(expected.among);
    if (expected.kind !== undefined) expect(first?.kind).toBe(expected.kind);
    if (expected.change !== undefined) expect(first?.change).toMatchObject(expected.change);
    for (const gap of expected.gaps ?? []) expect(context.gaps.map((g) => g.source)).toContain(gap);
    if (context.verdict !== 'cause') expect(first?.confidence ?? 0).toBeLessThan(0.5);
    for (const hypothesis of context.hypotheses)
      for (const id of [...hypothesis.evidence, ...hypothesis.against])
        expect(context.evidence[id], `${id} is cited but not there`).toBeDefined();
  });
});
