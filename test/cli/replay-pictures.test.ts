import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replayCommand } from '../../src/cli/replay.ts';
import { makeTools } from '../../src/tools.ts';

const scenarios = join(import.meta.dirname, '..', 'scenarios');
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(args: readonly string[]) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  return { code: await replayCommand(args, makeTools(null, say), say, say), said };
}

/** Width and height, from the header of a PNG. */
const sizeOf = (file: string) => {
  const data = readFileSync(file);
  expect(data.subarray(1, 4).toString('latin1')).toBe('PNG');
  return [data.readUInt32BE(16), data.readUInt32BE(20)];
};

describe('replay --pictures', () => {
  it('writes map and minutes beside the report', async () => {
    const { code, said } = await run([join(scenarios, 'bramble'), '--pictures', join(folder, 'new')]);
    expect(code).toBe(0);
    expect(said[0]).toContain('1. granary');
    for (const picture of ['map', 'minutes'])
      expect(Math.min(...sizeOf(join(folder, 'new', `bramble-${picture}.png`)))).toBeGreaterThan(200);
  });

  it('draws nothing where nothing is wrong', async () => {
    expect((await run([join(scenarios, 'drift'), '--json', '--pictures', folder])).code).toBe(0);
    expect(existsSync(join(folder, 'drift-map.png'))).toBe(false);
  });

  it.each([
    [['--pictures', '/somewhere']],
    [[join(scenarios, 'bramble'), '--pictures']],
    [[join(scenarios, 'bramble'), '--pictures', '--json']],
  ])('says how it is used: %j', async (args) => {
    const { code, said } = await run(args);
    expect(code).toBe(64);
    expect(said).toEqual(['usage: tracepulse replay DIR... [--json] [--pictures FOLDER]']);
  });
});
