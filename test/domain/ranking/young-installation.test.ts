/**
 * A young installation, and every demo: nothing has been learned yet, the window itself holds half a minute of normal and
 * a few seconds of trouble. The recent window's own early part is then what now is compared with, at onsets fine enough
 * for that (a few seconds before the alert, not only 0.6 minutes), with confidence that knows how little past it has and
 * still names a fault that 40 requests show plainly (verdict `cause`). A `service.version` seen first just before the
 * onset makes a release the suspect change, also when no source of changes is connected. Recordings: `test/scenarios`.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { replay } from '../../../src/cli/replay.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const cases = [
  { name: 'harbour', service: 'payment', what: 'a new version throws in part of its requests' },
  { name: 'meadow', service: 'inventory', what: 'a service became slow inside' },
  { name: 'lantern', service: 'catalog', what: 'a query and a log line vanished; the error shows in the caller' },
];

describe('with nothing learned yet', () => {
  it.each(cases)('$what', async ({ name, service }) => {
    const folder = fileURLToPath(new URL(`../../scenarios/${name}`, import.meta.url));
    expect(existsSync(folder)).toBe(true);
    const { context } = await replay(folder, { fetch: globalThis.fetch, now: Date.now, log: quiet });
    expect(context.hypotheses[0]?.service).toBe(service);
    expect(context.verdict).toBe('cause');
  });
});
