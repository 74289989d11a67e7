import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rankCase, readCase } from './recorded-case.ts';

const root = join(import.meta.dirname, '../../../../shared/incidents');
const present = existsSync(join(root, 'tt'));

/** A few of each set; all of them are scored by `npm run accuracy`. */
const cases = ['tt/tt-001', 'tt/tt-002', 'tt/tt-010', 'dtl/dtl-002', 'dtl/dtl-004', 'cob/cob-002', 'crca/crca-001'];

describe.skipIf(!present)('ranking of recorded incidents (skipped where the recordings are not beside the checkout)', () => {
  it.each(cases)('%s: the injected service comes first', (path) => {
    const [set = '', id = ''] = path.split('/');
    const truth = JSON.parse(readFileSync(join(root, set, 'truth.json'), 'utf8')) as Record<string, { service: string }>;
    const ranking = rankCase(readCase(join(root, path)));
    expect(ranking.verdict).toBe('cause');
    expect(ranking.hypotheses[0]?.service).toBe(truth[id]?.service);
    for (const { evidence } of ranking.hypotheses)
      for (const cited of evidence) expect(ranking.evidence.some(({ id }) => id === cited)).toBe(true);
  });
});
