/** `tracepulse check`: is the configuration good, what is on, and what would turn the rest on. */
import type { Plan } from '../compose.ts';

/** sysexits(3) EX_CONFIG */
export const badConfiguration = 78;

export function checkCommand(plan: Plan, print: (text: string) => void, complain: (text: string) => void): number {
  for (const { port, id, isOn, missing, note } of plan.states)
    print(
      `${isOn ? 'on ' : 'off'}  ${port} ${id}${isOn ? (note === undefined ? '' : `: ${note}`) : `: set ${missing.join(' and ')} to turn it on`}`,
    );
  for (const { variable, problem } of plan.warnings) print(`note: ${variable} ${problem}`);
  for (const { variable, problem } of plan.problems) complain(`${variable} ${problem}`);
  if (plan.problems.length > 0) return badConfiguration;
  print('The configuration is good.');
  return 0;
}
