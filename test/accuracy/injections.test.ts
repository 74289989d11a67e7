import { describe, expect, it } from 'vitest';
import { allInjections } from './all-injections.ts';
import { faultNames } from './faults.ts';
import type { Case, IncidentFolder } from './folder.ts';
import { resourceFaultNames } from './resource-faults.ts';
import { releaseFaults } from './release-world.ts';
import { startupFaults } from './startup-world.ts';
import { seeded } from './random.ts';

const all = allInjections(1);

function textsOf(folder: IncidentFolder): string[] {
  return folder.logs.flatMap(({ resourceLogs }) =>
    resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body.stringValue ?? ''))),
  );
}

function sample(of: (one: Case) => boolean, count: number): Case[] {
  return seeded('injections').shuffled(all.filter(of)).slice(0, count);
}

describe('injected incidents', () => {
  it('cover every fault in both halves', () => {
    for (const fault of [...faultNames, ...resourceFaultNames, ...startupFaults, ...releaseFaults, 'two at once', 'none'])
      for (const half of ['open', 'closed'])
        expect(all.filter((one) => one.truth.fault === fault && one.half === half).length, `${fault} ${half}`).toBeGreaterThan(2);
  });

  it('are the same from the same seed', () => {
    const twice = allInjections(1);
    for (const one of sample(() => true, 8)) {
      const again = twice[all.indexOf(one)]!;
      const read = one.read();
      expect(again.read()).toEqual(read);
      expect(one.read()).toEqual(read);
      expect(again.affected).toBe(one.affected);
    }
  });

  it('hold nothing later than the alert', () => {
    for (const one of sample(() => true, 20)) {
      const { alertAt, traces, logs } = one.read();
      const latest = Math.max(
        0,
        ...traces.flatMap((t) =>
          t.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans.map((span) => Number(span.endTimeUnixNano) / 1e6))),
        ),
        ...logs.flatMap((l) =>
          l.resourceLogs.flatMap((r) => r.scopeLogs.flatMap((s) => s.logRecords.map((log) => Number(log.timeUnixNano) / 1e6))),
        ),
      );
      expect(latest).toBeLessThanOrEqual(alertAt);
    }
  });

  it('do not name the guilty service in error texts of faults that happen inside it', () => {
    const inside = ['thrown', 'swallowed', 'return', 'dependency down'];
    for (const one of sample(({ truth, set }) => set.startsWith('made') && inside.includes(truth.fault), 12)) {
      const errors = textsOf(one.read()).filter((text) => text.includes('request failed'));
      for (const text of errors) expect(text).not.toContain(one.truth.services[0]);
    }
  });

  it('hold spans and gauges and no log line where only those are told, and the gauges show what runs out', () => {
    for (const one of sample(({ truth, set }) => set.startsWith('measured') && truth.fault === 'pool exhausted', 3)) {
      const { logs, metrics } = one.read();
      expect(textsOf({ ...one.read(), logs })).toEqual([]);
      const waiting = metrics.flatMap(({ resourceMetrics }) =>
        resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
          scopeMetrics.flatMap((scope) =>
            scope.metrics
              .filter(({ name }) => /pending|queue_depth/.test(name))
              .map(({ gauge }) => [
                resource.attributes[0]!.value.stringValue,
                Math.max(...gauge.dataPoints.map(({ asDouble }) => asDouble)),
              ]),
          ),
        ),
      );
      for (const [service, most] of waiting)
        if (service === one.truth.services[0]) expect(most).toBeGreaterThan(3);
        else expect(most).toBeLessThanOrEqual(1);
    }
  });

  it('leave quiet windows untouched', () => {
    for (const one of sample(({ truth, set }) => truth.fault === 'none' && set.startsWith('made'), 3)) {
      expect(one.affected).toBe(0);
      expect(textsOf(one.read()).some((text) => text.includes('request failed'))).toBe(false);
    }
  });
});
