/** How a failure shows on its way up: error lines, span statuses, callers that stop, until one of them copes. */
import type { Random } from './random.ts';
import { cutShort, type Request, stopAfter } from './requests.ts';
import type { TracedWorld } from './traced-world.ts';

/** The topmost span of the visit that calls: the same service without a break. */
export function callerVisit(request: Request, entry: number): number {
  let at = request.spans[entry]!.parent;
  if (at < 0) return -1;
  const { service } = request.spans[at]!;
  while (request.spans[at]!.parent >= 0 && request.spans[request.spans[at]!.parent]!.service === service) at = request.spans[at]!.parent;
  return at;
}

export function write(request: Request, span: number, world: TracedWorld, random: Random, severity: number, message: string): void {
  const { service, instance, scope, end, gone } = request.spans[span]!;
  if (gone) return;
  request.logs.push({
    service,
    instance,
    scope,
    span,
    at: end - 0.1,
    severity,
    text: world.errorLine(service, message, random),
    gone: false,
  });
}

export function fail(request: Request, index: number, world: TracedWorld, message: string | null): void {
  const span = request.spans[index]!;
  if (!world.statuses) return;
  span.status = 2;
  span.message = message;
  const code = span.attributes.findIndex(({ key }) => key === 'http.response.status_code');
  if (code >= 0) span.attributes[code] = { key: 'http.response.status_code', value: { intValue: '500' } };
}

/** A failed answer goes up the callers until one of them copes with it. */
export function raise(
  request: Request,
  entry: number,
  world: TracedWorld,
  random: Random,
  how: { readonly callersLog: boolean; readonly caughtAfter: number },
): void {
  let from = entry;
  for (let level = 0; level < how.caughtAfter; level++) {
    const call = request.spans[from]!.parent;
    const caller = callerVisit(request, from);
    if (caller < 0) return;
    if (call !== caller) fail(request, call, world, null);
    if (how.callersLog && world.logs) write(request, caller, world, random, 17, '500 : [{"status":500,"error":"Internal Server Error"}]');
    if (level + 1 === how.caughtAfter) return;
    if (call === caller) cutShort(request, caller, request.spans[from]!.end);
    else stopAfter(request, caller, call, random.between(0.3, 2));
    fail(request, caller, world, null);
    from = caller;
  }
}
