/** One request on its way through a mesh, told as spans: what a trouble does to a service's time, its answers, its way and its calls. */
import type { Random } from '../random.ts';
import type { Mesh, Step } from './meshes.ts';
import { type Book, keyValues, type Labels, nanoOf } from './otlp.ts';

export interface Trouble {
  readonly service: string;
  readonly from: number;
  readonly until: number;
  readonly pod: number | null;
  /** Milliseconds more before it calls anybody, and how many times slower its own work is. */
  readonly slowMs?: number;
  readonly slowTimes?: number;
  /** Milliseconds more on each way to it and from it. */
  readonly wayMs?: number;
  readonly refuses?: 'at once' | 'never answers';
  readonly swallows?: number;
  readonly misleads?: number;
  readonly waitsForConnection?: number;
  readonly fails?: number;
}

const timeoutMs = 1500;

export class Walk {
  readonly #mesh: Mesh;
  readonly #book: Book;
  readonly #random: Random;
  readonly #troubles: readonly Trouble[];
  readonly #trace: string;
  /** Whether a trouble touched this request. */
  touched = false;

  constructor(mesh: Mesh, book: Book, random: Random, troubles: readonly Trouble[]) {
    this.#mesh = mesh;
    this.#book = book;
    this.#random = random;
    this.#troubles = troubles;
    this.#trace = random.hex(32);
  }

