/** What programs say of their own coming up, and of the questions by which an orchestrator sees whether they have. */

/** `Started CartApplication in 12.8 seconds`, `started in 1.2s`, `ready in 532 ms`. */
const started = /\b(?:start(?:ed|up)|ready|initiali[sz]ed)(?: [\w.$()[\]-]{1,50}){0,4} in ([\d.]{1,12}) ?(ms|milliseconds|s|seconds)\b/i;

/** How long it says that it took to start, in seconds; null where it says nothing of the kind. */
export function startedIn(line: string): number | null {
  const [, number, unit = ''] = started.exec(line.slice(0, 400)) ?? [];
  return number === undefined ? null : Number(number) / (unit.toLowerCase().startsWith('m') ? 1000 : 1);
}

/** A path that is asked: `"GET /ready HTTP/1.1" 404`, `"method":"GET","url":"/ready"`, `status=404 method=GET uri=/ready`. */
const asked = /\bGET[: ] ?(\/[\w./-]{1,80})|\bGET\b[^\n]{1,20}(?:url|uri|path)"?[=:] ?"?(\/[\w./-]{1,80})/;
/** The paths that orchestrators ask by convention, and what they call themselves. */
const probing =
  /\/(?:health|healthz|healthcheck|readyz|readiness|livez|liveness)(?![\w./-])|(?:[\s\x22:=]|\/health)\/(?:ready|live)(?![\w./-])|\bkube-probe\//;
/** That there is no such path, or none that may be asked without a name. That a program is not ready yet (503) is no mistake. */
const refusing = /(?:HTTP\/[\d.]{1,3}"?|\bstatus(?:Code)?["']?[=:]) ?40[0134]\b|\bRoute GET:\S{1,80} not found\b/i;

/** The path by which an orchestrator asks whether the program is well, where the answer is that there is no such path; null else. */
export function refusedProbe(line: string): string | null {
  const text = line.slice(0, 600);
  if (!refusing.test(text) || !probing.test(text)) return null;
  const found = asked.exec(text);
  return found?.[1] ?? found?.[2] ?? null;
}
