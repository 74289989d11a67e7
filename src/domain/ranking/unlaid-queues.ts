/**
 * A broker that has not the queues and exchanges its clients take for granted. Where one client alone misses one, it may have been told a
 * wrong name; where several each miss what they ask for and the broker says so too, nobody has laid them out there.
 *
 *   shipping ── no exchange 'tasks' ──┐
 *   worker ── no queue 'tasks' ───────┴─ broker       broker
 */
import { lacksQueue } from '../baseline/store-text.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

const severalClients = 2;
/** So often each, and still within the last part of what was recorded: a client that comes first lays out what it needs itself. */
const fewestLines = 3;
const lastShare = 0.4;
const worth = 3;
/** WARN in OTLP's numbers; 0 is a line without a grade. */
const warning = 13;

export function judgeUnlaidQueues(scene: Scene, suspicions: Suspicions): void {
  if (scene.baseline.minutes > 0) return;
  const { known, recent, firstAt, lastAt } = scene;
  const { logs, strings } = recent.window;
  const told = new Map<number, { lines: number; row: number }>();
  const lacking = new Map<number, boolean>();
  for (let row = 0; row < logs.length; row++) {
    const grade = logs.severity[row]!;
    if ((grade > 0 && grade < warning) || logs.timeMs[row]! > scene.input.alertAt) continue;
    // Lines are many and templates few.
    const template = logs.template[row]!;
    const lacks = lacking.get(template) ?? lacksQueue(recent.window.templateText(template));
    lacking.set(template, lacks);
    if (!lacks) continue;
    told.set(logs.service[row]!, { lines: (told.get(logs.service[row]!)?.lines ?? 0) + 1, row });
  }
  const from = lastAt - lastShare * (lastAt - firstAt);
  const lasting = [...told].filter(([, { lines, row }]) => lines >= fewestLines && logs.timeMs[row]! >= from);
  const [broker, ...others] = lasting.filter(([service]) => known.isStore(strings.text(service)));
  const clients = lasting.filter(([service]) => !known.isStore(strings.text(service)));
  if (broker === undefined || others.length > 0 || clients.length < severalClients) return;
  const [name, { row }] = [strings.text(broker[0]), broker[1]];
  const who = clients.map(([service]) => strings.text(service)).sort();
  for (const client of who) known.addEdge(client, name);
  const text = `${name} does not have the queues or exchanges that ${who.join(' and ')} ask it for: ${logs.text(row).trim().slice(0, 160)}`;
  suspicions.add(name, 'condition', worth, [
    finding({ kind: 'configuration', source: 'log', subject: 'queues', text, at: logs.timeMs[row]!, strength: worth }),
  ]);
}
