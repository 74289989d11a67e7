/** `tracepulse check`: is the configuration good, what is on, and what would turn the rest on. */
import type { Plan } from '../compose.ts';
import type { AdapterState } from '../config.ts';

/** sysexits(3) EX_CONFIG */
export const badConfiguration = 78;

export function checkCommand(plan: Plan, print: (text: string) => void, complain: (text: string) => void): number {
  for (const state of plan.states) print(`${state.isOn ? 'on ' : 'off'}  ${state.port} ${state.id}${inWords(state)}`);
  for (const { variable, problem } of plan.warnings) print(`note: ${variable} ${problem}`);
  for (const { variable, problem } of plan.problems) complain(`${variable} ${problem}`);
  if (plan.problems.length > 0) return badConfiguration;
  print('The configuration is good.');
  print(nextStep(plan));
  return 0;
}

function inWords({ isOn, missing, note }: AdapterState): string {
  if (isOn) return note === undefined ? '' : `: ${note}`;
  return missing.length === 0 ? ': a setting of its own is wrong, see below' : `: set ${missing.join(' and ')} to turn it on`;
}

/** Whether anybody would see a report: without that the product does not start. */
export function hasFace({ states }: Pick<Plan, 'states'>): boolean {
  return states.some(({ port, isOn }) => isOn && (port === 'sink' || port === 'workspace'));
}

export const faceless = [
  'Nobody would see a report yet, so `tracepulse start` would not start. Set one of these:',
  '  SLACK_BOT_TOKEN and SLACK_APP_TOKEN   reports in Slack',
  '  TRACEPULSE_WORKSPACE=on               reports on a page of its own, without Slack',
  'To see it at work with neither: npm run demo',
].join('\n');

function nextStep(plan: Plan): string {
  return hasFace(plan)
    ? 'Next: `tracepulse start`, and beside it, with the same settings, `tracepulse drill`: it fires a test alarm and says whom it reached.'
    : faceless;
}
