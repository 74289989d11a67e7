/**
 * What outlives the product: a strict workspace in place of Slack, a mail server and a Jira, each keeping what it was given.
 * An effect is told of at the instant it stands outside and before the product hears of it: the worst moment to be killed.
 */
import manifest from '../../manifest.json' with { type: 'json' };
import { createWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { startWorkspaceServer } from '../../src/workspace/server.ts';
import { type JiraStandIn, startJira } from '../stand-ins/jira.ts';
import { type SmtpServer, startSmtp } from '../stand-ins/smtp.ts';

export const channels = ['debug', 'ops'] as const;
export const addresses = ['oncall@example.com', 'lead@example.com'] as const;

export interface World {
  readonly workspace: Workspace;
  readonly smtp: SmtpServer;
  readonly jira: JiraStandIn;
  /** What the product is to be started with. */
  readonly environment: Readonly<Record<string, string>>;
  onEffect(told: (effect: 'message' | 'letter' | 'issue') => void): void;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const workspace = createWorkspace({ manifest, channels: channels.map((name) => ({ name, hasApp: true })) });
  const server = await startWorkspaceServer({ workspace });
  const smtp = await startSmtp({ startTls: false });
  const jira = await startJira({ flavour: 'cloud', token: 'jira-token', email: 'bot@example.com' });
  let tell: (effect: 'message' | 'letter' | 'issue') => void = () => {};
  workspace.subscribe((change) => {
    if (change.kind === 'message' && change.change === 'posted' && change.message.user === 'U0TRACE') tell('message');
  });
  announcing(smtp.arrived, () => tell('letter'));
  announcing(jira.issues, () => tell('issue'));
  return {
    workspace,
    smtp,
    jira,
    environment: {
      SLACK_BOT_TOKEN: workspace.tokens.bot,
      SLACK_APP_TOKEN: workspace.tokens.app,
      SLACK_API_URL: server.apiUrl,
      SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      EMAIL_FROM: 'tracepulse@example.com',
      EMAIL_TO: addresses[0],
      JIRA_URL: jira.url,
      JIRA_EMAIL: 'bot@example.com',
      JIRA_TOKEN: 'jira-token',
      JIRA_PROJECT: 'OPS',
      TRACEPULSE_ROUTES: JSON.stringify([
        { match: { severity: 'critical' }, channels: ['#debug', '#ops', 'jira:OPS', ...addresses.map((address) => `email:${address}`)] },
        { channels: ['#debug', `email:${addresses[0]}`] },
      ]),
      TRACEPULSE_TRIGGERS: 'off',
    },
    onEffect: (told) => {
      tell = told;
    },
    async stop() {
      await server.stop();
      await smtp.stop();
      await jira.stop();
    },
  };
}

/** Calls back for each that is put into the list, once it is there. */
function announcing<T>(list: T[], told: () => void): void {
  const push = list.push.bind(list);
  list.push = (...entries) => {
    const length = push(...entries);
    told();
    return length;
  };
}
