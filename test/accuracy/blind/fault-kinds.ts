/** The ways in which something configured wrongly shows: a process that dies, says nothing, is not reached, or calls wrongly. */
import type { Failing, Place } from './problems.ts';
import { isServer, type Scene } from './scene.ts';
import { languageOf, type Line, type Stack } from './stacks.ts';
import type { Member } from './systems.ts';
import { dying } from './voices.ts';

export interface Breakage {
  readonly truth: readonly string[];
  /** What one meets who calls a service. */
  meets?(callee: string, at: number, caller: string): Failing | null;
  /** Where one calls wrongly. */
  wrong?(caller: string, callee: string, at: number): { failing: Failing; place: Partial<Place> } | null;
  /** Services whose own lines are written by `speak` alone. */
  readonly replaces?: ReadonlySet<string>;
  speak?(scene: Scene, readyAt: ReadonlyMap<string, number>): void;
}

export const text = (...lines: string[]): Line[] => lines.map((line) => ({ text: line, level: null }));
const stores: readonly Stack[] = ['postgres', 'mysql', 'mongo', 'redis', 'rabbit', 'kafka'];

export type Fault = (scene: Scene) => Breakage | null;

const inner = (scene: Scene) => scene.system.members.filter((one) => one.name !== scene.system.edge && isCalled(scene, one.name));
const isCalled = (scene: Scene, name: string) => scene.system.members.some(({ calls }) => calls.some(({ to }) => to === name));
export const apps = (scene: Scene) => inner(scene).filter((one) => !isServer(one));
export const databases = (scene: Scene) => inner(scene).filter((one) => stores.includes(one.stack));
export const refusedAt = (name: string, failing: Failing = 'refused') => ({
  truth: [name],
  meets: (callee: string) => (callee === name ? failing : null),
});

/** Comes up, dies, and is started again with growing pauses. */
export function looping(scene: Scene, { name }: Member, before: (at: number) => Line[], last: (at: number) => Line[]): void {
  let at = scene.startAt + scene.random.whole(500, 4000);
  for (let pause = 8_000; at < scene.endAt; pause *= 2) {
    scene.say(name, at, before(at));
    scene.say(name, at + scene.random.whole(200, 1500), last(at));
    at += pause + scene.random.whole(1000, 3000);
  }
}
export function crashes(what: (self: Member, scene: Scene) => string): Fault {
  return (scene) => {
    const guilty = scene.random.pick(apps(scene));
    return {
      ...refusedAt(guilty.name),
      replaces: new Set([guilty.name]),
      speak: () => {
        const words = what(guilty, scene);
        looping(
          scene,
          guilty,
          () => [],
          (at) => dying(guilty.stack, scene.self(guilty, at), words),
        );
      },
    };
  };
}

export const event = (scene: Scene, guilty: Member, words: string) => {
  if (scene.system.events)
    for (let at = scene.startAt + 3000; at < scene.endAt; at += 20_000)
      scene.say('event-log', at, text(words.replaceAll('{pod}', `${guilty.name}-7c9d8b6f5-k2x4z`).replaceAll('{name}', guilty.name)));
};

/** The process never says a word; events, where collected, say why. */
export function silent(words: string, among: (scene: Scene) => readonly Member[] = inner, failing: Failing | null = null): Fault {
  return (scene) => {
    const guilty = scene.random.pick(among(scene));
    return {
      ...refusedAt(guilty.name, failing ?? scene.random.pick(['refused', 'refused', 'timeout'])),
      replaces: new Set([guilty.name]),
      speak: () => event(scene, guilty, words),
    };
  };
}

/** The process is well; nobody gets through to it. */
export function walledOff(failing: Failing, alsoSays: ((self: Member, scene: Scene) => void) | null = null): Fault {
  return (scene) => {
    const guilty = scene.random.pick(inner(scene));
    return { ...refusedAt(guilty.name, failing), speak: () => alsoSays?.(guilty, scene) };
  };
}

export function wrongSetting(place: (right: Place, scene: Scene) => { failing: Failing; place: Partial<Place> }): Fault {
  return (scene) => {
    const callers = scene.system.members.filter(
      (one) => one.calls.length > 0 && languageOf[one.stack] !== undefined && (one.name === scene.system.edge || isCalled(scene, one.name)),
    );
    const guilty = scene.random.pick(callers);
    const call = scene.random.pick(
      guilty.calls.filter(({ soft }) => !soft).length > 0 ? guilty.calls.filter(({ soft }) => !soft) : guilty.calls,
    );
    const right = scene.place(guilty, call, '/');
    const wrong = place(right, scene);
    return { truth: [guilty.name], wrong: (caller, callee) => (caller === guilty.name && callee === call.to ? wrong : null) };
  };
}
