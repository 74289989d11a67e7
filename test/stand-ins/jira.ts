/** Jira as Cloud and as Data Center answer: versions, identities, what each has given up, and an index that lags behind. */
import type { Socket } from 'node:net';
import { type Asked, type Fault, type Said, type StandInServer, startServer } from './stand-in-server.ts';

export interface JiraIssue {
  readonly key: string;
  readonly fields: Readonly<Record<string, unknown>> & { readonly summary: string; readonly labels: readonly string[] };
  /** As text, whatever the version. */
  readonly description: string;
  readonly comments: string[];
  readonly created: string;
  status: string;
}

export interface JiraStandIn extends Omit<StandInServer, 'fail'> {
  readonly issues: JiraIssue[];
  /** Why it refused what it was sent. */
  readonly refusals: string[];
  /** Meets the next that would open an issue or comment on one. */
  loseNext(what: 'answer' | 'request'): void;
  /** New issues are not found by so many searches. */
  lag(searches: number): void;
  failNext(fault: Fault): void;
  fail(fault: Fault): void;
}

export interface JiraOptions {
  readonly flavour: 'cloud' | 'server';
  readonly token: string;
  readonly email?: string;
  /** An old client that asks Data Center's address of what is Cloud by now. */
  readonly isUnsaid?: boolean;
  readonly now?: () => number;
}

const types = ['Task', 'Bug', 'Story', 'Change'];
/** What a Change of OPS wants said, besides what every issue has. */
const neededByChange = { customfield_10010: 'Root cause', customfield_10011: 'Environment' };
const priorities = ['Highest', 'High', 'Medium', 'Low'];
const moves: Readonly<Record<string, readonly { id: string; name: string; to: string }[]>> = {
  'To Do': [
    { id: '31', name: 'Done', to: 'Done' },
    { id: '21', name: 'Start', to: 'In Progress' },
  ],
  'In Progress': [{ id: '31', name: 'Done', to: 'Done' }],
  Done: [{ id: '41', name: 'Reopen', to: 'To Do' }],
};

