/**
 * Fields that a project wants filled in and that an issue of ours does not have. Jira's own refusal names them by number, if
 * at all; people know them by name. They are not filled with anything: what they mean is for people to say.
 */
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import { plainLine } from '../../../domain/mrkdwn.ts';
import type { Jira } from './asking.ts';

const Types = z.array(z.object({ id: z.string(), name: z.string() }));
const Fields = z.array(
  z.object({ fieldId: z.string(), name: z.string(), required: z.boolean().default(false), hasDefaultValue: z.boolean().default(false) }),
);
/** Cloud names its lists, Data Center calls each `values`. */
const TypeList = z.object({ issueTypes: Types.optional(), values: Types.optional() });
const FieldList = z.object({ fields: Fields.optional(), values: Fields.optional() });

const maxNamed = 6;
const maxName = 60;

/** The refusal, with the fields' names where that is why; as it was where Jira does not say which fields there are. */
export async function explainRefusal(
  jira: Jira,
  asked: { readonly project: string; readonly type: string; readonly filled: readonly string[] },
  refusal: Failure,
  signal: AbortSignal,
): Promise<Failure> {
  const { project, type, filled } = asked;
  try {
    const attempt = refusal.attempt;
    const all = { maxResults: '100' };
    const types = await jira.get(`/issue/createmeta/${project}/issuetypes`, all, { attempt, shape: TypeList, signal });
    const id = (types.issueTypes ?? types.values ?? []).find(({ name }) => name === type)?.id;
    if (id === undefined || !/^\d{1,20}$/.test(id)) return refusal;
    const path = `/issue/createmeta/${project}/issuetypes/${id}`;
    const { fields, values } = await jira.get(path, all, { attempt, shape: FieldList, signal });
    const open = (fields ?? values ?? []).filter(
      ({ fieldId, required, hasDefaultValue }) => required && !hasDefaultValue && !filled.includes(fieldId),
    );
    if (open.length === 0) return refusal;
    const names = open.slice(0, maxNamed).map(({ name }) => plainLine(name, maxName));
    const hint = `a ${plainLine(type, maxName)} of ${project} needs ${names.join(', ')}, which TracePulse cannot fill in: choose another type, or have Jira give ${names.length === 1 ? 'it a default' : 'them defaults'}`;
    return new Failure('rejected', refusal.system, attempt, { hint });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return refusal;
  }
}
