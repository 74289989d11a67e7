/** What people said of a recorded incident's strongest suspect, and what that does to its ranking. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../src/domain/feedback.ts';
import { rankCase, readCase } from './recorded-case.ts';

const folder = join(import.meta.dirname, '../../../../shared/incidents/tt/tt-001');

describe.skipIf(!existsSync(folder))('a rejected suspect (skipped where the recordings are not beside the checkout)', () => {
  const recorded = existsSync(folder) ? readCase(folder) : null;
  const rankWith = (services: Record<string, number>) => {
    if (recorded === null) throw new Error('there is no recording');
    return rankCase(recorded, { ...initialWeights, services });
  };

  it('leaves the first place however strong the evidence, stays listed, and does not make all well', () => {
    const before = rankWith({});
    const strongest = before.hypotheses[0]?.service ?? '';
    expect(before.hypotheses[0]?.confidence).toBeGreaterThan(0.9);
    const after = rankWith({ [strongest]: -2 });
    expect(after.hypotheses[0]?.service).not.toBe(strongest);
    expect(after.hypotheses.map(({ service }) => service)).toContain(strongest);
    expect(after.hypotheses.length).toBeLessThanOrEqual(5);
    expect(after.verdict).toBe('inconclusive');
  });

  it('is where it was when as many confirm it', () => {
    expect(rankWith({ 'ts-contacts-service': 0 }).hypotheses[0]).toEqual(rankWith({}).hypotheses[0]);
  });
});
