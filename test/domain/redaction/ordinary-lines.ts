/** Ordinary lines: ours, and those of public logs and recorded incidents where these lie beside the project. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ordinary } from './ordinary.ts';

const beside = join(import.meta.dirname, '..', '..', '..', '..', 'shared');
/** Of each recording: one repeats itself much. */
const linesOfRecording = 500;

export function ordinaryLines(): string[] {
  return [...ordinary, ...publicLines(), ...recordedLines()];
}

function publicLines(): string[] {
  return filesIn('loghub', '.jsonl.gz').flatMap((file) =>
    rowsOf(join(beside, 'loghub', file)).map((row) => String((JSON.parse(row) as { content: unknown }).content)),
  );
}

function recordedLines(): string[] {
  return ['tt', 'cob', 'calm'].flatMap((set) =>
    filesIn(join('incidents', set), '').flatMap((incident) => {
      const file = join(beside, 'incidents', set, incident, 'logs.jsonl.gz');
      return existsSync(file) ? bodiesOf(rowsOf(file)).slice(0, linesOfRecording) : [];
    }),
  );
}

function bodiesOf(rows: readonly string[]): string[] {
  return rows
    .slice(0, 3)
    .flatMap((row) =>
      [...row.matchAll(/"body":\{"stringValue":("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text ?? '""') as string),
    );
}

function filesIn(folder: string, end: string): string[] {
  const at = join(beside, folder);
  return existsSync(at) ? readdirSync(at).filter((name) => name.endsWith(end)) : [];
}

function rowsOf(file: string): string[] {
  return gunzipSync(readFileSync(file)).toString().split('\n').filter(Boolean);
}
