import { describe, expect, it } from 'vitest';
import { calibrationLevels, crossValidatedError, transferError } from './calibrate.ts';
import type { Scored } from './score.ts';

function reports(service: string, said: number, right: number, n: number): Scored[] {
  return Array.from({ length: n }, (_, i) => ({
    name: `${service} ${i}`,
    set: 'made',
    half: 'open',
    truth: { services: [service], fault: 'cpu', changeService: null },
    affected: 10,
    answer: { verdict: 'cause', hypotheses: [{ service, kind: 'latency', confidence: said, changeService: null }], elapsedMs: 0 },
    right: i < right,
    guess: i < right,
    inThree: i < right,
    confidentWrong: false,
    both: null,
    plain: {},
  }));
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

describe('what a confidence was worth', () => {
  it('is counted by level', () => {
    const levels = calibrationLevels([...reports('a', 0.95, 9, 10), ...reports('b', 0.05, 1, 4)]);
    expect(levels.at(-1)).toMatchObject({ from: 0.9, reports: 10, right: 9 });
    expect(levels[0]).toMatchObject({ from: 0, reports: 4, right: 1 });
  });

  it('carries over where all services are alike, and not where the one left out differs', () => {
    const alike = names.flatMap((name) => reports(name, 0.95, 9, 10));
    expect(crossValidatedError(alike)).toBeCloseTo(0, 6);
    const one = [...names.slice(1).flatMap((name) => reports(name, 0.95, 9, 10)), ...reports('a', 0.95, 0, 10)];
    expect(crossValidatedError(one)).toBeGreaterThan(0.1);
  });

  it('is compared with another world by the reports of that world', () => {
    const levels = calibrationLevels(reports('a', 0.95, 9, 10));
    expect(transferError(levels, reports('z', 0.92, 18, 20))).toBeCloseTo(0, 6);
    expect(transferError(levels, reports('z', 0.92, 0, 20))).toBeCloseTo(0.9, 6);
  });

  it('counts a quiet window as wrong whoever is accused in it', () => {
    const quiet = reports('a', 0.95, 1, 1).map((one) => ({ ...one, truth: { ...one.truth, services: [] } }));
    expect(calibrationLevels(quiet).at(-1)).toMatchObject({ reports: 1, right: 0 });
  });
});
