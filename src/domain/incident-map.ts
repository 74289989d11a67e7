/**
 * The part of the service map that an incident is about, as a picture: who most likely is at fault, how that reaches what
 * people noticed, and who suffers with it. Roles are written on the services as well as coloured: not everybody sees colours.
 */
import type { IncidentContext } from './incident-context.ts';
import { quoted, serviceShapes } from './map-dot.ts';
import { pictureName } from './picture-text.ts';

/** More services than this are no longer read in a thread. */
const maxServices = 22;
const maxName = 34;
const maxNamed = 8;

export interface MapPicture {
  readonly dot: string;
  /** The same in words. */
  readonly words: string;
}

/** Null where there is no suspect, or nothing around it. */
export function incidentMap(context: IncidentContext): MapPicture | null {
  const cause = context.hypotheses[0];
  if (cause === undefined || context.verdict === 'healthy') return null;
  const symptom = context.incident.service;
  const path = [...new Set(cause.path.flatMap(({ from, to }) => [from, to]))];
  const drawn = around(context, [cause.service, ...path, ...(symptom === null ? [] : [symptom])]);
  const edges = context.map.edges.filter(({ caller, callee }) => drawn.has(caller) && drawn.has(callee));
  if (drawn.size < 2 || edges.length === 0) return null;
  // By number: a name may be longer than Graphviz takes.
  const numbers = new Map([...drawn].map((name, i) => [name, `n${i}`]));
  const roleOf = roles(context, cause.service, path);
  const kinds = new Map(context.map.services.map(({ name, kind }) => [name, kind]));
  const isOnPath = (caller: string, callee: string) =>
    cause.path.some(({ from, to }) => (from === callee && to === caller) || (from === caller && to === callee));
  return {
    dot: [
      'digraph incident {',
      // Calls run downwards: a thread is narrow, and a wide picture would be shrunk until nobody can read it.
      '  rankdir=TB; bgcolor="#ffffff"; pad=0.2; nodesep=0.25; ranksep=0.45;',
      '  node [fontname="DejaVu Sans", fontsize=12, style="rounded,filled", margin="0.22,0.08"];',
      '  edge [fontname="DejaVu Sans", fontsize=10, arrowsize=0.8];',
      ...[...drawn].map((name) => `  ${numbers.get(name)} [${nodeLook(name, roleOf(name), serviceShapes[kinds.get(name) ?? 'service'])}];`),
      ...edges.map(
        (edge) => `  ${numbers.get(edge.caller)} -> ${numbers.get(edge.callee)} [${edgeLook(edge, isOnPath(edge.caller, edge.callee))}];`,
      ),
      '}',
      '',
    ].join('\n'),
    words: words(context, path),
  };
}

type Role = 'cause' | 'alert' | 'path' | 'hit' | 'other';

const looks: Readonly<Record<Role, string>> = {
  cause: 'fillcolor="#b3261e", color="#7a1610", fontcolor="#ffffff", penwidth=2',
  alert: 'fillcolor="#ffdfae", color="#9a5200", fontcolor="#3a2000", penwidth=2',
  path: 'fillcolor="#ffeed6", color="#b9721a", fontcolor="#3a2000"',
  hit: 'fillcolor="#fff6e9", color="#b9721a", fontcolor="#3a2000", style="rounded,filled,dashed"',
  other: 'fillcolor="#eef1f4", color="#6b7680", fontcolor="#1d2b36"',
};

function roles(context: IncidentContext, cause: string, path: readonly string[]): (name: string) => { role: Role; says: string } {
  const hit = new Set(context.blastRadius);
  const certain = context.verdict === 'cause' ? 'most likely cause' : 'most suspect';
  return (name) => {
    const isAlerted = name === context.incident.service;
    if (name === cause) return { role: 'cause', says: isAlerted ? `${certain} · alert` : certain };
    if (isAlerted) return { role: 'alert', says: 'alert' };
    if (path.includes(name)) return { role: 'path', says: 'on the way' };
    return hit.has(name) ? { role: 'hit', says: 'also hit' } : { role: 'other', says: '' };
  };
}

function nodeLook(name: string, { role, says }: { role: Role; says: string }, shape: string): string {
  const label = [pictureName(name, maxName), ...(says === '' ? [] : [says])].join('\n');
  return `label=${quoted(label)}, shape=${shape}, ${looks[role]}`;
}

function edgeLook({ calls, errors, p95Ms }: IncidentContext['map']['edges'][number], isOnPath: boolean): string {
  const label = [
    ...(errors > 0 ? [`${errors} of ${calls} failed`] : []),
    ...(isOnPath && p95Ms !== null ? [`p95 ${Math.round(p95Ms)} ms`] : []),
  ]
    // Beside the line, not on it.
    .map((row) => `  ${row}`)
    .join('\n');
  const colour = isOnPath ? 'color="#b3261e", fontcolor="#7a1610", penwidth=2.5' : 'color="#6b7680", fontcolor="#3d4852"';
  return `${label === '' ? '' : `label=${quoted(label)}, `}${colour}`;
}

/** Who must be there, then who suffers, then the neighbours of the cause, until it is enough. */
function around({ hypotheses, map, blastRadius }: IncidentContext, must: readonly string[]): Set<string> {
  const cause = hypotheses[0]?.service;
  const known = new Set(map.edges.flatMap(({ caller, callee }) => [caller, callee]));
  const neighbours = map.edges.flatMap(({ caller, callee }) => (caller === cause ? [callee] : callee === cause ? [caller] : []));
  const wanted = new Set([...must, ...blastRadius, ...hypotheses.slice(1, 3).map(({ service }) => service), ...neighbours]);
  return new Set([...wanted].filter((name) => known.has(name)).slice(0, maxServices));
}

function words({ verdict, hypotheses, blastRadius, incident }: IncidentContext, path: readonly string[]): string {
  const cause = pictureName(hypotheses[0]?.service ?? '', maxName);
  const start = verdict === 'cause' ? `${cause} is most likely at fault` : `${cause} is most suspect so far`;
  const way = path.length > 1 ? ` It reaches what was noticed by ${path.map((name) => pictureName(name, maxName)).join(' → ')}.` : '';
  const others = blastRadius.filter((name) => !path.includes(name) && name !== incident.service);
  const named = others.slice(0, maxNamed).map((name) => pictureName(name, maxName));
  const more = others.length > maxNamed ? ` and ${others.length - maxNamed} more` : '';
  const hit = others.length === 0 ? '' : ` Also hit: ${named.join(', ')}${more}.`;
  return `${start}.${way}${hit}`;
}
