/** One surface before one workspace for all tests of a file; what Slack refuses fails the test that does not expect it. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { eventually } from '../../workspace/bolt.ts';
import { type Run, startRun } from './workspace-run.ts';

/** There from the first test on of a file that calls `oneRun`. */
export let run: Run;

/** To be called once by a file. */
export function oneRun(): void {
  beforeAll(async () => {
    const settings = { TRACEPULSE_URL: 'https://pulse.example/' };
    run = await startRun({ services: ['payment', 'catalog', 'checkout', 'x'.repeat(90)], settings });
  });

  afterAll(() => run.stop());

  afterEach(() => {
    const refused = run.server.workspace.refusals();
    run.server.workspace.clearRefusals();
    run.votes.splice(0);
    expect(refused).toEqual([]);
  });
}

export const workspace = () => run.server.workspace;
export const seen = <Value>(ask: () => Value | undefined) => eventually(run.server, ask);
export const lastEphemeral = (user: string) => workspace().ephemerals('debug', user).at(-1)?.text;

/** The rows of buttons under one hypothesis have an id that begins with its own. */
export function blockOf(at: { channel: string; ts: string }, hypothesisId: string): string {
  const blocks = workspace().message(at)?.blocks ?? [];
  return String(blocks.find((block) => String(block['block_id']).startsWith(hypothesisId))?.['block_id']);
}
