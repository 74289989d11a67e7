import { afterEach, beforeEach, vi } from 'vitest';
import { patienceMs } from './patience.ts';

/**
 * Where all that is asked answers: whoever asks waits for it as long as a test does, not the two seconds of an investigation, which
 * a busy machine may stand still for. Not for tests of those that do not answer.
 */
export function patientAskers(): void {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  beforeEach(() => {
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(Math.max(ms, patienceMs)));
  });
  afterEach(() => {
    vi.mocked(AbortSignal.timeout).mockRestore();
  });
}
