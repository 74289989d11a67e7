/**
 * Names the Slack sink writes and the Slack surface reads back: they must agree, and outsiders rely on them. Values carry
 * no state, only enough to look it up.
 */
export const slackNames = {
  sink: 'slack',
  /** Message metadata: `event_type` of cards and of answers, with `incident_id` or `id` beside it. */
  cardMetadata: 'tracepulse_incident',
  textMetadata: 'tracepulse_text',
  confirm: 'hypothesis_confirm',
  reject: 'hypothesis_reject',
  resolve: 'incident_resolve',
  mute: 'incident_mute',
  unmute: 'incident_unmute',
  export: 'export_open',
  ticket: 'jira_create',
  /** The overflow menu. */
  more: 'incident_more',
  homeInvestigate: 'home_investigate',
  saidNote: 'said_note',
  saidDrop: 'said_drop',
  rejectView: 'reject_reason',
  confirmView: 'confirm_note',
  ticketView: 'jira_issue',
  investigateView: 'investigate',
} as const;

/** Where a message stands in Slack: a `ts` is unique in its channel only. Written `C024BE91L/1732536161.000200`. */
export interface SlackPlace {
  readonly channel: string;
  readonly ts: string;
}

export function placeText({ channel, ts }: SlackPlace): string {
  return `${channel}/${ts}`;
}

export function readPlace(text: string): SlackPlace | null {
  const slash = text.indexOf('/');
  return slash <= 0 || slash === text.length - 1 ? null : { channel: text.slice(0, slash), ts: text.slice(slash + 1) };
}

/** A hypothesis of an incident as a button's value: `INC-12.h1x2y3z`. */
export interface HypothesisRef {
  readonly incidentId: string;
  readonly hypothesisId: string;
}

export function refText({ incidentId, hypothesisId }: HypothesisRef): string {
  return `${incidentId}.${hypothesisId}`;
}

export function readRef(text: string): HypothesisRef | null {
  const dot = text.lastIndexOf('.');
  return dot <= 0 || dot === text.length - 1 ? null : { incidentId: text.slice(0, dot), hypothesisId: text.slice(dot + 1) };
}

/** What the overflow menu of an incident offers. */
const moreChoices = ['map', 'confirm-note', 'mute-4h', 'mute-1d'] as const;
export type MoreChoice = (typeof moreChoices)[number];

export function moreText(what: MoreChoice, incidentId: string): string {
  return `${what}:${incidentId}`;
}

export function readMore(text: string): { readonly what: MoreChoice; readonly incidentId: string } | null {
  const colon = text.indexOf(':');
  const what = moreChoices.find((choice) => choice === text.slice(0, colon));
  return what === undefined || colon === text.length - 1 ? null : { what, incidentId: text.slice(colon + 1) };
}
