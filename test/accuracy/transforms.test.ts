import { describe, expect, it } from 'vitest';
import type { IncidentFolder } from './folder.ts';
import { cutAtAlert, transforms } from './transforms.ts';

const alertAt = 1_780_000_000_000;
const nanos = (ms: number) => `${alertAt + ms}000000`;
const service = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });

function folder(): IncidentFolder {
  const span = (id: string, from: number) => ({
    traceId: 't',
    spanId: id,
    name: id,
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(from + 10),
  });
  const log = (at: number) => ({ timeUnixNano: nanos(at), body: { stringValue: `line at ${at}` } });
  return {
    name: 'one',
    path: '/somewhere',
    alertAt,
    traces: [{ resourceSpans: [{ resource: service('a'), scopeSpans: [{ spans: [span('x', -100), span('late', 5)] }] }] }],
    logs: [{ resourceLogs: [{ resource: service('b'), scopeLogs: [{ logRecords: [log(-50), log(-40), log(1)] }] }] }],
    metrics: [
      {
        resourceMetrics: [
          {
            resource: service('a'),
            scopeMetrics: [
              {
                metrics: [
                  {
                    name: 'm',
                    gauge: { dataPoints: [-60_000, 60_000].map((at) => ({ timeUnixNano: nanos(at), asDouble: 1, attributes: [] })) },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    changes: [],
    services: [],
  };
}

const truth = { services: ['a'], fault: 'f', changeService: null };
const named = (name: string) => transforms.find((transform) => transform.name === name)!;
const spansOf = ({ traces }: IncidentFolder) => traces[0]!.resourceSpans[0]!.scopeSpans[0]!.spans;
const logsOf = ({ logs }: IncidentFolder) => logs[0]!.resourceLogs[0]!.scopeLogs[0]!.logRecords;

describe('transforms', () => {
  it('start from what was known at the alert', () => {
    const known = cutAtAlert(folder());
    expect(spansOf(known).map(({ spanId }) => spanId)).toEqual(['x']);
    expect(logsOf(known)).toHaveLength(2);
    expect(known.metrics[0]!.resourceMetrics[0]!.scopeMetrics[0]!.metrics[0]!.gauge.dataPoints).toHaveLength(1);
    expect(known.path).toBeNull();
  });

  it('put one clock wrong and leave the others', () => {
    const told = named('the guilty service 5 min ahead').apply(cutAtAlert(folder()), truth);
    expect(spansOf(told)[0]!.startTimeUnixNano).toBe(nanos(-100 + 300_000));
    expect(logsOf(told)[0]!.timeUnixNano).toBe(nanos(-50));
    const other = named('another service 5 min behind').apply(cutAtAlert(folder()), truth);
    expect(spansOf(other)[0]!.startTimeUnixNano).toBe(nanos(-100));
    expect(logsOf(other)[0]!.timeUnixNano).toBe(nanos(-50 - 300_000));
  });

  it('keep all lines where they say so', () => {
    const known = cutAtAlert(folder());
    expect(logsOf(named('every log line twice').apply(known, truth))).toHaveLength(4);
    expect(
      logsOf(named('log lines shuffled').apply(known, truth))
        .map(({ timeUnixNano }) => timeUnixNano)
        .sort(),
    ).toEqual([nanos(-50), nanos(-40)]);
    expect(logsOf(named('one line of a megabyte').apply(known, truth)).at(-1)!.body.stringValue!.length).toBeGreaterThan(2 ** 20);
    expect(logsOf(named('log lines beyond ASCII').apply(known, truth))[0]!.body.stringValue).toContain('服务');
  });
});
