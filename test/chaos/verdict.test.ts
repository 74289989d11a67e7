/** What counts as lost: an incident holds a hundred alerts, and only counts those beyond. */
import { expect, it } from 'vitest';
import { maxAlerts } from '../../src/domain/incident-drafts.ts';
import { judge } from './verdict.ts';
import type { World } from './world.ts';

const nothing = { workspace: { messages: () => [] }, smtp: { arrived: [] }, jira: { issues: [] } } as unknown as World;
const markers = Array.from({ length: maxAlerts + 5 }, (_, i) => `m${i}`);

function lostOf(held: readonly string[], alertCount: number, promisedTo: string | null, ended = 0): readonly string[] {
  const alerts = held.map((chaos) => ({ labels: { chaos }, correlationIds: [] }));
  const incident = { id: 'INC-1', state: 'open', severity: 'warning', alerts, alertCount, feedback: [] };
  const promised = {
    alerts: new Map(markers.map((marker) => [marker, promisedTo])),
    endings: new Map([['INC-1', ended]]),
    presses: [],
    requests: 0,
    unanswered: 0,
    statuses: new Map(),
  };
  return judge(promised, [incident], nothing).lost.filter((what) => what.startsWith('alert'));
}

it.each(['INC-1', null])('loses none where a full incident has counted all of them, promised to %s', (id) => {
  expect(lostOf(markers.slice(5), markers.length, id)).toEqual([]);
});

it.each(['INC-1', null])('loses what was neither held nor counted, promised to %s', (id) => {
  expect(lostOf(markers.slice(5), markers.length - 2, id)).toHaveLength(2);
  expect(lostOf(markers.slice(6), markers.length, id)).toHaveLength(6);
});

it('does not take the end of an alert for one that was counted', () => {
  expect(lostOf(markers.slice(5), markers.length + 3, 'INC-1', 3)).toEqual([]);
  expect(lostOf(markers.slice(5), markers.length, 'INC-1', 3)).toHaveLength(3);
});
