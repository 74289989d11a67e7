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

  it('says what is wrong, and nothing of what comes next', () => {
    const { code, said, complained } = check({ TRACEPULSE_WORKSPACE: 'on', PORT: 'http' });
    expect(code).toBe(78);
    expect(complained).toEqual(['PORT must be a number']);
    expect(said.join('\n')).not.toMatch(/Next|is good/);
  });
});
