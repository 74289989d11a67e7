/** What is said of calls that found nobody. */
import { isResolverSilent, type Manner } from '../baseline/failure-text.ts';
import type { Failing } from '../baseline/period.ts';
import { isLoopback } from './failed-place.ts';
import type { Scene } from './scene.ts';
import { finding, type SignalName } from './suspicion.ts';

/** What one service says of one place. */
export interface Group {
  readonly reporter: number;
  readonly place: string;
  readonly lines: Failing[];
}

const howItFailed: Readonly<Record<Manner, string>> = {
  refused: 'was refused',
  unresolved: 'has no address',
  timeout: 'did not answer in time',
  unavailable: 'was unavailable',
  untrusted: 'showed a certificate that is not trusted',
  crossed: 'does not speak TLS',
  misdirected: 'has no such service',
  denied: 'did not take the account',
  unset: 'lacked a setting',
  unmigrated: 'is laid out otherwise',
};
/** Of a line that is quoted. */
const quoted = 160;

export function describeFailures(
  scene: Scene,
  service: string,
  signal: SignalName,
  { reporter, place, lines }: Group,
  value: number,
): ReturnType<typeof finding> {
  const { recent } = scene;
  const who = recent.window.strings.text(reporter);
  const at = place.replace(/:$/, '');
  const last = lines.at(-1)!;
  const how = howItFailed[last.manner];
  const isOwn = last.manner === 'unset' || last.manner === 'unmigrated';
  const line = `"${recent.window.templateText(recent.window.logs.template[last.row]!).slice(0, quoted)}"`;
  const misconfigured: Partial<Record<Manner, string>> = {
    denied: `is not let in${at === '' ? '' : ` at ${at}`} with the account it uses`,
    crossed: `and who it talks to do not both speak TLS, ${line}`,
    misdirected: `calls a server that has no such service, ${line}`,
    unset: `lacks a setting of its own, ${line}`,
    unmigrated: `asks a database for a table or a column that it does not have, ${line}`,
  };
  const text =
    signal === 'misconfigured'
      ? `${service} ${misconfigured[last.manner] ?? `tries to reach ${at}, which is ${isLoopback(last.host) ? 'itself, on the port of another' : 'no place of any known service'}`}${who === service ? '' : `, as ${who} tells`} (${lines.length} lines).`
      : `${who} could not reach ${service}${at === service || at === '' ? '' : ` at ${at}`}: it ${how} (${lines.length} lines).`;
  return finding({
    kind: signal === 'misconfigured' ? 'configuration' : 'unavailable',
    source: 'log',
    subject: `${signal} ${who} ${isOwn ? last.manner : place}`,
    text,
    at: last.at,
    traceId: recent.window.logs.traceId(last.row) || null,
    strength: value,
    ambiguous:
      signal === 'unreachable' && (last.manner === 'timeout' || last.manner === 'unavailable') && scene.known.calls(service).size > 0,
    traces: lines.map(({ row }) => recent.window.logs.trace[row]!).filter((trace) => trace >= 0),
  });
}

export function describeShutIn(
  scene: Scene,
  list: readonly { readonly service: string; readonly group: Group }[],
  value: number,
): ReturnType<typeof finding> {
  const { logs, strings } = scene.recent.window;
  const who = strings.text(list[0]!.group.reporter);
  const lines = list.flatMap(({ group }) => group.lines);
  const callees = [...new Set(list.map(({ service }) => service))].sort();
  const last = lines.reduce((latest, line) => (line.at >= latest.at ? line : latest));
  const isBlind = lines.some(({ row }) => isResolverSilent(logs.text(row)));
  const reason = isBlind
    ? 'it cannot look up names, and nobody else fails to reach them'
    : 'they are at work and nobody else fails to reach them';
  return finding({
    kind: 'configuration',
    source: 'log',
    subject: `shut in ${who}`,
    text: `${who} reaches none of ${callees.join(', ')} (${lines.length} lines): ${reason}.`,
    at: last.at,
    traceId: logs.traceId(last.row) || null,
    strength: value,
    ambiguous: callees.length === 1,
    traces: lines.map(({ row }) => logs.trace[row]!).filter((trace) => trace >= 0),
  });
}
