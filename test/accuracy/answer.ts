/** Asks the product about a folder: `replay`, the same intake, store, baseline, map and ranking as in production. */
import type { Tools } from '../../src/adapter.ts';
import { replay } from '../../src/cli/replay.ts';
import type { IncidentFolder } from './folder.ts';
import { recordingOf } from './recording-of.ts';
import type { Answer } from './score.ts';

export { recordingOf } from './recording-of.ts';

const tools: Tools = {
  fetch: () => Promise.reject(new Error('an offline investigation asks nobody')),
  now: () => 0,
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
};

export async function answerOf(folder: IncidentFolder): Promise<Answer> {
  const { context, elapsedMs } = await replay(recordingOf(folder), tools);
  return {
    verdict: context.verdict,
    hypotheses: context.hypotheses.map(({ service, kind, confidence, change }) => ({
      service,
      kind,
      confidence,
      changeService: change?.service ?? null,
    })),
    elapsedMs,
  };
}