export async function startJira(options: JiraOptions): Promise<JiraStandIn> {
  const { flavour, token, email, now = Date.now } = options;
  const issues: JiraIssue[] = [];
  const refusals: string[] = [];
  const sockets = new Set<Socket>();
  let lost: 'answer' | 'request' | null = null;
  let lag = 0;
  let nextFault: Fault | null = null;
  const isCloud = flavour === 'cloud';
  const root = `/rest/api/${isCloud ? 3 : 2}`;
  const identity = email === undefined ? `Bearer ${token}` : `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;

  const refuse = (errors: Record<string, string>): Said => {
    refusals.push(...Object.entries(errors).map(([field, why]) => `${field}: ${why}`));
    return { status: 400, body: { errorMessages: [], errors } };
  };
  const textOf = (body: unknown): string | null => (isCloud ? adfText(body) : typeof body === 'string' ? body : null);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };

  function open(fields: Record<string, unknown>): Said {
    const [key, type] = [named(fields['project'], 'key'), named(fields['issuetype'], 'name')];
    const { summary, labels = [] } = fields as { summary?: unknown; labels?: string[] };
    const description = textOf(fields['description']);
    const priority = named(fields['priority'], 'name');
    const assignee = named(fields['assignee'], isCloud ? 'accountId' : 'name');
    if (key !== 'OPS' && key !== 'WEB') return refuse({ project: 'valid project is required' });
    if (!types.includes(type ?? '')) return refuse({ issuetype: `The issue type selected is invalid: ${type}` });
    const unsaid = Object.keys(neededByChange).filter((field) => type === 'Change' && fields[field] === undefined);
    if (unsaid.length > 0) return refuse(Object.fromEntries(unsaid.map((field) => [field, `${field} is required.`])));
    if (typeof summary !== 'string' || summary === '' || summary.length > 255 || /[\r\n]/.test(summary))
      return refuse({ summary: 'is bad' });
    if (description === null || description.length > 32_767) return refuse({ description: 'Operation value must be of its type' });
    if (labels.some((label) => /\s/.test(label))) return refuse({ labels: 'The label contains spaces' });
    if (fields['priority'] !== undefined && !priorities.includes(priority ?? '')) return refuse({ priority: `no ${priority}` });
    if (fields['assignee'] !== undefined && assignee !== 'ana-1') return refuse({ assignee: `User '${assignee}' cannot be assigned` });
    const issue = {
      key: `${key}-${issues.length + 1}`,
      fields: fields as JiraIssue['fields'],
      description,
      comments: [],
      created: new Date(now()).toISOString(),
      status: 'To Do',
    };
    issues.push(issue);
    return { status: 201, body: { id: `${10_000 + issues.length}`, key: issue.key, self: 'x' } };
  }

  function search(body: string): Said {
    const { jql = '', fields = [] } = JSON.parse(body) as { jql?: string; fields?: string[] };
    const [, project, label] = /^project = "(\w+)" AND labels = "([\w-]+)" ORDER BY created DESC$/.exec(jql) ?? [];
    if (project === undefined) return refuse({ jql });
    const known = lag > 0 ? [] : issues.filter((one) => one.key.startsWith(`${project}-`) && one.fields.labels.includes(label ?? ''));
    if (lag > 0) lag--;
    const shown = known.toReversed().map((one) => ({
      key: one.key,
      fields: {
        ...(fields.includes('status') ? { status: { name: one.status } } : {}),
        ...(fields.includes('created') ? { created: one.created } : {}),
      },
    }));
    return { body: isCloud ? { issues: shown, isLast: true } : { issues: shown, total: shown.length, startAt: 0, maxResults: 50 } };
  }

  function ofIssue(issue: JiraIssue, rest: string, { method, body }: Asked): Said | null {
    if (rest === '' && method === 'GET') return { body: { key: issue.key, fields: { status: { name: issue.status } } } };
    if (rest === '/comment' && method === 'GET')
      return { body: { comments: issue.comments.toReversed().map((text) => ({ body: isCloud ? { type: 'doc', text } : text })) } };
    if (rest === '/comment') {
      const text = textOf((JSON.parse(body) as { body: unknown }).body);
      if (text === null) return refuse({ comment: 'Comment body is not valid!' });
      issue.comments.push(text);
      return { status: 201, body: { id: `${issue.comments.length}` } };
    }
    if (rest !== '/transitions') return null;
    const ways = moves[issue.status] ?? [];
    if (method === 'GET') return { body: { transitions: ways.map(({ id, name }) => ({ id, name })) } };
    const way = ways.find(({ id }) => id === (JSON.parse(body) as { transition: { id: string } }).transition.id);
    if (way === undefined) return refuse({ transition: 'It seems that you have tried to perform an illegal workflow operation' });
    issue.status = way.to;
    return { status: 204, body: '' };
  }

  function answer(asked: Asked): Said | null {
    const { method, url, headers, body } = asked;
    const path = url.pathname;
    if (/^\/rest\/api\/[23]\/serverInfo$/.test(path))
      return { body: { version: '9.12.0', ...(options.isUnsaid ? {} : { deploymentType: isCloud ? 'Cloud' : 'Server' }) } };
    if (headers.authorization !== identity) return { status: 401, body: `who is ${headers.authorization}?` };
    if (nextFault !== null) {
      const fault = nextFault;
      nextFault = null;
      return { ...fault, body: fault.body ?? `no: ${headers.authorization}` };
    }
    // CHANGE-2046.
    if (isCloud && /^\/rest\/api\/[23]\/search$/.test(path))
      return {
        status: 410,
        body: { errorMessages: ['The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.'] },
      };
    const isOther = !path.startsWith(`${root}/`);
    if (isOther) return isCloud && path.startsWith('/rest/api/2/') ? null : { status: 404, body: 'null for uri' };
    const rest = path.slice(root.length);
    if (rest === (isCloud ? '/search/jql' : '/search') && method === 'POST') return search(body);
    if (rest === '/myself') return { body: { displayName: 'TracePulse Bot' } };
    if (rest === '/priority') return { body: priorities.map((name) => ({ name })) };
    const projects = [
      { key: 'OPS', name: 'Operations' },
      { key: 'WEB', name: 'Web' },
    ];
    if (rest === (isCloud ? '/project/search' : '/project')) return { body: isCloud ? { values: projects } : projects };
    if (/^\/issue\/createmeta\/(OPS|WEB)\/issuetypes$/.test(rest)) {
      const values = [
        ...types.map((name, i) => ({ id: `${10_000 + i}`, name, subtask: false })),
        { id: '1', name: 'Sub-task', subtask: true },
      ];
      return { body: isCloud ? { issueTypes: values } : { values } };
    }
    const typeId = /^\/issue\/createmeta\/(?:OPS|WEB)\/issuetypes\/(\d+)$/.exec(rest)?.[1];
    if (typeId !== undefined) {
      const usual = ['project', 'issuetype', 'summary'].map((fieldId) => ({
        fieldId,
        name: fieldId,
        required: true,
        hasDefaultValue: false,
      }));
      const isChange = types[Number(typeId) - 10_000] === 'Change';
      const own = Object.entries(isChange ? neededByChange : {}).map(([fieldId, name]) => ({
        fieldId,
        name,
        required: true,
        hasDefaultValue: false,
      }));
      const reporter = { fieldId: 'reporter', name: 'Reporter', required: true, hasDefaultValue: true };
      return { body: { [isCloud ? 'fields' : 'values']: [...usual, reporter, ...own] } };
    }
    if (rest === '/user/assignable/search')
      return {
        body: [
          { [isCloud ? 'accountId' : 'name']: 'ana-1', displayName: 'Ana', active: true },
          { accountId: 'x', name: 'x', active: false },
        ],
      };
    if (rest === '/issue' && method === 'POST') return open((JSON.parse(body) as { fields: Record<string, unknown> }).fields);
    const [, key, more = ''] = /^\/issue\/([A-Z]+-\d+)(\/\w+)?$/.exec(rest) ?? [];
    const issue = issues.find((one) => one.key === key);
    if (key === undefined) return null;
    return issue === undefined ? { status: 404, body: { errorMessages: ['Issue does not exist'] } } : ofIssue(issue, more, asked);
  }

  const server = await startServer((asked) => {
    const isWriting = asked.method === 'POST' && /\/(issue|comment)$/.test(asked.url.pathname);
    if (!isWriting || lost === null) return answer(asked);
    const said = lost === 'answer' ? answer(asked) : null;
    lost = null;
    cut();
    return said ?? { body: '' };
  });
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  return {
    ...server,
    issues,
    refusals,
    loseNext(what) {
      lost = what;
    },
    lag(searches) {
      lag = searches;
    },
    failNext(fault) {
      nextFault = fault;
    },
  };
}

function named(value: unknown, name: string): string | null {
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : null;
  return typeof inner === 'string' ? inner : null;
}

const nodes = ['doc', 'paragraph', 'bulletList', 'listItem', 'text', 'hardBreak'];

/** Null where it is no document Jira would take: an empty text, an unknown node, a list without entries. */
export function adfText(body: unknown): string | null {
  const walk = (node: unknown): string | null => {
    const { type, text, content } = node as { type?: string; text?: string; content?: unknown[] };
    if (type === undefined || !nodes.includes(type)) return null;
    if (type === 'text') return text === undefined || text === '' ? null : text;
    if (type === 'hardBreak') return '\n';
    if ((type === 'bulletList' || type === 'listItem') && (content ?? []).length === 0) return null;
    const parts = (content ?? []).map(walk);
    return parts.includes(null) ? null : `${parts.join('')}${type === 'paragraph' ? '\n' : ''}`;
  };
  const { type, version } = (body ?? {}) as { type?: string; version?: number };
  return type === 'doc' && version === 1 ? walk(body) : null;
}
