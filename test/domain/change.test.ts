import { describe, expect, it } from 'vitest';
import { type Change, isDeployed, mergeChanges } from '../../src/domain/change.ts';

const change = (over: Partial<Change> = {}): Change => ({
  kind: 'deployment',
  service: 'checkout',
  startedAt: 1_000_000,
  steps: [],
  version: null,
  sha: 'a1',
  url: null,
  title: null,
  files: [],
  ...over,
});

describe('isDeployed', () => {
  it.each([
    ['a recorded release', change({ kind: 'release' }), true],
    ['a deployment somebody vouches for', change({ deployedBy: 'deployment' }), true],
    ['a release that nothing was seen of', change({ kind: 'release', deployedBy: null }), false],
    ['a commit', change({ kind: 'commit', deployedBy: null }), false],
    ['a recorded commit', change({ kind: 'commit' }), false],
  ])('%s', (_, given, expected) => expect(isDeployed(given)).toBe(expected));
});

describe('mergeChanges', () => {
  it('takes what two sources say of one change as one, each filling what the other left open', () => {
    const [merged, ...rest] = mergeChanges([
      [change({ deployedBy: null, title: 'Retry less' })],
      [change({ startedAt: 900_000, deployedBy: 'deployment', files: ['a.js'], patches: [{ file: 'a.js', patch: '@@' }], version: 'v2' })],
    ]);
    expect(rest).toEqual([]);
    expect(merged).toMatchObject({ startedAt: 900_000, deployedBy: 'deployment', title: 'Retry less', version: 'v2', files: ['a.js'] });
    expect(merged?.patches).toHaveLength(1);
  });

  it('takes a version that telemetry shows for the deployment that brought it', () => {
    const deployment = change({ version: 'v1.10.0', patches: [{ file: 'a.js', patch: '@@' }] });
    const seen = change({ kind: 'release', sha: null, version: '1.10.0', deployedBy: 'telemetry', startedAt: 1_020_000 });
    expect(mergeChanges([[deployment], [seen]])).toEqual([{ ...deployment, deployedBy: 'telemetry' }]);
    expect(mergeChanges([[deployment], [{ ...seen, version: '1.9.0' }]])).toHaveLength(2);
    expect(mergeChanges([[deployment], [{ ...seen, deployedBy: null }]])).toHaveLength(2);
  });

  it.each([
    ['of another service', change({ service: 'cart' })],
    ['of another kind', change({ kind: 'release' })],
    ['of another commit', change({ sha: 'b2' })],
    ['hours later, rolled out once more', change({ startedAt: 9_000_000 })],
    ['that name neither commit nor version', change({ sha: null })],
  ])('keeps changes apart %s', (_, other) => expect(mergeChanges([[change()], [other]])).toHaveLength(2));

  it('merges nothing within one source, and puts the oldest first', () => {
    expect(mergeChanges([[change({ startedAt: 3 }), change({ startedAt: 2 })], []]).map(({ startedAt }) => startedAt)).toEqual([2, 3]);
  });
});
