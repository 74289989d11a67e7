import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkCommand, faceless } from '../../src/cli/check.ts';
import { plan } from '../../src/compose.ts';
import { makeTools } from '../../src/tools.ts';

function check(environment: Readonly<Record<string, string>>) {
  const said: string[] = [];
  const complained: string[] = [];
  const planned = plan(
    environment,
    makeTools(null, () => {}),
  );
  const code = checkCommand(
    planned,
    (text) => void said.push(text),
    (text) => void complained.push(text),
  );
  return { code, said, complained };
}

const firstSteps = readFileSync(new URL('../../docs/first-steps.md', import.meta.url), 'utf8');

describe('check', () => {
  it('ends as docs/first-steps.md says', () => expect(firstSteps).toContain(`The configuration is good.\n${faceless}\n`));

  it('says of an empty environment that it is good, that it would not start, and what is missing', () => {
    const { code, said } = check({});
    expect(code).toBe(0);
    expect(said.at(-2)).toBe('The configuration is good.');
    expect(said.at(-1)).toBe(faceless);
    expect(faceless).toMatch(/would not start.*SLACK_BOT_TOKEN and SLACK_APP_TOKEN.*TRACEPULSE_WORKSPACE=on/s);
  });

  it.each<Readonly<Record<string, string>>>([
    { TRACEPULSE_WORKSPACE: 'on' },
    { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' },
    { SMTP_URL: 'smtp://localhost:25', EMAIL_FROM: 'a@example.com', EMAIL_TO: 'b@example.com' },
  ])('says what comes next once somebody would see a report: %j', (environment) => {
    expect(check(environment).said.at(-1)).toMatch(/^Next: `tracepulse start`.*`tracepulse drill`/);
  });

  it.each<{ environment: Readonly<Record<string, string>>; complaint: RegExp }>([
    { environment: { PORT: '3000.5' }, complaint: /^PORT must be a whole number$/ },
    { environment: { LOKI_URL: 'loki:3100' }, complaint: /^LOKI_URL must be an address with http:\/\/ or https:\/\/$/ },
    { environment: { GITHUB_TOKEN: 'x', GITHUB_REPOSITORIES: 'cart' }, complaint: /^GITHUB_REPOSITORIES must be owner\/repo/ },
    { environment: { GITHUB_TOKEN: 'x', GITHUB_API_URL: 'ftp://github' }, complaint: /^GITHUB_API_URL must be an address/ },
    { environment: { SLACK_BOT_TOKEN: 'x', SLACK_APP_TOKEN: 'x', SLACK_API_URL: 'javascript:1' }, complaint: /^SLACK_API_URL must/ },
    // What only their readers can tell, and `start` refuses.
    { environment: { REDIS_URL: 'redis://localhost:99999' }, complaint: /^REDIS_URL must be redis:/ },
    { environment: { REDIS_URL: 'redis+sentinel://host' }, complaint: /^REDIS_URL must be redis:/ },
    { environment: { REDIS_URL: 'http://user:hunter2@host' }, complaint: /^REDIS_URL must be redis:(?!.*hunter2)/ },
    { environment: { TRACEPULSE_TRUSTED_PROXIES: 'the proxy' }, complaint: /^TRACEPULSE_TRUSTED_PROXIES must be addresses/ },
    { environment: { TRACEPULSE_TRUSTED_PROXIES: '10.0.0.0/99' }, complaint: /^TRACEPULSE_TRUSTED_PROXIES must be addresses/ },
  ])('says in words what is wrong with $environment', ({ environment, complaint }) => {
    const { code, complained } = check(environment);
    expect([code, complained.length]).toEqual([78, 1]);
    expect(complained[0]).toMatch(complaint);
  });

  it.each(['0.0.0.0/0', '10.0.0.0/8, ::/0'])('notes that %s trusts everybody', (TRACEPULSE_TRUSTED_PROXIES) => {
    const { code, said } = check({ TRACEPULSE_TRUSTED_PROXIES });
    expect(code).toBe(0);
    expect(said.filter((line) => /^note: TRACEPULSE_TRUSTED_PROXIES names everybody/.test(line))).toHaveLength(1);
    expect(check({ TRACEPULSE_TRUSTED_PROXIES: '10.0.0.0/8' }).said.join()).not.toContain('note: TRACEPULSE_TRUSTED');
  });

  it('names no variable as missing where one that is there is wrong', () => {
    const { said } = check({ LOKI_URL: 'loki:3100' });
    expect(said).toContain('off  log-source loki: a setting of its own is wrong, see below');
    expect(said.filter((line) => line.includes('set  to'))).toEqual([]);
  });

  it('says what is wrong, and nothing of what comes next', () => {
    const { code, said, complained } = check({ TRACEPULSE_WORKSPACE: 'on', PORT: 'http' });
    expect(code).toBe(78);
    expect(complained).toEqual(['PORT must be a number']);
    expect(said.join('\n')).not.toMatch(/Next|is good/);
  });
});
