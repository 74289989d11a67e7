/** Failures to reach others, told by a service that says little else: noise while the system starts, a fault when it stays. */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, Tables, windowOf } from './window-from-otlp.ts';

const seconds = 1000;
const ports: Readonly<Record<string, number>> = { shop: 7000, cart: 7001, stock: 7002, ads: 7003 };
const service = (name: string) => ({ name, addresses: [], ports: [ports[name]!] });

/**
 * `cart` writes nothing but failures to reach `stock` and `ads`, from 100 s before the alert until each is reached;
 * `shop` goes on with its work.
 */
function rankWith(reachedAfter: Readonly<Record<string, number>>): Ranking {
  const lines = new Map<string, OtlpLog[]>();
  const write = (name: string, at: number, severityNumber: number, text: string) =>
    lines.set(name, [
      ...(lines.get(name) ?? []),
      { timeUnixNano: `${alertAt - 100 * seconds + at * seconds}000000`, severityNumber, body: { stringValue: text } },
    ]);
  for (let at = 0; at < 99; at++) write('shop', at, 9, `order ${at} taken`);
  write('cart', 0, 9, 'configuration read');
  for (const [callee, until] of Object.entries(reachedAfter))
    for (let at = 1; at < until; at += 2) write('cart', at, 17, `dial tcp ${callee}:${ports[callee]}: connect: connection refused`);
  const logs = [...lines].map(([name, logRecords]) => ({
    resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeLogs: [{ logRecords }] }],
  }));
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60 * seconds, alertAt + 1);
  return rank({ ...inputOf([]), window, directory: Object.keys(ports).map(service) });
}

describe('what could not be reached', () => {
  it('is nothing to speak of where it was reached in the end, even by a service that wrote of several such failures and falls silent', () => {
    const { verdict, hypotheses } = rankWith({ stock: 22, ads: 18 });
    expect(verdict).not.toBe('cause');
    expect(hypotheses[0]?.confidence ?? 0).toBeLessThan(0.5);
  });

  it('is the cause where it is not reached to the end', () => {
    const { verdict, hypotheses } = rankWith({ stock: 99, ads: 18 });
    expect(verdict).toBe('cause');
    expect(hypotheses[0]?.service).toBe('stock');
  });
});
