import { describe, expect, it } from 'vitest';
import { createWorkspace } from '../../../src/workspace/workspace.ts';

describe('/invite', () => {
  const workspace = createWorkspace({ channels: [{ name: 'ops', hasApp: false }] });
  const members = () => workspace.channels().find(({ name }) => name === 'ops')?.members ?? [];
  const type = (line: string) => workspace.command('ana', { channel: 'ops' }, line);

  it('brings the app into a channel, whose messages it hears from then on', async () => {
    expect(members()).not.toContain('U0TRACE');
    expect(await type('/invite @tracepulse')).toEqual({ ok: true });
    expect(members().filter((member) => member === 'U0TRACE')).toHaveLength(1);
    expect(await type('/invite @tracepulse')).toEqual({ ok: true });
    expect(members().filter((member) => member === 'U0TRACE')).toHaveLength(1);
  });

  it.each([
    ['/invite', 'no_user'],
    ['/invite @nobody', 'user_not_found'],
    ['/invites @ben', 'no_such_command'],
  ])('says what is wrong with %j', async (line, code) => {
    await expect(type(line)).rejects.toMatchObject({ code });
  });
});
