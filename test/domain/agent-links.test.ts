import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  copilotPrompt,
  cursorInstallLink,
  cursorPromptLink,
  maxCursorLink,
  openPage,
  vscodeInstallLink,
} from '../../src/domain/agent-links.ts';
import { fitContext } from '../../src/domain/fit-context.ts';
import { IncidentContext } from '../../src/domain/incident-context.ts';
import { context } from '../surfaces/http/incident-fixtures.ts';

const small = fitContext(context, 700);
const page = 'https://pulse.example/open/INC-1';
const large: IncidentContext = {
  ...context,
  evidence: Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`e${i}`, { ...context.evidence['e1']!, text: `line ${i} ${'"quoted" & <angled> '.repeat(12)}` }]),
  ),
};
const promptIn = (url: string) => new URL(url).searchParams.get('text') ?? '';
const contextIn = (prompt: string) => IncidentContext.parse(JSON.parse(/```json\n([\s\S]*?)\n```/.exec(prompt)?.[1] ?? ''));

describe('cursorPromptLink', () => {
  it('carries the whole of a small incident', () => {
    const link = cursorPromptLink(small, page);
    expect(link?.isWhole).toBe(true);
    expect(link?.url.startsWith('cursor://anysphere.cursor-deeplink/prompt?text=')).toBe(true);
    expect(contextIn(promptIn(link?.url ?? ''))).toEqual(small);
  });

  it('carries what fits of a large one, and says where the rest is', () => {
    const link = cursorPromptLink(large, page);
    expect(link?.isWhole).toBe(false);
    expect(link?.url.length).toBeLessThanOrEqual(maxCursorLink);
    expect(link?.url.length).toBeGreaterThan(maxCursorLink / 2);
    const prompt = promptIn(link?.url ?? '');
    expect(prompt).toContain(page);
    expect(contextIn(prompt).hypotheses[0]?.service).toBe(context.hypotheses[0]?.service);
    expect(contextIn(prompt).flags.truncated).toContain('evidence');
  });

  it('is none where not even the least fits', () => {
    expect(cursorPromptLink({ ...context, summary: 'ü'.repeat(3_000) }, page)).toBeNull();
  });

  it('survives half a character', () => {
    expect(cursorPromptLink({ ...small, summary: 'cut \ud83d' }, page)?.isWhole).toBe(true);
  });
});

describe('install links', () => {
  it('tell Cursor of /mcp, with the name of a variable in place of the token', () => {
    const url = new URL(cursorInstallLink('https://pulse.example/a'));
    expect(url.searchParams.get('name')).toBe('tracepulse');
    expect(JSON.parse(atob(url.searchParams.get('config') ?? ''))).toEqual({
      url: 'https://pulse.example/a/mcp',
      headers: { Authorization: `Bearer \${env:TRACEPULSE_API_TOKEN}` },
    });
  });

  it('tell VS Code of it, which asks for the token', () => {
    const [start, rest = ''] = vscodeInstallLink('https://pulse.example').split('?');
    expect(start).toBe('vscode:mcp/install');
    expect(JSON.parse(decodeURIComponent(rest))).toMatchObject({
      name: 'tracepulse',
      type: 'http',
      url: 'https://pulse.example/mcp',
      headers: { Authorization: `Bearer \${input:tracepulse-token}` },
      inputs: [{ id: 'tracepulse-token', password: true }],
    });
  });
});

describe('the page about agents', () => {
  it('has the install links of a product on this machine', () => {
    const text = readFileSync(new URL('../../docs/integrations/agents.md', import.meta.url), 'utf8');
    expect(text).toContain(`[add to Cursor](${cursorInstallLink('http://localhost:3000')})`);
    expect(text).toContain(`[add to VS Code](${vscodeInstallLink('http://localhost:3000')})`);
  });
});

describe('what else is handed on', () => {
  it('is a prompt file with the whole context', () => {
    const file = copilotPrompt(context);
    expect(file.startsWith('---\nmode: agent\n')).toBe(true);
    expect(contextIn(file)).toEqual(context);
  });

  it('is a page of its own for each incident', () => expect(openPage('https://pulse.example', 'INC-1')).toBe(page));
});
