/**
 * Whoever asks a Cluster is answered in time, also while no node of it can be reached. The client bounds only what it has sent:
 * what comes while it looks for nodes waits in its queue for as long as that takes, and is done when they are back, long after
 * its sender was told that it was not. Here each command has its deadline from the start, and one that is given up leaves the
 * line with all it carries: an outage fills no memory, and nothing is done afterwards.
 */
import type { Cluster, Command } from 'ioredis';

type Sent = Parameters<Cluster['sendCommand']>;

export function boundCluster(cluster: Cluster, withinMs: number): Cluster {
  const send = cluster.sendCommand.bind(cluster);
  const waiting = new Map<Command, Sent>();

  function goOn(): void {
    const all = [...waiting.values()];
    waiting.clear();
    for (const sent of all) send(...sent);
  }

  cluster.sendCommand = (...sent: Sent) => {
    const [command] = sent;
    // What was on its way when the last node went is put in line by the client itself, and comes by here again.
    if (command.isSettled) return command.promise;
    command.setTimeout(withinMs);
    if (cluster.status === 'wait') cluster.connect().catch(() => {}); // tried again and again; whoever waits is told
    // The client itself asks whether the cluster is well before it says that it is ready.
    if (cluster.status === 'ready' || cluster.status === 'end' || command.name === 'cluster') return send(...sent);
    waiting.set(command, sent);
    const leave = () => void waiting.delete(command);
    command.promise.then(leave, leave);
    return command.promise;
  };
  cluster.on('ready', goOn);
  cluster.on('end', goOn);
  return cluster;
}
