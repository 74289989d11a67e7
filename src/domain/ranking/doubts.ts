/**
 * The other side of a hypothesis: what was seen that speaks against it, and which look would settle it. Only what can be
 * cited or asked for; a doubt that holds of every suspect alike is in the gaps.
 */
import type { Suspect } from './combine.ts';
import type { Scene } from './scene.ts';
import { type Finding, finding, type SignalName } from './suspicion.ts';

/** A service that shows life this close to the alert is not down. */
const lastlyMs = 30_000;
/** A callee that takes less than this off a suspect's evidence is as weak as chance makes one. */
const notable = 0.45;
const isExplained = ({ explainedBy, own, evidence }: Suspect): boolean => explainedBy !== null && own - evidence > notable;

/** What speaks against a suspect: a callee that explains it, and life in what is said to be unreachable. */
export function counterEvidence(scene: Scene, suspect: Suspect): Finding[] {
  const { explainedBy } = suspect;
  const { service, signals } = suspect.suspicion;
  const found: Finding[] = [];
  if (explainedBy !== null && isExplained(suspect)) {
    const chain = scene.known.chain(service, explainedBy).join(' → ');
    const text = `${explainedBy}, which ${service} depends on (${chain}), departs from normal too and may be why.`;
    found.push(finding({ kind: 'dependency', source: 'map', subject: `explained by ${explainedBy}`, text, at: scene.input.alertAt }));
  }
  if (signals.has('unreachable') || signals.has('unanswered')) {
    const { records, at } = lifeOf(scene, service);
    const seconds = Math.round((scene.input.alertAt - at) / 1000);
    const text = `${service} is alive: it sent ${records} ${records === 1 ? 'record' : 'records'} in the last ${lastlyMs / 1000} s, the latest ${seconds} s before the alert.`;
    if (records > 0) found.push(finding({ kind: 'unavailable', source: 'log', subject: 'alive', text, at }));
  }
  return found;
}

function lifeOf({ recent, input }: Scene, service: string): { records: number; at: number } {
  const { window, tree } = recent;
  const number = window.strings.find(service);
  const from = input.alertAt - lastlyMs;
  let records = 0;
  let latest = -Infinity;
  const see = (of: number, at: number): void => {
    if (of !== number || at < from || at > input.alertAt) return;
    records++;
    latest = Math.max(latest, at);
  };
  if (number >= 0) {
    for (let row = 0; row < window.spans.length; row++) see(window.spans.service[row]!, tree.startMs[row]!);
    const offset = tree.offsets.get(number) ?? 0;
    for (let row = 0; row < window.logs.length; row++) see(window.logs.service[row]!, window.logs.timeMs[row]! + offset);
  }
  return { records, at: latest };
}

const isDeparture = (signal: SignalName): boolean => signal === 'gone' || signal === 'error' || signal === 'call';

/** The one look that would settle it best: at what is missing first, then at what would look different if it were not so. */
export function wouldSettle(scene: Scene, suspect: Suspect, strongest: (Finding & { signal: SignalName }) | undefined): string | null {
  if (!strongest) return null;
  const { service } = suspect.suspicion;
  const { spans, logs, metrics } = scene.recent.window;
  const callees = [...scene.known.calls(service)].sort().slice(0, 4).join(', ');
  if (strongest.ambiguous && callees !== '' && isDeparture(strongest.signal))
    return `What ${callees} answered in one of these requests: if it was wrong, it is the cause and not ${service}.`;
  if (strongest.ambiguous && callees !== '')
    return `Spans of ${callees} in these requests: if one of them did not answer in time either, it is the cause and not ${service}.`;
  if (isExplained(suspect)) return `${suspect.explainedBy} healthy while ${service} still fails: it would no longer explain ${service}.`;
  switch (strongest.signal) {
    case 'release':
    case 'edge':
      return `Success and latency of ${service} by version: if the old version fails as much as the new one, the release is not the cause.`;
    case 'unreachable':
    case 'unanswered':
    case 'restart':
      return `Events, endpoints and restarts of ${service} where it runs: if all its instances are ready and take calls, the fault lies between it and its callers.`;
    case 'condition':
      return `The state of ${service}'s replicas while all was well: if it was the same then, the cause lies elsewhere.`;
    case 'misconfigured':
      return `The address the configuration of ${service} gives for what it calls: if it is the right one, name resolution is at fault.`;
    case 'slow':
    case 'slowCalls':
    case 'cpu':
    case 'memory':
      return metrics.length === 0
        ? `CPU and memory of ${service} over these minutes (there are no metrics): with both as usual, the time is lost on the network in front of it.`
        : `Durations of ${service} as it measures them itself: if they are as usual, the time is lost on the network in front of it.`;
    default:
      if (logs.length === 0)
        return `Log lines of ${service} since the onset (there are none here): an error of its own would confirm this.`;
      if (spans.length === 0)
        return `Traces through ${service} (there are none here): they would show whether it fails itself or passes a failure on.`;
      return `One failing request through ${service} in full: if what it asked for or was given was wrong already, its caller or callee is the cause.`;
  }
}
