/**
 * `tracepulse.config.yaml`: settings under the names they have in the environment, which wins where both say something.
 * What is a structure there is JSON in the environment, a list of words is separated by commas; so there is one way to name
 * a setting and one place where it is checked.
 */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Environment, Problem } from './config.ts';

export const configFile = 'tracepulse.config.yaml';

/** A watcher calls once where there is no file, with zeros before and now, and again when it is only read. */
export function hasChanged(now: Stamp, before: Stamp): boolean {
  return now.ino !== before.ino || now.mtimeMs !== before.mtimeMs || now.size !== before.size;
}

interface Stamp {
  readonly ino: number;
  readonly mtimeMs: number;
  readonly size: number;
}

const File = z.record(z.string(), z.unknown()).nullable();

/** `text`: what the file holds; null where there is none. `known`: every setting there is. */
export function withFile(
  environment: Environment,
  text: string | null,
  known: ReadonlySet<string>,
): { environment: Environment; problems: Problem[] } {
  if (text === null) return { environment, problems: [] };
  const document = parseDocument(text, { uniqueKeys: true });
  // The parser's own message quotes the file, which may hold secrets.
  const broken = document.errors.map(({ linePos, code }) => `is not valid YAML at line ${linePos?.[0].line ?? '?'} (${code})`);
  const read = broken.length > 0 ? null : File.safeParse(contentOf(document));
  if (read === null || !read.success) {
    const problems = broken.length > 0 ? broken : ['must be a map from settings to values'];
    return { environment, problems: problems.map((problem) => ({ variable: configFile, problem })) };
  }
  const entries = Object.entries(read.data ?? {}).filter(([, value]) => value !== null);
  const strangers = entries
    .filter(([name]) => !known.has(name))
    .map(([name]) => ({ variable: configFile, problem: `knows no setting ${name}` }));
  const told = entries.filter(([name]) => known.has(name)).map(([name, value]) => [name, asText(value)] as const);
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  return { environment: { ...environment, ...Object.fromEntries(told), ...Object.fromEntries(set) }, problems: strangers };
}

/** Aliases that multiply are refused by the parser with an error of its own. */
function contentOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

function asText(value: unknown): string {
  if (typeof value !== 'object') return value === true ? 'on' : value === false ? 'off' : String(value);
  if (Array.isArray(value) && value.every((entry) => typeof entry !== 'object')) return value.join(',');
  return JSON.stringify(value);
}
