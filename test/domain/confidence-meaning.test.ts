import { describe, expect, it } from 'vitest';
import { confidenceMeaning } from '../../src/domain/confidence-meaning.ts';
import { calibration } from '../../src/domain/ranking/calibration.ts';

const levels = [
  { from: 0, reports: 200, right: 3 },
  { from: 0.5, reports: 100, right: 68 },
  { from: 0.7, reports: 19, right: 15 },
  { from: 0.9, reports: 400, right: 400 },
];

describe('what a confidence means', () => {
  it.each([
    [0.1, 'of test reports at this level 2 in 100 were right'],
    [0.5, 'of test reports at this level 7 in 10 were right'],
    [0.97, 'of test reports at this level 99 in 100 were right'],
  ])('%d: said by how reports as sure have done, never as a certainty', (confidence, meaning) => {
    expect(confidenceMeaning(confidence, levels)).toBe(meaning);
  });

  it('is not said of too few reports', () => {
    expect(confidenceMeaning(0.75, levels)).toBeNull();
  });

  it('is known for every number the ranking gives, and grows with it', () => {
    expect(calibration[0]?.from).toBe(0);
    expect(calibration.every(({ reports }) => reports >= 20)).toBe(true);
    const [least, most] = [calibration[0]!, calibration.at(-1)!];
    expect(most.right / most.reports).toBeGreaterThan(0.8 + least.right / least.reports);
  });
});
