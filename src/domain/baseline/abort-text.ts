/**
 * What a process says that gives up before it has begun: the words of shells, kernels and runtimes, of programs for their own end, and
 * of servers for an error after which they do not start (nginx `[emerg]`, NATS `[FTL]`).
 */
const aborting =
  /\baborted!|^(?:\S{1,30} ){0,4}(?:fatal(?: error)?|panic): |^Traceback \(most recent call last\)|^Unhandled (?:exception|rejection)|^Exception in thread "main"|^usage: \S|\bcannot find module ['"]|\bexec format error\b|^(?:\S{1,60} )?exec:? [^\n]{1,120}: (?:no such file or directory|permission denied)|\[(?:emerg|FTL)\]|\bApplication run failed\b|\bcould not find or load main class\b|\bunable to access jarfile\b|\blevel"?[=:] ?"?fatal\b/i;

/** It stands at the front, before stack traces. */
const readTo = 400;

/** Whether a line is one of a process that gives up before it has begun. */
export const saysAborting = (line: string): boolean => aborting.test(line.slice(0, readTo));

/** Said by who runs the program or reads its settings, and by no program at work, to which `FATAL:` or a stack trace may come again and again. */
const unrunnable = /\bexec\b|\[(?:emerg|FTL)\]|^usage: \S/i;

export const saysUnrunnable = (line: string): boolean => unrunnable.test(line.slice(0, readTo));
