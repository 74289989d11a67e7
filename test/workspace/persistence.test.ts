/** What was said survives a restart, in a file or in a host's own store. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../src/workspace/clock.ts';
import { type Persistence, type StoredRecord, sqlitePersistence } from '../../src/workspace/persistence.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { call, postText } from './call.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workspace-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a workspace that was closed and opened again', () => {
  it('shows the same messages, threads, channels, people, Home tabs and files', async () => {
    const open = () => createWorkspace({ persistence: sqlitePersistence(join(folder, 'workspace.db')) });
    const before = open();
    const root = await postText(before, 'root', { blocks: [{ type: 'divider' }] });
    await postText(before, 'reply', { thread_ts: root });
    const gone = await postText(before, 'gone');
    await call(before, 'chat.delete', { channel: 'C0DEBUG', ts: gone });
    await call(before, 'chat.update', { channel: 'C0DEBUG', ts: root, text: 'root, edited' });
    await call(before, 'chat.postEphemeral', { channel: 'C0DEBUG', user: 'U0ANA', text: 'only now' });
    await call(before, 'views.publish', { user_id: 'U0ANA', view: { type: 'home', blocks: [{ type: 'divider' }] } });
    await call(before, 'chat.startStream', {
      channel: 'C0DEBUG',
      thread_ts: root,
      recipient_team_id: 'T0WORK',
      recipient_user_id: 'U0ANA',
      markdown_text: 'half',
    });
    before.react('ben', { channel: 'debug', ts: root }, 'eyes');
    before.createChannel('ana', 'incidents');
    before.archiveChannel('general');
    before.close();

    const after = open();
    expect(after.messages('debug', 'ana').map((message) => message.text)).toEqual(['root, edited', 'reply', 'half']);
    expect(after.replies({ channel: 'debug', ts: root }).map((message) => message.text)).toEqual(['reply', 'half']);
    expect(after.replies({ channel: 'debug', ts: root })[1]?.stream?.state).toBe('stopped');
    expect(after.message({ channel: 'debug', ts: root })?.reactions).toEqual([{ name: 'eyes', users: ['U0BEN'] }]);
    expect(after.channels().map((channel) => [channel.name, channel.isArchived])).toEqual(
      expect.arrayContaining([
        ['incidents', false],
        ['general', true],
      ]),
    );
    expect(after.home('ana')?.view['blocks']).toHaveLength(1);
    expect(after.people()).toHaveLength(5);
    after.close();
  });

  it('holds no byte of what was deleted, of a message, its edits or its thread’s root, and is its owner’s alone', async () => {
    const file = join(folder, 'workspace.db');
    const workspace = createWorkspace({ persistence: sqlitePersistence(file) });
    const files = () => readdirSync(folder).map((name) => join(folder, name));
    const holding = () => files().filter((name) => readFileSync(name).includes('zebrafish'));
    // Longer than a page, so that SQLite spreads it.
    const long = `zebrafish ${'words '.repeat(1_500)}`;
    const root = await postText(workspace, `${long} first`);
    await call(workspace, 'chat.update', { channel: 'C0DEBUG', ts: root, text: `${long} second, which is longer than the first` });
    const alone = await postText(workspace, long);
    await postText(workspace, 'reply', { thread_ts: root });
    expect(holding()).not.toEqual([]);
    expect(files().map((name) => statSync(name).mode & 0o777)).toEqual(files().map(() => 0o600));
    for (const ts of [root, alone]) await call(workspace, 'chat.delete', { channel: 'C0DEBUG', ts });
    expect(holding()).toEqual([]);
    workspace.close();
    expect(holding()).toEqual([]);
  });

  it('forgets whole threads that nobody has written to, and only those', async () => {
    const clock = manualClock(1_795_000_000_000);
    const open = () => createWorkspace({ clock, persistence: sqlitePersistence(join(folder, 'workspace.db')) });
    const before = open();
    await postText(before, 'old', {});
    const alive = await postText(before, 'old root');
    const quiet = await postText(before, 'quiet root');
    await postText(before, 'old reply', { thread_ts: quiet });
    clock.advance(86_400_000);
    await postText(before, 'new reply', { thread_ts: alive });
    expect(before.forgetBefore(clock.now() - 3_600_000)).toBe(3);
    expect(before.messages('debug').map((message) => message.text)).toEqual(['old root', 'new reply']);
    expect(before.replies({ channel: 'debug', ts: quiet })).toEqual([]);
    before.close();
    const after = open();
    expect(after.messages('debug').map((message) => message.text)).toEqual(['old root', 'new reply']);
    after.close();
  });

  it('never gives a ts twice, even when the clock went back', async () => {
    const records = new Map<string, StoredRecord>();
    const persistence: Persistence = {
      load: () => records.values(),
      save: (changed) => {
        for (const record of changed) records.set(`${record.kind} ${record.id}`, record);
      },
    };
    const late = await postText(createWorkspace({ persistence, clock: manualClock(1_795_000_000_000) }), 'late');
    const early = await postText(createWorkspace({ persistence, clock: manualClock(1_794_000_000_000) }), 'early');
    expect(early > late).toBe(true);
    expect(early).toMatch(/^\d{10}\.\d{6}$/);
  });
});
