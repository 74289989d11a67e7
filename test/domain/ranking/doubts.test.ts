import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rankCase, readCase } from './recorded-case.ts';

const root = join(import.meta.dirname, '../../../../shared/incidents');

describe.skipIf(!existsSync(root))('the other side of a hypothesis (skipped where the recordings are not beside the checkout)', () => {
  it.each(['tt/tt-002', 'dtl/dtl-001', 'cob/cob-001', 'crca/crca-001'])('%s: every first suspect says what would settle it', (path) => {
    const { hypotheses, evidence } = rankCase(readCase(join(root, path)));
    const first = hypotheses[0]!;
    expect(first.wouldChangeMyMind).toContain(first.service);
    const ids = new Set(evidence.map(({ id }) => id));
    for (const { against, path } of hypotheses)
      for (const id of [...against, ...path.flatMap((hop) => hop.evidence)]) expect(ids).toContain(id);
    for (const hop of first.path) expect(hop.evidence.length).toBeGreaterThan(0);
  });

  it('a service said to be unreachable has it held against it that it still speaks', () => {
    const { hypotheses, evidence } = rankCase(readCase(join(root, 'cob/cob-022')));
    expect(hypotheses[0]!.features).toHaveProperty('unreachable');
    const against = hypotheses[0]!.against.map((id) => evidence.find((e) => e.id === id)?.text);
    expect(against).toEqual([expect.stringMatching(/^currencyservice is alive: it sent 6 records in the last 30 s/)]);
  });

  it('where it would look the same with a callee at fault, that is said and keeps it from being sure', () => {
    const { hypotheses } = rankCase(readCase(join(root, 'dtl/dtl-008')));
    expect(hypotheses[0]!.confidence).toBeLessThan(0.8);
    expect(hypotheses[0]!.wouldChangeMyMind).toContain('if one of them did not answer in time either');
  });
});
