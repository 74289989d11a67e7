/** The fingerprint of what Prometheus pushes, beside the same arithmetic in whole numbers of 64 bits. */
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/adapters/alert-formats/prometheus.ts';

/** FNV-1a, 64 bits (www.isthe.com/chongo/tech/comp/fnv), over names in the order of their bytes, each text ended by 0xff. */
function plainly(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const bytes = names.flatMap((name) => [...Buffer.from(name), 0xff, ...Buffer.from(labels[name] ?? ''), 0xff]);
  const hash = bytes.reduce((sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n);
  return hash.toString(16).padStart(16, '0');
}

describe('fingerprintOf', () => {
  it.each([
    { alertname: 'ErrorsHigh', service: 'cart', severity: 'critical' },
    { b: '1', a: '2', A: '3', _: '' },
    { dienst: 'zürich', 名: '値', '😀': 'one' },
    // As UTF-16 the second comes first.
    { '\u{ff61}': 'half width', '\u{1f600}': 'face' },
    { control: 'a\tb\nc\u007f' },
    {},
  ])('of %o', (labels) => {
    expect(fingerprintOf(labels)).toBe(plainly(labels));
  });

  it('is the same for a thousand made-up alarms', () => {
    for (let i = 0; i < 1_000; i++) {
      const labels = { alertname: `Alarm${i}`, [`label_${i % 7}`]: 'x'.repeat(i % 50), service: `service-${i * 7_919}` };
      expect(fingerprintOf(labels)).toBe(plainly(labels));
    }
  });
});
