/**
 * Recorded incidents of our own making, each a replay folder and what is expected of the report. Names are neutral and no
 * log line gives the answer away. They run everywhere, through the same intake, store and ranking as production; make/make.ts
 * makes most of them. `UPDATE_GOLDEN=1` writes the reports anew: read their diff.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { replay } from '../../src/cli/replay.ts';
import { faultKinds } from '../../src/domain/hypothesis.ts';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { reportText } from '../../src/domain/report-text.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const Verdict = z.enum(['cause', 'inconclusive', 'healthy']);
const Expected = z.strictObject({
  verdict: Verdict.or(z.array(Verdict)).optional(),
  /** First place. */
  service: z.string().optional(),
  /** The part of it that is named. */
  component: z.string().optional(),
  /** Among the first three. */
  among: z.string().optional(),
  /** All of them among the first three. */
  allAmong: z.array(z.string()).optional(),
  kind: z.enum(faultKinds).optional(),
  /** null: none is blamed. */
  change: z.object({ service: z.string(), version: z.string() }).nullable().optional(),
  /** Sources that must be named as gaps. */
  gaps: z.array(z.string()).optional(),
  /** Something is said against the first. */
  against: z.literal(true).optional(),
});
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const scenarios = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'expected.json')));
const contexts = new Map<string, Promise<IncidentContext>>();

function contextOf(name: string): Promise<IncidentContext> {
  const fetch = () => Promise.reject(new Error('an offline investigation asks nobody'));
  const context =
    contexts.get(name) ?? replay(join(folder, name), { fetch, now: () => 0, log: quiet }).then((replayed) => replayed.context);
  contexts.set(name, context);
  return context;
}

describe.each(scenarios)('scenario %s', (name) => {
  it('is answered as it should be', async () => {
    const expected = Expected.parse(JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')));
    const context = await contextOf(name);
    const [first] = context.hypotheses;
    const firstThree = context.hypotheses.slice(0, 3).map(({ service }) => service);
    if (expected.verdict !== undefined) expect([expected.verdict].flat()).toContain(context.verdict);
    if (expected.service !== undefined) expect(first?.service).toBe(expected.service);
    if (expected.component !== undefined) expect(first?.component).toBe(expected.component);
    for (const service of [expected.among ?? [], expected.allAmong ?? []].flat()) expect(firstThree).toContain(service);
    if (expected.kind !== undefined) expect(first?.kind).toBe(expected.kind);
    if (expected.change === null) expect(first?.change).toBeNull();
    else if (expected.change !== undefined) expect(first?.change).toMatchObject(expected.change);
    for (const gap of expected.gaps ?? []) expect(context.gaps.map(({ source }) => source)).toContain(gap);
    if (expected.against === true) expect(first?.against).not.toEqual([]);
    if (context.verdict !== 'cause') expect(first?.confidence ?? 0).toBeLessThan(0.5);
  });

  it('has for each hypothesis what it stands on, what would settle it and the way to those who notice', async () => {
    const { hypotheses, evidence, map } = await contextOf(name);
    for (const { service, kind, evidence: cited, against, path, wouldChangeMyMind } of hypotheses) {
      expect(faultKinds).toContain(kind);
      expect(cited.length).toBeGreaterThan(0);
      expect(wouldChangeMyMind).toMatch(/\S/);
      for (const id of [...cited, ...against, ...path.flatMap((hop) => hop.evidence)])
        expect(evidence[id], `${id} is cited but not there`).toBeDefined();
      let at = service;
      for (const hop of path) {
        expect(hop.from).toBe(at);
        expect(hop.evidence.length).toBeGreaterThan(0);
        expect(hop.evidence.some((id) => evidence[id]?.service === hop.to && evidence[id]?.text.includes(hop.from))).toBe(true);
        at = hop.to;
      }
      expect(new Set(path.map(({ to }) => to)).size).toBe(path.length);
      expect(map.edges.filter(({ callee }) => callee === at).map(({ caller }) => caller)).toEqual([]);
    }
  });

  it('reads as it did', async () => {
    const text = reportText(await contextOf(name));
    const golden = join(folder, name, 'report.txt');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text);
    expect(text).toBe(existsSync(golden) ? readFileSync(golden, 'utf8') : 'a golden report');
  });
});

describe('the scenarios', () => {
  it('are at least twelve, some healthy, some with nothing to blame a change for, some with two faults or a source down', () => {
    const expected = scenarios.map((name) => Expected.parse(JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'))));
    expect(expected.length).toBeGreaterThanOrEqual(12);
    const isThere = (test: (one: z.infer<typeof Expected>) => boolean) => expect(expected.some(test)).toBe(true);
    isThere(({ verdict }) => verdict === 'healthy');
    isThere(({ change }) => change === null);
    isThere(({ allAmong }) => (allAmong?.length ?? 0) > 1);
    isThere(({ gaps }) => gaps?.includes('traces') === true);
  });
});
