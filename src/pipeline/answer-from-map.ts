/** Answers from the map: who calls whom, and who suffers. */
import { blastRadius } from '../domain/service-map.ts';
import { duration } from '../domain/wording.ts';
import { type Answer, type Asked, maxLines, serviceOf, serviceOrAnswer, suspect, unknownService } from './asked-question.ts';

export function neighbours(asked: Asked, typed: string, side: 'callers' | 'callees'): Answer {
  const service = serviceOf(asked, typed);
  if (service === null) return unknownService(typed, asked.map);
  const lines = edgeLines(asked, service, side);
  const relation = side === 'callers' ? `calls ${service}` : `${service} calls`;
  return {
    text: lines.length === 0 ? `I have seen nothing that ${relation}.` : `What ${relation}:`,
    lines: lines.slice(0, maxLines),
    sources: ['service map'],
  };
}

/** Both sides at once. */
export function around(asked: Asked, typed: string | null): Answer {
  const service = serviceOrAnswer(asked, typed, 'map around payment');
  if (typeof service !== 'string') return service;
  const callers = edgeLines(asked, service, 'callers').slice(0, maxLines / 2);
  const callees = edgeLines(asked, service, 'callees').slice(0, maxLines / 2);
  return {
    text: callers.length + callees.length === 0 ? `I have seen ${service} call nothing, and nothing call it.` : `Around ${service}:`,
    lines: [...callers.map((line) => `called by ${line}`), ...callees.map((line) => `calls ${line}`)],
    sources: ['service map'],
  };
}

function edgeLines(asked: Asked, service: string, side: 'callers' | 'callees'): string[] {
  return asked.map.edges
    .filter((edge) => (side === 'callers' ? edge.callee : edge.caller) === service)
    .sort((a, b) => b.calls - a.calls)
    .map(
      (edge) =>
        `${side === 'callers' ? edge.caller : edge.callee}: ${edge.calls} calls, ${edge.errors} failed${edge.p95Ms === null ? '' : `, p95 ${duration(edge.p95Ms)}`}, seen in ${edge.sources.join(' and ')}s`,
    );
}

export function radius(asked: Asked, typed: string | null): Answer {
  const service = typed === null ? suspect(asked) : serviceOf(asked, typed);
  if (service === null)
    return typed === null
      ? { text: 'No suspect yet, so I cannot say who is affected.', lines: [], sources: [] }
      : unknownService(typed, asked.map);
  const hit = blastRadius(asked.map, service);
  return {
    text: hit.length === 0 ? `I know of nothing that depends on ${service}.` : `When ${service} fails, these suffer, nearest first:`,
    lines: hit.slice(0, maxLines),
    sources: ['service map'],
  };
}
