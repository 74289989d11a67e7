/** The service map in Graphviz' DOT language (https://graphviz.org/doc/info/lang.html). */
import type { Edge, ServiceKind, ServiceMap } from './service-map.ts';

export const serviceShapes: Readonly<Record<ServiceKind, string>> = {
  service: 'box',
  database: 'cylinder',
  queue: 'cds',
  external: 'component',
};

/** With `parts`, services that have several are drawn with their names. */
export function mapDot(map: ServiceMap, parts = false): string {
  const services = map.services.map(({ name, kind, components = [] }) => {
    const label = parts && components.length > 0 ? `, label=${quoted([name, ...components.map((part) => `· ${part}`)].join('\n'))}` : '';
    return `  ${quoted(name)} [shape=${serviceShapes[kind]}${label}];`;
  });
  const edges = map.edges.map(
    (edge) =>
      `  ${quoted(edge.caller)} -> ${quoted(edge.callee)} [label=${quoted(edgeLabel(edge))}${edge.errors > 0 ? ', color="#c0392b"' : ''}];`,
  );
  return [
    'digraph services {',
    '  rankdir=LR; bgcolor="transparent";',
    '  node [fontname="DejaVu Sans", fontsize=11, style="rounded,filled", fillcolor="#f4f6f8", color="#5b6770"];',
    '  edge [fontname="DejaVu Sans", fontsize=9, color="#5b6770"];',
    ...services,
    ...edges,
    '}',
    '',
  ].join('\n');
}

function edgeLabel({ calls, errors, p95Ms }: Edge): string {
  return [`${calls} calls`, ...(errors > 0 ? [`${errors} failed`] : []), ...(p95Ms === null ? [] : [`p95 ${Math.round(p95Ms)} ms`])].join(
    '\n',
  );
}

/** Graphviz takes neither control characters nor halves of characters. */
export function quoted(text: string): string {
  const clean = text.toWellFormed().replace(/[^\P{Cc}\n]/gu, ' ');
  return `"${clean.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
