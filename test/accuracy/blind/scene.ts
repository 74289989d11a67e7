/** A system while it comes up: when, at which addresses, and who says what; what a service's address looks like from its callers. */
import type { Random } from '../random.ts';
import type { Place } from './problems.ts';
import { languageOf, type Line, type Self } from './stacks.ts';
import type { Call, Member, System } from './systems.ts';

export interface Scene {
  readonly system: System;
  readonly random: Random;
  readonly startAt: number;
  readonly endAt: number;
  readonly addresses: ReadonlyMap<string, string>;
  say(service: string, at: number, lines: readonly Line[]): void;
  self(member: Member, at: number): Self;
  place(caller: Member, call: Call, path: string): Place;
}

export const listed = (system: System, name: string) => (system.hosts === 'prefixed' ? `${system.name}-prod-${name}` : name);
export const member = (system: System, name: string): Member => system.members.find((one) => one.name === name)!;
export const isServer = ({ stack }: Member) => languageOf[stack] === undefined;
const pathOf: Record<string, string> = {};
const routes = ['/items', '/v1/list', '/api/v2/entries/42', '/lookup?id=7', '/status/overview', '/search?q=blue'];
export const routeTo = (name: string) =>
  (pathOf[name] ??= routes[[...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % routes.length]!);

function hostOf(system: System, name: string, ip: string): string {
  const service = listed(system, name);
  if (system.hosts === 'ip') return ip;
  if (system.hosts === 'namespaced') return `${service}.${system.name}`;
  if (system.hosts === 'full') return `${service}.${system.name}.svc.cluster.local`;
  return service;
}

export function sceneOf(system: System, random: Random): { scene: Scene; said: Map<string, { at: number; line: Line }[]> } {
  const startAt = Date.UTC(
    2026,
    1 + random.whole(0, 9),
    random.whole(1, 27),
    random.whole(0, 23),
    random.whole(0, 59),
    random.whole(0, 59),
  );
  const endAt = startAt + random.whole(70, 150) * 1000;
  const net = `10.${random.whole(96, 110)}`;
  const addresses = new Map(system.members.map(({ name }) => [name, `${net}.${random.whole(0, 250)}.${random.whole(2, 250)}`]));
  const said = new Map<string, { at: number; line: Line }[]>();
  const scene: Scene = {
    system,
    random,
    startAt,
    endAt,
    addresses,
    say: (service, at, lines) => {
      const list = said.get(service) ?? [];
      for (const [index, line] of lines.entries()) if (at + index * 0.2 < endAt) list.push({ at: at + index * 0.2, line });
      said.set(service, list);
    },
    self: ({ name, port }, at) => ({ name, port, at, random }),
    place: (caller, call) => {
      const { name, port } = member(system, call.to);
      const ip = addresses.get(name)!;
      return {
        host: hostOf(system, name, ip),
        ip,
        port,
        path: routeTo(name),
        user: `${caller.name.replaceAll('-', '_')}_app`,
        database: caller.name.replaceAll('-', '_'),
      };
    },
  };
  return { scene, said };
}
