import { describe, expect, it } from 'vitest';
import { settingNames } from '../src/compose.ts';
import { hasChanged, withFile } from '../src/file-config.ts';

const known = new Set(['PORT', 'TRACEPULSE_SERVICE_LABELS', 'GENERIC_MAPPINGS', 'TRACEPULSE_TRIGGERS', 'SLACK_CHANNEL']);
const read = (text: string | null, environment = {}) => withFile(environment, text, known);

describe('the file of settings', () => {
  it('may be absent or empty', () => {
    expect(read(null, { PORT: '1' })).toEqual({ environment: { PORT: '1' }, problems: [] });
    expect(read('', { PORT: '1' })).toEqual({ environment: { PORT: '1' }, problems: [] });
    expect(read('# nothing yet\n')).toEqual({ environment: {}, problems: [] });
  });

  it('has changed when it is another file, was written or is gone, and not where there never was one', () => {
    const none = { ino: 0, mtimeMs: 0, size: 0 };
    const one = { ino: 7, mtimeMs: 5, size: 3 };
    expect([hasChanged(none, none), hasChanged(one, one)]).toEqual([false, false]);
    const others = [none, { ...one, ino: 8 }, { ...one, mtimeMs: 6 }, { ...one, size: 4 }];
    expect(others.map((other) => hasChanged(other, one))).toEqual([true, true, true, true]);
  });

  it('says settings as the environment would', () => {
    const { environment, problems } = read(
      'PORT: 8080\nTRACEPULSE_TRIGGERS: off\nSLACK_CHANNEL: "#debug"\nTRACEPULSE_SERVICE_LABELS: [team, app]\nGENERIC_MAPPINGS:\n  - title: /name\n',
    );
    expect(problems).toEqual([]);
    expect(environment).toEqual({
      PORT: '8080',
      TRACEPULSE_TRIGGERS: 'off',
      SLACK_CHANNEL: '#debug',
      TRACEPULSE_SERVICE_LABELS: 'team,app',
      GENERIC_MAPPINGS: '[{"title":"/name"}]',
    });
  });

  it('gives way to the environment, but not to what is empty there', () => {
    const text = 'PORT: 8080\nSLACK_CHANNEL: "#a"\n';
    expect(read(text, { PORT: '9', SLACK_CHANNEL: '' }).environment).toEqual({ PORT: '9', SLACK_CHANNEL: '#a' });
  });

  it('tells of every setting it does not know', () => {
    const { problems } = read('PROT: 1\nCHANNEL: 2\nPORT: 3\n');
    expect(problems.map(({ problem }) => problem)).toEqual(['knows no setting PROT', 'knows no setting CHANNEL']);
  });

  it.each([
    { name: 'is broken', text: 'PORT: hunter2\n  : [' },
    { name: 'says one thing twice', text: 'PORT: hunter2\nPORT: hunter3\n' },
    { name: 'is a list', text: '- hunter2\n' },
    { name: 'is a word', text: 'hunter2' },
    {
      name: 'multiplies',
      text: `a: &a [hunter2]\n${'bcdefghij'
        .split('')
        .map((c, i) => `${c}: &${c} [${`*${'abcdefghij'[i]},`.repeat(12)}]`)
        .join('\n')}\n`,
    },
  ])('that $name is a problem that quotes nothing', ({ text }) => {
    const { environment, problems } = read(text, { PORT: '1' });
    expect(problems.length).toBeGreaterThan(0);
    expect(environment).toEqual({ PORT: '1' });
    expect(JSON.stringify(problems)).not.toContain('hunter');
  });
});

describe('the settings there are', () => {
  it('are those of the core and of every adapter', () => {
    const names = settingNames();
    for (const name of ['PORT', 'SLACK_BOT_TOKEN', 'GITHUB_TOKEN', 'GENERIC_MAPPINGS', 'GRAFANA_WEBHOOK_SECRET'])
      expect(names).toContain(name);
  });
});
