import { describe, expect, it } from 'vitest';
import { forgetCommand } from '../../src/cli/forget.ts';
import { surface } from '../surfaces/http/fake-app.ts';
import { detail } from '../surfaces/http/incident-fixtures.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const jwtSecret = 'a-key-for-signing-tokens-of-readers';

/** Over the real routes. */
async function forget(args: readonly string[], over: { jwtSecret?: string } = {}) {
  const asked: unknown[] = [];
  const http = surface(
    {
      incident: async (id) => (id === 'INC-1' ? detail : null),
      forget: async (request) => {
        asked.push(request);
        return { withdrawn: ['slack #debug'], left: ['jira OPS-1'] };
      },
    },
    { TRACEPULSE_JWT_SECRET: jwtSecret },
  );
  const fetch = ((url: string, init: RequestInit) => http.fetch(new Request(url, init))) as typeof globalThis.fetch;
  const said: string[] = [];
  const options = {
    url: 'http://tracepulse.test',
    webhookToken: undefined,
    apiToken: undefined,
    jwtSecret: over.jwtSecret ?? jwtSecret,
    tools: { fetch, now: () => Date.UTC(2026, 10, 25, 10), log },
  };
  const code = await forgetCommand(
    args,
    options,
    (text) => void said.push(text),
    (text) => void said.push(text),
  );
  return { code, said, asked };
}

describe('forget', () => {
  it('asks the product, under its own name, and says what is taken back and what stays', async () => {
    expect(await forget(['INC-1'])).toEqual({
      code: 0,
      said: [
        'INC-1 is forgotten.',
        'Its messages are being taken back: slack #debug.',
        'What was sent elsewhere stays there, for you to see to: jira OPS-1.',
      ],
      asked: [{ incidentId: 'INC-1', person: 'api:command-line' }],
    });
  });

  it('says that there is no such incident', async () => {
    expect(await forget(['INC-9'])).toMatchObject({ code: 66, said: ['INC-9 was not forgotten: 404 no such incident'], asked: [] });
  });

  it('says that it is not let in', async () => {
    const { code, said, asked } = await forget(['INC-1'], { jwtSecret: 'some other key' });
    expect({ code, asked }).toEqual({ code: 1, asked: [] });
    expect(said[0]).toMatch(/401.*TRACEPULSE_API_TOKEN/);
  });

  it.each([[], ['--all'], ['INC-1', 'INC-2']])('says how it is called for %j', async (...args) => {
    expect(await forget(args)).toMatchObject({ code: 64, asked: [] });
  });
});
