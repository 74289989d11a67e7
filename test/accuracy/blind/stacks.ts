/** What a process runs on, and who it is when it speaks. */
import type { Random } from '../random.ts';
import type { Language } from './problems.ts';

export type Stack =
  | 'zap'
  | 'logrus'
  | 'klog'
  | 'spring'
  | 'quarkus'
  | 'structlog'
  | 'django'
  | 'celery'
  | 'dotnet'
  | 'pino'
  | 'winston'
  | 'rust'
  | 'php'
  | 'rails'
  | 'nginx'
  | 'envoy'
  | 'haproxy'
  | 'postgres'
  | 'mysql'
  | 'mongo'
  | 'redis'
  | 'kafka'
  | 'rabbit'
  | 'coredns'
  | 'events';
export type Level = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
export interface Line {
  readonly text: string;
  readonly level: Level | null;
}
export interface Self {
  readonly name: string;
  readonly port: number;
  readonly at: number;
  readonly random: Random;
}

export const languageOf: Partial<Record<Stack, Language>> = {
  zap: 'go',
  logrus: 'go',
  klog: 'go',
  spring: 'java',
  quarkus: 'java',
  structlog: 'python',
  django: 'python',
  celery: 'python',
  dotnet: 'dotnet',
  pino: 'node',
  winston: 'node',
  rust: 'rust',
  php: 'php',
  rails: 'ruby',
};

export const iso = (at: number) => new Date(at).toISOString();
export const day = (at: number) => iso(at).slice(0, 10);
export const hour = (at: number) => iso(at).slice(11, 23);
export const pascal = (name: string) =>
  name
    .split('-')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
export const plain = (text: string, level: Level | null = null): Line => ({ text, level });
