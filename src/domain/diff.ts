/** Unified diffs, as forges give them for one file: `@@ -a,b +c,d @@ heading` and lines that begin with ` `, `+` or `-`. */
import type { FilePatch } from './change.ts';

export interface Hunk {
  readonly file: string;
  /** The whole `@@` line. */
  readonly header: string;
  /** What git found as the enclosing function or section; empty where it found none. */
  readonly heading: string;
  /** First and last line in the new file. */
  readonly fromLine: number;
  readonly toLine: number;
  readonly lines: readonly string[];
}

const headerPattern = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

export function hunksOf({ file, patch }: FilePatch): Hunk[] {
  const found: (Hunk & { lines: string[] })[] = [];
  for (const line of patch.split('\n')) {
    const header = headerPattern.exec(line);
    if (header !== null) {
      const from = Number(header[1]);
      const length = header[2] === undefined ? 1 : Number(header[2]);
      found.push({ file, header: line, heading: header[3] ?? '', fromLine: from, toLine: from + Math.max(0, length - 1), lines: [] });
    } else found.at(-1)?.lines.push(line);
  }
  return found;
}

/** Names of files that tools write: a reader learns nothing from their hunks, and they are most of many diffs. */
const writtenByTools: readonly RegExp[] = [
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|composer\.lock|Gemfile\.lock|Cargo\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|go\.sum|mix\.lock|flake\.lock|packages\.lock\.json|gradle\.lockfile)$/,
  /(^|\/)(node_modules|vendor|third_party|dist|__snapshots__|__generated__|generated|\.yarn)\//,
  /\.min\.(js|css)$|\.(map|snap|svg|lock)$/,
  /\.pb\.(go|cc|h)$|_pb2(_grpc)?\.pyi?$|_pb\.(js|d\.ts|ts)$|\.(g|freezed|generated|gen)\.[a-z]+$|_generated\.[a-z]+$|(^|\/)zz_generated\b/,
];

export function isWrittenByTools(file: string): boolean {
  return writtenByTools.some((pattern) => pattern.test(file));
}