  #troublesAt(service: string, at: number, pod: number | null): readonly Trouble[] {
    const found = this.#troubles.filter(
      (one) => one.service === service && at >= one.from && at < one.until && (one.pod === null || pod === null || one.pod === pod),
    );
    return found;
  }

  #sum(troubles: readonly Trouble[], of: (one: Trouble) => number | undefined): number {
    const sum = troubles.reduce((total, one) => total + (of(one) ?? 0), 0);
    if (sum > 0) this.touched = true;
    return sum;
  }

  #span(
    service: string,
    pod: number,
    about: { id: string; parent: string | null; name: string; kind: number; from: number; to: number; failed: boolean; labels: Labels },
  ): void {
    const resource = { 'service.name': service, 'k8s.pod.name': `${service}-${pod}` };
    this.#book.span(resource, {
      traceId: this.#trace,
      spanId: about.id,
      ...(about.parent === null ? {} : { parentSpanId: about.parent }),
      name: about.name,
      kind: about.kind,
      startTimeUnixNano: nanoOf(about.from),
      endTimeUnixNano: nanoOf(about.to),
      attributes: keyValues(about.labels),
      status: { code: about.failed ? 2 : 0 },
    });
  }

  /** Serves a step from `at` on; answers when it ends, whether it failed, and whether its answer leads the caller astray. */
  serve(step: Step, parent: string | null, at: number): { end: number; failed: boolean; misleads: boolean } {
    const random = this.#random;
    const pod = random.whole(0, 1);
    const troubles = this.#troublesAt(step.service, at, pod);
    const id = random.hex(16);
    const ms =
      step.ownMs * Math.exp(0.25 * random.normal()) * (1 + this.#sum(troubles, ({ slowTimes }) => slowTimes)) +
      this.#sum(troubles, ({ slowMs }) => slowMs) * random.between(0.8, 1.2);
    let now = at + ms * 0.6;
    let failed = random.chance(0.002) || random.chance(this.#sum(troubles, ({ fails }) => fails));
    const swallows = random.chance(this.#sum(troubles, (one) => one.swallows));
    const misleads = random.chance(this.#sum(troubles, (one) => one.misleads));
    const waits = this.#sum(troubles, ({ waitsForConnection }) => waitsForConnection);
    let steps = failed ? [] : step.steps;
    if (swallows) steps = steps.slice(0, Math.floor(steps.length / 3));
    if (misleads) steps = steps.slice(0, Math.ceil(steps.length / 2));
    for (const callee of steps) {
      if (callee.via === 'db' && waits > 0) {
        const waited = waits * random.between(0.2, 1.3);
        now += waited;
        if (waited > waits) {
          failed = true;
          break;
        }
      }
      const answer = this.#call(step.service, pod, id, callee, now);
      now = answer.end;
      if (answer.failed) {
        failed = callee.via !== 'cache' && callee.via !== 'message';
        if (failed) break;
      }
      if (answer.misleads) break;
    }
    now += ms * 0.4;
    const grpc = step.via === 'grpc';
    const labels: Labels =
      step.via === 'message'
        ? { 'messaging.system': 'kafka', 'messaging.operation': 'process', 'messaging.destination.name': step.service }
        : grpc
          ? { 'rpc.system': 'grpc', 'rpc.service': step.service, 'rpc.method': step.operation, 'rpc.grpc.status_code': failed ? 13 : 0 }
          : { 'http.request.method': 'GET', 'http.route': `/${step.operation}`, 'http.response.status_code': failed ? 500 : 200 };
    this.#span(step.service, pod, {
      id,
      parent,
      name: grpc ? `${step.service}/${step.operation}` : step.operation,
      kind: step.via === 'message' ? 5 : 2,
      from: at,
      to: now,
      failed,
      labels,
    });
    return { end: now, failed, misleads };
  }

  #call(caller: string, pod: number, parent: string, step: Step, at: number): { end: number; failed: boolean; misleads: boolean } {
    for (let attempt = 0; ; attempt++) {
      const answer = this.#attempt(caller, pod, parent, step, at);
      if (!answer.timedOut || attempt === 2) return answer;
      at = answer.end + 20 * 2 ** attempt;
    }
  }

  #attempt(
    caller: string,
    pod: number,
    parent: string,
    step: Step,
    at: number,
  ): { end: number; failed: boolean; misleads: boolean; timedOut: boolean } {
    const random = this.#random;
    const peer = this.#troublesAt(step.service, at, null);
    const id = random.hex(16);
    const store = step.via === 'db' || step.via === 'cache';
    const both = [...(store ? peer : peer.filter((one) => one.pod === null)), ...this.#troublesAt(caller, at, pod)];
    const way = random.between(0.2, 0.6) + this.#sum(both, ({ wayMs }) => wayMs) * random.between(0.7, 1.3);
    const refusing = peer.find(({ refuses }) => refuses !== undefined);
    let [end, failed, misleads, timedOut] = [at, false, false, false];
    if (refusing !== undefined && step.via !== 'message') {
      this.touched = true;
      failed = true;
      timedOut = refusing.refuses === 'never answers';
      end = at + (timedOut ? timeoutMs : random.between(0.5, 3));
    } else if (store) {
      const troubles = this.#sum(peer, ({ slowMs }) => slowMs) * random.between(0.7, 1.3);
      end = at + step.ownMs * Math.exp(0.3 * random.normal()) + troubles + way;
    } else if (step.via === 'message') {
      end = at + random.between(0.5, 2);
      if (refusing === undefined) this.serve(step, id, end + random.between(4, 30));
    } else {
      const answer = this.serve(step, id, at + way);
      timedOut = answer.end + way - at > timeoutMs;
      end = timedOut ? at + timeoutMs : answer.end + way;
      failed = timedOut || answer.failed;
      misleads = answer.misleads && !timedOut;
    }
    const peerLabels: Readonly<Record<Step['via'], Labels>> = {
      http: {
        'http.request.method': 'GET',
        'server.address': step.service,
        ...(timedOut ? { 'error.type': 'timeout' } : { 'http.response.status_code': failed ? 500 : 200 }),
      },
      grpc: {
        'rpc.system': 'grpc',
        'rpc.service': step.service,
        'rpc.method': step.operation,
        'server.address': step.service,
        'rpc.grpc.status_code': timedOut ? 4 : failed ? 14 : 0,
      },
      message: { 'messaging.system': 'kafka', 'messaging.operation': 'publish', 'messaging.destination.name': step.service },
      db: {
        'db.system': 'postgresql',
        'db.name': step.service.replace(/-\w+$/, ''),
        'server.address': step.service,
        'db.statement': `${step.operation} WHERE id = $1`,
      },
      cache: { 'db.system': 'redis', 'server.address': step.service, 'db.statement': 'GET ?' },
    };
    const name = step.via === 'http' ? 'GET' : this.#mesh.namedBy === 'peer' ? `${step.service} call` : step.operation;
    this.#span(caller, pod, {
      id,
      parent,
      name,
      kind: step.via === 'message' ? 4 : 3,
      from: at,
      to: end,
      failed,
      labels: peerLabels[step.via],
    });
    return { end, failed, misleads, timedOut };
  }
}
