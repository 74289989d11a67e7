/** What the stand-in of GitHub answers on each path: commits, compare, contents and tags from git, the rest from what it keeps. */
export type Json = Record<string, unknown>;

interface Found {
  readonly body: unknown;
  readonly link?: string | undefined;
  readonly status?: number;
}

export interface Kept {
  readonly deployments: readonly Json[];
  readonly statuses: ReadonlyMap<number, Json[]>;
  readonly releases: readonly Json[];
  readonly pulls: ReadonlyMap<string, Json[]>;
  readonly perPage: number;
}

export function routesOf(git: (...args: string[]) => string, state: Kept, base: string, repository: string) {
  const attempt = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch {
      return null;
    }
  };
  const fullHash = (ref: string) => attempt(() => git('rev-parse', '--verify', '-q', `${ref}^{commit}`).trim());
  const commitJson = (sha: string) => {
    const [date, ...message] = git('show', '-s', '--format=%cI%n%B', sha).trimEnd().split('\n');
    const who = { name: 'Dev', email: 'dev@example.com', date: new Date(date!).toISOString().replace('.000', '') };
    return {
      sha,
      html_url: `https://github.com/${repository}/commit/${sha}`,
      commit: { message: message.join('\n'), author: who, committer: who },
    };
  };
  const page = (entries: readonly unknown[], at: URL): Found => {
    const size = Math.min(state.perPage, 100, Number(at.searchParams.get('per_page') ?? 30));
    const number = Number(at.searchParams.get('page') ?? 1);
    const next = new URL(at);
    next.searchParams.set('page', String(number + 1));
    return {
      body: entries.slice((number - 1) * size, number * size),
      link: number * size < entries.length ? `<${next}>; rel="next", <${next}>; rel="last"` : undefined,
    };
  };
  return (at: URL, accept: string): Found | string | null => {
    if (at.pathname === '/user/repos') return { body: [{ full_name: repository, pushed_at: new Date().toISOString() }] };
    const path = decodeURIComponent(at.pathname);
    const rest = path.startsWith(`/repos/${repository}/`) ? path.slice(`/repos/${repository}/`.length) : null;
    if (rest === null) return null;
    const [first, second, third] = rest.split('/');
    if (rest === 'deployments') return page(state.deployments, at);
    if (first === 'deployments' && third === 'statuses') return page(state.statuses.get(Number(second)) ?? [], at);
    if (rest === 'releases') return page(state.releases, at);
    if (first === 'commits' && third === 'pulls') return page(state.pulls.get(second!) ?? [], at);
    if (rest === 'commits') {
      const range = ['since', 'until'].flatMap((name) => (at.searchParams.has(name) ? [`--${name}=${at.searchParams.get(name)}`] : []));
      const shas = attempt(() =>
        git('log', '--format=%H', ...range)
          .trim()
          .split('\n')
          .filter(Boolean),
      );
      return shas === null ? { status: 409, body: { message: 'Git Repository is empty.' } } : page(shas.map(commitJson), at);
    }
    if (first === 'commits') {
      const sha = fullHash(second ?? '');
      return sha === null ? null : { body: { ...commitJson(sha), files: filesOf(git('show', '--format=', '--no-color', sha)) } };
    }
    if (first === 'compare') return compare(rest.slice('compare/'.length), at);
    if (rest.startsWith('git/ref/tags/')) {
      const name = rest.slice('git/ref/'.length);
      const sha = attempt(() => git('rev-parse', '--verify', '-q', `refs/${name}`).trim());
      return sha === null ? null : { body: { ref: `refs/${name}`, object: { type: git('cat-file', '-t', sha).trim(), sha } } };
    }
    if (rest.startsWith('git/tags/')) return { body: { object: { type: 'commit', sha: fullHash(third ?? '') } } };
    if (first === 'contents') return contents(rest.slice('contents/'.length), accept);
    return null;
  };

  function compare(written: string, at: URL): Found | null {
    const [base, head] = written.split('...').map((ref) => fullHash(ref));
    if (base == null || head == null) return null;
    const common = git('merge-base', base, head).trim();
    const list = (from: string, to: string) => git('log', '--reverse', '--format=%H', `${from}..${to}`).trim().split('\n').filter(Boolean);
    const [ahead, behind] = [list(common, head), list(common, base)];
    const { body, link } = page(ahead.map(commitJson), at);
    const isFirst = (at.searchParams.get('page') ?? '1') === '1';
    const files = isFirst ? filesOf(git('diff', '--no-color', common, head)).slice(0, 300) : undefined;
    const html_url = `https://github.com/${repository}/compare/${written}`;
    return {
      link,
      body: { html_url, ahead_by: ahead.length, behind_by: behind.length, total_commits: ahead.length, commits: body, files },
    };
  }

  function contents(path: string, accept: string): Found | string | null {
    const plain = path.replace(/\/+$/, '');
    if (accept.includes('raw')) return attempt(() => git('show', `HEAD:${plain}`));
    const lines = attempt(() =>
      git('ls-tree', 'HEAD', plain === '' ? './' : `${plain}/`)
        .trim()
        .split('\n')
        .filter(Boolean),
    );
    if (lines === null || lines.length === 0) return null;
    return {
      body: lines.map((line) => {
        const [, type, , name] = /^\S+ (\S+) (\S+)\t(.+)$/.exec(line) ?? [];
        return {
          type: type === 'tree' ? 'dir' : 'file',
          path: name,
          name: name!.slice(name!.lastIndexOf('/') + 1),
          url: `${base}/contents/${name}`,
        };
      }),
    };
  }
}

/** `git diff` as GitHub's list of files. */
function filesOf(diff: string): Json[] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith('diff --git '))
    .map((part) => {
      const [, before, after] = /^diff --git a\/(.+) b\/(.+)$/m.exec(part) ?? [];
      const from = part.search(/^@@ /m);
      const patch = from < 0 ? undefined : part.slice(from).trimEnd();
      const status = /^new file/m.test(part)
        ? 'added'
        : /^deleted file/m.test(part)
          ? 'removed'
          : before !== after
            ? 'renamed'
            : 'modified';
      return {
        filename: after,
        status,
        ...(patch === undefined ? {} : { patch }),
        ...(status === 'renamed' ? { previous_filename: before } : {}),
      };
    });
}
