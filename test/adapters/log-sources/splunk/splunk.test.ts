import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { splunk } from '../../../../src/adapters/log-sources/splunk/splunk.ts';
import { type SplunkStandIn, startSplunk } from '../../../stand-ins/splunk.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: at - 300_000, toMs: at };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

describe('Splunk', () => {
  let server: SplunkStandIn;
  const search = () => {
    const settings = splunk.settings.parse({ SPLUNK_URL: server.url, SPLUNK_TOKEN: server.token });
    const source = splunk.create(settings, { fetch: globalThis.fetch, now: () => at, log });
    return source.search({ window, limit: 100, service: 'cart' }, new AbortController().signal);
  };

  beforeEach(async () => {
    server = await startSplunk();
    server.put({ at: at - 2_000, service: 'cart', text: 'first' });
    server.put({ at: at - 1_000, service: 'cart', text: 'second' });
  });
  afterEach(() => {
    server.stop();
    expect(server.unexpected).toEqual([]);
  });

  it('does not count rows of a preview', async () => {
    server.hasPreview = true;
    expect((await search()).lines.map(({ text }) => text)).toEqual(['first', 'second']);
  });

  it('keeps what came before the stream broke off, and says that it was cut', async () => {
    server.isBrokenOff = true;
    const { lines, truncated } = await search();
    expect([lines.map(({ text }) => text), truncated]).toEqual([['first'], true]);
  });

  it('is refused by a message too', async () => {
    server.message = { type: 'FATAL', text: 'Unknown search command with a secret in it' };
    const refused = await search().then(never, (error: unknown) => error);
    expect(refused).toMatchObject({ code: 'rejected', hint: 'it says FATAL' });
    expect(String(refused)).not.toContain('secret');
  });

  it('has time, host and fields with each line', async () => {
    expect((await search()).lines[0]).toMatchObject({ timeMs: at - 2_000, service: 'cart', instance: 'h1', text: 'first' });
  });
});
