/** What is asked of Jira, call by call; how it differs between Cloud and Data Center ends here. */
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import type { TicketChoices } from '../../../domain/ticket-wish.ts';
import type { Flavour, Jira } from './asking.ts';
import { explainRefusal } from './needed-fields.ts';
import { documentOf, quoted, wikiOf } from './text.ts';

export interface NewIssue {
  readonly project: string;
  readonly type: string;
  readonly summary: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly priority: string | null;
  readonly assignee: string | null;
}

export interface Issue {
  readonly key: string;
  readonly status: string | null;
}

const Created = z.object({ key: z.string().regex(/^[A-Z][A-Z0-9_]*-\d+$/i) });
const Status = z.object({ name: z.string() }).nullish();
const Found = z.object({
  issues: z.array(z.object({ key: z.string(), fields: z.object({ status: Status, created: z.string().nullish() }).nullish() })),
});
const Read = z.object({ fields: z.object({ status: Status }) });
const Comments = z.object({ comments: z.array(z.object({ body: z.unknown() })).default([]) });
const Transitions = z.object({ transitions: z.array(z.object({ id: z.string(), name: z.string() })) });

/** An index takes some seconds to know a new issue (REST reference, "search/jql"): so long after a lost answer it is asked. */
const indexLagMs = 15_000;
/** Clocks of two machines. */
const clockMs = 300_000;
const maxFound = 20;
const maxChoices = 100;

function bodyOf(text: string, flavour: Flavour): unknown {
  return flavour === 'cloud' ? documentOf(text) : wikiOf(text);
}

/** Never asked twice blindly: when the answer is lost, the label is looked for first. */
export async function createIssue(jira: Jira, issue: NewIssue, signal: AbortSignal): Promise<string> {
  const { project, type, summary, description, labels, priority, assignee } = issue;
  const flavour = await jira.flavour(signal);
  const fields = {
    project: { key: project },
    issuetype: { name: type },
    summary,
    description: bodyOf(description, flavour),
    labels,
    ...(priority === null ? {} : { priority: { name: priority } }),
    ...(assignee === null ? {} : { assignee: flavour === 'cloud' ? { accountId: assignee } : { name: assignee } }),
  };
  const attempt = `open an issue in ${project}`;
  try {
    return (await jira.ask({ attempt, shape: Created, signal, call: (client) => client.addNewIssue({ fields }) })).key;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'rejected')
      throw await explainRefusal(jira, { project: pathPart(project), type, filled: Object.keys(fields) }, error, signal);
    if (error.code !== 'timeout' && error.code !== 'unavailable') throw error;
    throw new Failure(error.code, error.system, error.attempt, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      retryAfterMs: Math.max(indexLagMs, error.retryAfterMs ?? 0),
    });
  }
}

/** The newest issue with this label that was opened no sooner than that: another installation's may bear the same. */
export async function findIssue(
  jira: Jira,
  about: { project: string; label: string; since: number },
  signal: AbortSignal,
): Promise<Issue | null> {
  const { project, label, since } = about;
  const jql = `project = ${quoted(project)} AND labels = ${quoted(label)} ORDER BY created DESC`;
  const { issues } = await search(jira, { jql, fields: ['status', 'created'], maxResults: maxFound }, signal);
  const found = issues.find(({ fields }) => !(Date.parse(fields?.created ?? '') < since - clockMs));
  return found === undefined ? null : { key: found.key, status: found.fields?.status?.name ?? null };
}

/** Cloud has taken the old address away and answers 410 there. */
async function search(jira: Jira, body: unknown, signal: AbortSignal): Promise<z.infer<typeof Found>> {
  const question = { attempt: 'look for the issue of an incident', shape: Found, signal };
  const path = (await jira.flavour(signal)) === 'cloud' ? '/search/jql' : '/search';
  try {
    return await jira.post(path, body, question);
  } catch (error) {
    if (path !== '/search' || !(error instanceof Failure) || error.hint !== 'status 410') throw error;
    jira.isCloudAfterAll();
    return jira.post('/search/jql', body, question);
  }
}

