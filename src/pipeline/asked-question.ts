/** A question with what it is looked up in, and what answers have in common. */
import type { Gap, Window } from '../domain/evidence.ts';
import type { Incident } from '../domain/incident.ts';
import type { IncidentContext } from '../domain/incident-context.ts';
import { nearestName } from '../domain/near-name.ts';
import type { ServiceMap } from '../domain/service-map.ts';
import type { Ledger } from '../ports.ts';
import type { GatherSources } from './gather.ts';

/** Plain text, and rows that read better as a list. */
export interface Answer {
  readonly text: string;
  readonly lines: readonly string[];
  readonly sources: readonly string[];
}

/** A step towards an answer, told while it takes its time: the same id again replaces what was told. */
export interface Step {
  readonly id: string;
  readonly title: string;
  readonly state: 'asking' | 'answered' | 'failed';
  /** What came of it, in a few words; null while it is being asked. */
  readonly outcome: string | null;
}

export interface AnswerOptions extends GatherSources {
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly lookbackMs: number;
  /** Whole texts, before they are cut into rows: a key of many lines is known by its first and last. */
  readonly redactDeep: <T>(value: T) => { readonly value: T };
  /** Told of what takes time: other systems that are asked, and a model. */
  readonly tell?: (step: Step) => void;
}

export interface Asked {
  readonly incident: Incident | null;
  readonly context: IncidentContext | null;
  readonly map: ServiceMap;
  /** Of the incident, or the last minutes where there is none, or what the question says. */
  readonly window: Window;
  readonly options: AnswerOptions;
}

export const maxLines = 12;

export function unknownService(typed: string, map: ServiceMap): Answer {
  const names = map.services.map((service) => service.name);
  return {
    text:
      names.length === 0
        ? `I know no service yet, so I cannot say anything of ${typed}.`
        : `I know no service called ${typed}. These are on the map:`,
    lines: names.slice(0, maxLines),
    sources: ['service map'],
  };
}

export function serviceOf(asked: Asked, typed: string | null): string | null {
  if (typed === null) return null;
  return nearestName(typed, [
    ...asked.map.services.map((service) => service.name),
    ...(asked.context?.hypotheses.map((h) => h.service) ?? []),
  ]);
}

export function suspect(asked: Asked): string | null {
  return asked.context?.hypotheses[0]?.service ?? asked.incident?.service ?? null;
}

/** The service that was typed, or the suspect; else an answer that says what is wrong. */
export function serviceOrAnswer(asked: Asked, typed: string | null, example: string): string | Answer {
  const service = typed === null ? suspect(asked) : serviceOf(asked, typed);
  if (service !== null) return service;
  if (typed !== null) return unknownService(typed, asked.map);
  return { text: `Of which service? For example: ${example}`, lines: [], sources: [] };
}

/** Of what came of a step: its first sentence, and how much stands below it. */
const maxOutcome = 100;

export function outcomeOf({ text, lines }: Answer): string {
  const sentence = /^.*?[.!?](?= [A-Z]|$)/su.exec(text)?.[0] ?? text;
  const rows = lines.length === 0 ? '' : ` (${lines.length} ${lines.length === 1 ? 'row' : 'rows'})`;
  const shown = sentence.replace(/:$/, '');
  return `${shown.length <= maxOutcome ? shown : `${shown.slice(0, maxOutcome - 1).toWellFormed()}…`}${rows}`;
}

export function unread(gaps: readonly Gap[]): string {
  return gaps.map(({ reason }) => ` Could not be asked: ${reason}.`).join('');
}
