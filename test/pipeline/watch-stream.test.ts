import { describe, expect, it } from 'vitest';
import { start, testProduct } from '../support/app.ts';

const minute = 60_000;

/** Log lines of one service within one minute. */
function logs(at: number, count: number, severityNumber: number, text: string) {
  const logRecords = Array.from({ length: count }, (_, i) => ({
    timeUnixNano: `${at + i}000000`,
    severityNumber,
    body: { stringValue: text },
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };
  return new TextEncoder().encode(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }));
}

async function burstAfter(minutes: number, triggers: 'on' | 'off') {
  const product = testProduct({ triggers });
  await product.app.age();
  for (let i = 0; i <= minutes; i++) {
    const isLast = i === minutes;
    await product.app.ingest('logs', logs(start + i * minute, 20, 9, 'added'), 'json');
    if (isLast) await product.app.ingest('logs', logs(start + i * minute + 500, 40, 17, 'could not add'), 'json');
    await product.pass(minute);
    await product.app.age();
  }
  await product.pass(20_000);
  await product.app.age();
  const { incidents } = await product.app.incidents({ limit: 10 });
  await product.close();
  return incidents.map(({ card }) => card.incident);
}

describe('the stream itself', () => {
  it('opens an incident for a burst of errors, with what is usual', async () => {
    const incidents = await burstAfter(20, 'on');
    expect(incidents).toMatchObject([{ title: 'Burst of errors: cart', service: 'cart', severity: 'warning' }]);
    expect(incidents[0]?.alerts[0]?.description).toContain('40 errors in a minute');
  });

  it('opens none when that is off, or when normal is not known yet', async () => {
    expect(await burstAfter(20, 'off')).toEqual([]);
    expect(await burstAfter(4, 'on')).toEqual([]);
  });
});
