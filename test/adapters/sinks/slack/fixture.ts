import { slack } from '../../../../src/adapters/sinks/slack/slack.ts';
import type { Fault } from '../../../../src/workspace/faults.ts';
import { startWorkspaceServer } from '../../../../src/workspace/server.ts';
import { createWorkspace } from '../../../../src/workspace/workspace.ts';
import manifest from '../../../../manifest.json' with { type: 'json' };
import type { SinkFixture, Trouble } from '../fixture.ts';

const secret = 'xoxb-workspace';

const faults: Readonly<Record<Exclude<Trouble, 'silent'>, Fault>> = {
  'too busy': { kind: 'rate_limited', retryAfterSeconds: 7 },
  broken: { kind: 'server_error', status: 503 },
  'refuses our key': { kind: 'refuse', error: 'invalid_auth' },
  'refuses the message': { kind: 'refuse', error: 'restricted_action' },
  'answer lost': { kind: 'lost_answer' },
  'request lost': { kind: 'lost_request' },
};

export const fixture: SinkFixture = {
  secret,
  messages: 'editable',
  tooBusy: { code: 'rate_limited', retryAfterMs: 7_000 },
  async start(tools) {
    const server = await startWorkspaceServer({ workspace: createWorkspace({ manifest, tokens: { bot: secret, app: 'xapp-workspace' } }) });
    const { workspace } = server;
    return {
      sink: slack.create(slack.settings.parse({ SLACK_BOT_TOKEN: secret, SLACK_API_URL: server.apiUrl }), tools),
      channel: '#debug',
      shown: () => workspace.messages('debug').map((message) => message.text),
      misbehave(trouble) {
        if (trouble === 'silent') workspace.pause();
        else workspace.faults.inject('chat.postMessage', faults[trouble]);
      },
      recover() {
        workspace.resume();
        workspace.faults.clear();
      },
      removeLast() {
        const last = workspace.messages('debug').at(-1);
        if (last) workspace.deleteMessage('ana', { channel: 'debug', ts: last.ts }, { asAdmin: true });
      },
      refusals: () => workspace.refusals().flatMap((refusal) => [refusal.code, ...refusal.reasons]),
      stop: () => server.stop(),
    };
  },
};
