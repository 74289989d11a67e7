/**
 * Server and sender on processors of their own: what a server gives by the clock is then what it gives with one to itself, its
 * waits for the disk among it. By `taskset`, on Linux with two processors or more; elsewhere they share, and the page says so.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const serverCore = '0';
const senderCore = '1';

export const apart = availableParallelism() > 1 && spawnSync('taskset', ['--version']).error === undefined;

/** What starts a server: command and arguments. */
export const onServerCore = (command: string, args: readonly string[]): [string, string[]] =>
  apart ? ['taskset', ['-c', serverCore, command, ...args]] : [command, [...args]];

/** This process and all threads it has; those to come stay where it is. */
export function keepToSenderCore(): void {
  if (apart) spawnSync('taskset', ['-a', '-c', '-p', senderCore, String(process.pid)], { stdio: 'ignore' });
}

/** For the text of a section. */
export const whereTheyRan = apart ? 'server and sender on a processor each' : 'server and sender share the processors';
