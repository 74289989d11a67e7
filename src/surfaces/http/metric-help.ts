/** What each series of /metrics is, as its HELP line says it to whoever looks through a Prometheus. */
const help: Readonly<Record<string, string>> = {
  ready: '1 while work is taken.',
  degraded: 'How many things are in trouble; /readyz names them.',
  alerts_total: 'Alerts and events accepted, by format.',
  deliveries_total: 'Messages that reached a sink, edits among them.',
  delivery_failures_total: 'Tries that did not reach a sink; what is worth it is tried again.',
  illustrations_total: 'Pictures put under a card.',
  withdrawals_total: 'Messages taken back because their incident was forgotten.',
  reports_total: 'Rankings stored.',
  votes_total: 'Judgements of hypotheses, by verdict.',
  log_bodies_total: 'Bodies of log lines read, by format.',
  dead_letters_total: 'Work and messages laid aside since the start, by line.',
  dead_letters: 'Work and messages that lie aside now; /api/dead-letters lists them.',
  work_failures_total: 'Pieces of work that failed; they are tried again.',
  model_answers_total: 'Answers of the model that were taken.',
  model_answers_dropped_total: 'Answers of the model of which nothing was left, since no evidence carries them.',
  model_failures_total: 'Questions to the model without an answer, by code.',
  http_answers_total: 'Answers of the HTTP surface, by status.',
  telemetry_dropped_total: 'Telemetry dropped before its time, since the window was full, by signal.',
  telemetry_duplicates_total: 'Telemetry that had come before and was left out.',
  telemetry_kept: 'Spans, log lines and points held in the window.',
  telemetry_bytes: 'Bytes that the window takes.',
  open_incidents: 'Incidents that are open.',
  overdue_seconds: 'For how long the oldest work or message has been waiting beyond its time.',
  map_services: 'Services on the map.',
  map_edges: 'Calls between services on the map.',
  build_info: '1, with the version of the product and of what it runs on.',
  resident_memory_bytes: 'Memory that this process holds.',
  cpu_seconds_total: 'Time that this process was on a processor.',
  start_time_seconds: 'When this process started, in seconds since the epoch.',
  connection_up: '1 while a connection works.',
  connection_configured: '1 where a connection is configured.',
};

/** What `<stage>_seconds` measures; `<stage>_errors_total` counts its failures. */
const stages: Readonly<Record<string, string>> = {
  receive: 'taking an alert body, up to its being stored',
  ingest: 'taking a body of telemetry',
  commit: 'storing a change',
  work: 'a piece of work, by kind',
  gather: 'gathering what a report stands on',
  source: 'asking a source',
  rank: 'ranking the causes',
  model: 'asking the model',
  delivery: 'handing a message to a sink',
  alert_to_card: 'the time from an alert to its first card',
  alert_to_report: 'the time from an alert to its first report',
};

/** `family`: without `tracepulse_`. Null for one that nobody has described yet. */
export function helpOf(family: string): string | null {
  const [, stage = '', kind] = /^(.+)_(seconds|errors_total)$/.exec(family) ?? [];
  const measured = Object.hasOwn(stages, stage) ? stages[stage] : undefined;
  if (measured !== undefined) return kind === 'seconds' ? `Seconds of ${measured}.` : `Failures of ${measured}, by code.`;
  return Object.hasOwn(help, family) ? (help[family] ?? null) : null;
}
