import { describe, expect, it } from 'vitest';
import { fitContext, tokensIn } from '../../src/domain/fit-context.ts';
import { IncidentContext } from '../../src/domain/incident-context.ts';
import { context as small } from '../surfaces/http/incident-fixtures.ts';

const ids = Array.from({ length: 40 }, (_, i) => `e${i}`);
const first = small.hypotheses[0] as IncidentContext['hypotheses'][number];
const large: IncidentContext = {
  ...small,
  hypotheses: [
    { ...first, id: 'h0', evidence: ['e30', 'e31'], against: ['e32'], path: [{ from: 'a', to: 'b', evidence: ['e30', 'e1'] }] },
    ...[1, 2, 3, 4].map((i) => ({ ...first, id: `h${i}`, evidence: [`e${i}`], against: [] })),
  ],
  evidence: Object.fromEntries(
    ids.map((id) => [id, { ...small.evidence['e1'], text: `${id} ${'x'.repeat(200)}` } as IncidentContext['evidence'][string]]),
  ),
  blastRadius: Array.from({ length: 50 }, (_, i) => `service-${i}`),
};

function cited(context: IncidentContext): string[] {
  return context.hypotheses.flatMap((h) => [...h.evidence, ...h.against, ...h.path.flatMap((hop) => hop.evidence)]);
}

describe('fitContext', () => {
  it('leaves alone what fits', () => expect(fitContext(large, 1_000_000)).toEqual(large));

  it.each([12_000, 6_000, 3_000, 1_500, 800])('fits into %d tokens and stays valid', (maxTokens) => {
    const fitted = fitContext(large, maxTokens);
    expect(tokensIn(fitted)).toBeLessThanOrEqual(maxTokens);
    expect(IncidentContext.safeParse(fitted).success).toBe(true);
    expect(cited(fitted).filter((id) => !(id in fitted.evidence))).toEqual([]);
  });

  it('keeps what the first hypothesis stands on longer than the rest', () => {
    const fitted = fitContext(large, 3_000);
    expect(Object.keys(fitted.evidence)).toEqual(expect.arrayContaining(['e30', 'e31', 'e32']));
    expect(fitted.hypotheses[0]?.evidence).toEqual(['e30', 'e31']);
    expect(Object.keys(fitted.evidence).length).toBeLessThan(40);
  });

  it('names what was left out', () => {
    expect(fitContext(large, 3_000).flags.truncated).toEqual(expect.arrayContaining(['map', 'evidence']));
    expect(fitContext(large, 1_000_000).flags.truncated).toEqual([]);
  });

  it('keeps the incident and its first hypothesis even when nothing fits', () => {
    const least = fitContext(large, 1);
    expect(least.incident.id).toBe(large.incident.id);
    expect(least.hypotheses.map((h) => h.id)).toEqual(['h0']);
  });

  it('gives up hunks before evidence, and the one of the first hypothesis last', () => {
    const change = {
      kind: 'deployment',
      service: 's',
      startedAt: small.incident.alertAt,
      version: null,
      sha: 'a',
      url: null,
      title: null,
      files: [],
    } as const;
    const suspect = { file: 'a.js', hunk: `@@ -1 +1 @@\n${'+ x\n'.repeat(800)}`, why: 'a frame' };
    const changed = { ...change, files: [], suspect };
    const withHunks: IncidentContext = {
      ...large,
      changes: [changed],
      hypotheses: large.hypotheses.map((h) => ({ ...h, change: changed })),
    };
    const fitted = fitContext(withHunks, tokensIn(large) + 2_500);
    expect(fitted.hypotheses.map((h) => h.change?.suspect?.file)).toEqual(['a.js', undefined, undefined, undefined, undefined]);
    expect(Object.keys(fitted.evidence)).toHaveLength(40);
    expect(tokensIn(fitContext(withHunks, 1_500))).toBeLessThanOrEqual(1_500);
  });
});
