/** docs/benchmarks.md: each bench writes its own section between its marks, with where and on what it was measured. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { withPart } from '../accuracy/page-file.ts';

const root = join(import.meta.dirname, '../..');
const pagePath = join(root, 'docs/benchmarks.md');
const head =
  '# Benchmarks\n\nWritten by the benches in `test/bench/`; do not edit. Each section says what it ran on: numbers of two sections compare only where those lines are the same.\n';

/** `command` is the line that makes the section again. */
export function writeSection(name: string, command: string, text: string): void {
  const page = existsSync(pagePath) ? readFileSync(pagePath, 'utf8') : head;
  writeFileSync(pagePath, withPart(page, name, `${text.trim()}\n\n${measuredOn(command)}`));
}

/** Cells of the rows of a section's table, without its head. */
export function sectionRows(name: string): string[][] {
  const page = existsSync(pagePath) ? readFileSync(pagePath, 'utf8') : '';
  const [, section = ''] = page.split(`<!-- ${name} -->`);
  const lines = (section.split(`<!-- end of ${name} -->`)[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) => line.slice(2, -2).split(' | '));
}

export function measuredOn(command: string): string {
  const [first] = cpus();
  const machine = `${cpus().length} × ${first?.model.trim() || process.arch}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const runtime = process.versions['bun'] === undefined ? `Node ${process.versions.node}` : `Bun ${process.versions['bun']}`;
  const load = `- load while measuring: ${loadavg()[0]!.toFixed(1)} (one more than this bench's own means shared processors)`;
  return [`- command: \`${command}\``, `- machine: ${machine}`, `- runtime: ${runtime}`, `- commit: ${commit()}`, load].join('\n');
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'not a git checkout';
  }
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value at a fraction of the sorted list, the nearer one above. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN;
}
