/** What commands answer, as mrkdwn. One message each: lists are cut, and say so. */
import type { App, ConnectionState, IncidentDetail, Status } from '../../app.ts';
import type { IncidentContext } from '../../domain/incident-context.ts';
import { bold, code, escaped, escapedRows, instant, link } from '../../domain/mrkdwn.ts';
import type { Edge, ServiceMap } from '../../domain/service-map.ts';
import { duration } from '../../domain/wording.ts';

const maxEdges = 25;
const maxEvidence = 3;
const maxRows = 2_600;
const mebibyte = 1_048_576;

export function statusText(status: Status): string {
  const { telemetry: kept } = status;
  const range =
    kept.oldestAt === null || kept.newestAt === null ? 'nothing yet' : `from ${instant(kept.oldestAt)} to ${instant(kept.newestAt)}`;
  const dropped = kept.dropped.spans + kept.dropped.logs + kept.dropped.points;
  const inState = (wanted: ConnectionState['state']) => status.connections.filter(({ state }) => state === wanted).length;
  return [
    `${bold(count(status.openIncidents, 'open incident'))}. Running since ${instant(status.startedAt)}.`,
    `On the map: ${count(status.services, 'service')}, ${count(status.edges, 'connection')}.`,
    `Kept: ${count(kept.spans, 'span')}, ${count(kept.logs, 'log line')}, ${count(kept.points, 'metric point')} (${Math.ceil(kept.bytes / mebibyte)} MiB), ${range}.${dropped === 0 ? '' : ` Dropped for space: ${dropped}.`}`,
    connectionsLine(inState('degraded'), inState('off')),
  ].join('\n');
}

/** What is off may be meant to be; what is in trouble is not. */
function connectionsLine(degraded: number, off: number): string {
  const more = `Ask ${code('/tracepulse check')}`;
  if (degraded > 0) return `:warning: ${count(degraded, 'connection')} in trouble. ${more}`;
  return off === 0 ? 'Everything is connected.' : `All that is set up is connected; ${off} more could be. ${more}`;
}

function count(n: number, noun: string): string {
  return `${n === 0 ? 'no' : n} ${noun}${n === 1 ? '' : 's'}`;
}

const stateMarks = { on: ':white_check_mark: on', off: ':white_circle: off', degraded: ':warning: in trouble' } as const;

export function connectionsText({ connections }: Status, { ready, problems }: Awaited<ReturnType<App['readiness']>>): string {
  const lines = connections.map(
    ({ id, port, state, detail }) =>
      `${stateMarks[state]} · ${bold(escaped(id, 60))} (${escaped(port, 40)})${detail === '' ? '' : `: ${escaped(detail, 200)}`}`,
  );
  const troubles = problems.slice(0, 10).map((problem) => `:warning: ${escaped(problem, 300)}`);
  return [ready ? 'Work is being taken.' : ':warning: Work is not being taken now.', ...lines.slice(0, 30), ...troubles].join('\n');
}

/** For the Home tab: what is on, and of the rest no more than the names. */
export function connectedText(status: Status, readiness: Awaited<ReturnType<App['readiness']>>): string {
  const off = status.connections.filter(({ state }) => state === 'off').map(({ id }) => escaped(id, 60));
  const connections = status.connections.filter(({ state }) => state !== 'off');
  const rest = off.length === 0 ? '' : `\nOff: ${[...new Set(off)].join(', ')}. ${code('/tracepulse check')} says what turns them on.`;
  return `${connectionsText({ ...status, connections }, readiness)}${rest}`;
}

export function incidentsText({ incidents, next }: { incidents: readonly IncidentDetail[]; next: string | null }): string {
  if (incidents.length === 0) return 'Nothing is open.';
  return [...incidents.map(incidentLine), ...(next === null ? [] : ['… and older ones.'])].join('\n');
}

function incidentLine({ card: { incident, report }, receipts }: IncidentDetail): string {
  const url = receipts.find((receipt) => receipt.url !== null)?.url ?? null;
  const first = report?.context.hypotheses[0];
  const suspect = first === undefined ? '' : ` · most suspect: ${escaped(first.service, 80)}, ${percent(first.confidence)}`;
  const title = escaped(report?.context.incident.title ?? incident.title, 120);
  const muted = incident.state === 'muted' ? ' · muted' : '';
  return `• ${bold(link(url, incident.id))} ${incident.severity}${muted} · ${title} · since ${instant(incident.alertAt)}${suspect}`;
}

export function reportText(context: IncidentContext): string {
  const { incident, hypotheses, evidence, gaps } = context;
  const lines = [`${incident.severity}, ${incident.state} · ${escaped(incident.title, 200)}`, escaped(context.summary, 400)];
  hypotheses.forEach((hypothesis, i) => {
    lines.push(
      `${bold(`${i + 1}. ${escaped(hypothesis.service, 80)}`)}, ${percent(hypothesis.confidence)}: ${escaped(hypothesis.summary, 200)}`,
    );
    for (const id of hypothesis.evidence.slice(0, maxEvidence)) {
      const found = evidence[id];
      if (found !== undefined && i === 0) lines.push(`   • ${escaped(found.text, 200)} ${code(id)}`);
    }
  });
  if (gaps.length > 0)
    lines.push(
      `Not known: ${gaps
        .slice(0, 3)
        .map((gap) => `${escaped(gap.source, 40)} (${escaped(gap.reason, 100)})`)
        .join(', ')}`,
    );
  return lines.join('\n');
}

function percent(confidence: number): string {
  return `${Math.round(confidence * 100)} %`;
}

/** The whole map, busiest first, or what lies around one service. */
export function mapText(map: ServiceMap, service: string | null): string {
  if (map.services.length === 0) return 'The map is empty: no telemetry has arrived yet.';
  const near = map.edges.filter((edge) => service === null || edge.caller === service || edge.callee === service);
  const busiest = [...near].sort((a, b) => b.calls - a.calls);
  const rows = busiest.slice(0, maxEdges).map(edgeRow);
  const left = busiest.length - rows.length;
  const head =
    service === null
      ? `${bold(count(map.services.length, 'service'))}, ${count(map.edges.length, 'connection')}, busiest first:`
      : `${bold(escaped(service, 120))} has ${count(near.length, 'connection')}:`;
  if (rows.length === 0) return head.replace(/:$/, '.');
  const more = left > 0 ? `\n… and ${left} more.` : '';
  return `${head}\n\`\`\`\n${escapedRows(rows, maxRows)}\n\`\`\`${more}`;
}

function edgeRow({ caller, callee, calls, errors, p95Ms }: Edge): string {
  const failed = errors === 0 ? '' : `, ${errors} failed`;
  return `${caller} → ${callee}: ${calls} calls${failed}${p95Ms === null ? '' : `, p95 ${duration(p95Ms)}`}`;
}
