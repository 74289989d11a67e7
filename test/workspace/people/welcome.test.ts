/** Newcomers: one person per name, a member of every public channel, never a bot. */
import { describe, expect, it } from 'vitest';
import { createWorkspace } from '../../../src/workspace/workspace.ts';

describe('welcome', () => {
  it('makes a person who can speak at once, and knows them the next time', () => {
    const workspace = createWorkspace();
    const eve = workspace.welcome(' Eve Jones ');
    expect(eve).toMatchObject({ name: 'eve.jones', realName: 'Eve Jones', isBot: false });
    workspace.say({ user: eve.id, channel: 'general', text: 'hello' });
    expect(workspace.welcome('eve jones').id).toBe(eve.id);
    expect(workspace.welcome('Ana').id).toBe('U0ANA');
  });

  it.each(['', '  ', '<b>', '../x', 'tracepulse', 'TracePulse'])('turns %j away', (name) => {
    expect(() => createWorkspace().welcome(name)).toThrow('invalid_name');
  });
});