/** Null: it is gone, or no longer to be seen. */
export async function readIssue(jira: Jira, key: string, signal: AbortSignal): Promise<Issue | null> {
  try {
    const { fields } = await jira.get(`/issue/${pathPart(key)}`, { fields: 'status' }, { attempt: `read ${key}`, shape: Read, signal });
    return { key, status: fields.status?.name ?? null };
  } catch (error) {
    if (error instanceof Failure && error.hint?.endsWith('(status 404)')) return null;
    throw error;
  }
}

/** `mark` stands in the comment: when an earlier try may have gone through, it is looked for first. */
export async function comment(
  jira: Jira,
  about: { readonly key: string; readonly text: string; readonly mark: string; readonly mayExist: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { key, text, mark, mayExist } = about;
  const attempt = `comment on ${key}`;
  if (mayExist) {
    const query = { orderBy: '-created', maxResults: '50' };
    const { comments } = await jira.get(`/issue/${pathPart(key)}/comment`, query, { attempt, shape: Comments, signal });
    if (comments.some(({ body }) => (typeof body === 'string' ? body.includes(wikiOf(mark)) : JSON.stringify(body ?? '').includes(mark))))
      return;
  }
  const body = bodyOf(`${text}\n\n${mark}`, await jira.flavour(signal));
  await jira.ask({ attempt, shape: z.unknown(), signal, call: (client) => client.addComment(key, body) });
}

/** By name or number; false where the issue has no such way to go, e.g. because it is there already. */
export async function transition(jira: Jira, key: string, wanted: string, signal: AbortSignal): Promise<boolean> {
  const attempt = `move ${key}`;
  const { transitions } = await jira.ask({ attempt, shape: Transitions, signal, call: (client) => client.listTransitions(key) });
  const found = transitions.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted.toLowerCase());
  if (found === undefined) return false;
  const body = { transition: { id: found.id } };
  await jira.ask({ attempt, shape: z.unknown(), signal, call: (client) => client.transitionIssue(key, body) });
  return true;
}

const Named = z.object({ key: z.string(), name: z.string().default('') });
const Types = z.object({
  issueTypes: z.array(z.object({ name: z.string(), subtask: z.boolean().default(false) })).optional(),
  values: z.array(z.object({ name: z.string(), subtask: z.boolean().default(false) })).optional(),
});
const Person = z.object({
  accountId: z.string().optional(),
  name: z.string().optional(),
  displayName: z.string().default(''),
  active: z.boolean().default(true),
});

export async function choicesOf(jira: Jira, project: string, signal: AbortSignal): Promise<TicketChoices> {
  const attempt = 'ask what can be chosen for an issue';
  const isCloud = (await jira.flavour(signal)) === 'cloud';
  const all = { maxResults: String(maxChoices) };
  const [projects, types, priorities, people] = await Promise.all([
    isCloud
      ? jira
          .get('/project/search', { ...all, action: 'create' }, { attempt, shape: z.object({ values: z.array(Named) }), signal })
          .then(({ values }) => values)
      : jira.get('/project', {}, { attempt, shape: z.array(Named), signal }),
    jira.get(`/issue/createmeta/${pathPart(project)}/issuetypes`, all, { attempt, shape: Types, signal }),
    jira.get('/priority', {}, { attempt, shape: z.array(z.object({ name: z.string() })), signal }),
    jira.get('/user/assignable/search', { ...all, project }, { attempt, shape: z.array(Person), signal }),
  ]);
  return {
    projects: projects.slice(0, maxChoices),
    types: (types.issueTypes ?? types.values ?? []).filter(({ subtask }) => !subtask).map(({ name }) => name),
    priorities: priorities.map(({ name }) => name),
    assignees: people.flatMap(({ accountId, name, displayName, active }) => {
      const id = isCloud ? accountId : name;
      return id === undefined || !active ? [] : [{ id, name: displayName === '' ? id : displayName }];
    }),
  };
}

/** Keys of projects and issues; jira-client decodes whole addresses, so nothing else may stand in one. */
function pathPart(key: string): string {
  if (/^[A-Za-z][A-Za-z0-9_-]{0,100}$/.test(key)) return key;
  throw new Failure('rejected', 'jira', 'address a project or an issue', { hint: 'that is no key of Jira' });
}
