import { jira } from '../../../../src/adapters/sinks/jira/jira.ts';
import { startJira } from '../../../stand-ins/jira.ts';
import type { Fault } from '../../../stand-ins/stand-in-server.ts';
import type { SinkFixture, Trouble } from '../fixture.ts';

const secret = 'atlassian-token-77';

const faults: Readonly<Record<Exclude<Trouble, 'silent' | 'answer lost' | 'request lost'>, Fault>> = {
  'too busy': { status: 429, headers: { 'retry-after': '7' } },
  broken: { status: 503 },
  'refuses our key': { status: 401 },
  'refuses the message': { status: 400, body: `{"errors":{"summary":"no: ${secret}"}}` },
};

export const fixture: SinkFixture = {
  secret,
  messages: 'letters',
  tooBusy: { code: 'rate_limited', retryAfterMs: 7_000 },
  async start(tools) {
    const server = await startJira({ flavour: 'cloud', token: secret, email: 'bot@example.com' });
    const settings = { JIRA_URL: server.url, JIRA_EMAIL: 'bot@example.com', JIRA_TOKEN: secret, JIRA_PROJECT: 'OPS' };
    return {
      sink: jira.create(jira.settings.parse(settings), tools),
      channel: 'OPS',
      shown: () =>
        server.issues.flatMap(({ fields, description, comments }) => [
          `${fields.summary}\n${description}`,
          ...comments.map((text) => text.replace(/\n*TracePulse [^\n]*\n*$/, '').trim()),
        ]),
      misbehave(trouble) {
        if (trouble === 'silent') server.hang();
        else if (trouble === 'answer lost') server.loseNext('answer');
        else if (trouble === 'request lost') server.loseNext('request');
        else server.failNext(faults[trouble]);
      },
      recover: server.mend,
      removeLast: () => {},
      refusals: () => server.refusals,
      stop: async () => server.stop(),
    };
  },
};
