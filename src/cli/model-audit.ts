/**
 * What the model was asked and what it answered, as it was kept with each incident: which wording of the prompt, which model,
 * what it cost, and on demand every word of both. What was kept was redacted before it was asked; it is redacted again here,
 * by the settings of today.
 */
import { z } from 'zod';
import { withoutControls } from '../domain/control-signs.ts';
import type { InboxEntry, Ledger } from '../ports.ts';

const Turn = z.object({ role: z.string(), text: z.string() });
const Spent = z.object({ input: z.number(), output: z.number() });
/** An answer in a thread has neither a diagnosis nor a text of its own: its turns end with it. */
const Kept = z.object({
  incidentId: z.string().nullable(),
  /** Of a conversation; absent in those that were kept before it was counted. */
  promptVersion: z.string().optional(),
  system: z.string(),
  turns: z.array(Turn),
  spent: Spent,
  text: z.string().optional(),
  model: z.string().nullable().optional(),
  diagnosis: z
    .object({
      state: z.string(),
      model: z.string().nullable(),
      promptVersion: z.string(),
      dropped: z.number(),
      problem: z.string().nullable(),
    })
    .optional(),
});
type Kept = z.infer<typeof Kept>;

/** Of all incidents the newest; of one, however old, all. */
const most = { ofAll: 2_000, ofOne: 1_000_000 } as const;

export interface ModelAudit {
  readonly incidentId: string | null;
  readonly isJson: boolean;
  readonly redactDeep: <T>(value: T) => { readonly value: T };
}

/** Lines, oldest question first. Of one incident every word; of all of them a line for each question. */
export async function modelAudit(ledger: Ledger, { incidentId, isJson, redactDeep }: ModelAudit): Promise<string[]> {
  const entries = await ledger.inboxSince('model', 0, incidentId === null ? most.ofAll : most.ofOne);
  return entries.flatMap((entry) => {
    const read = Kept.safeParse(entry.body);
    if (!read.success || (incidentId !== null && read.data.incidentId !== incidentId)) return [];
    const kept = redactDeep(read.data).value;
    if (isJson) return [JSON.stringify({ at: new Date(entry.at).toISOString(), ...kept })];
    return incidentId === null ? [headOf(entry, kept)] : wordsOf(entry, kept);
  });
}

function headOf({ at }: InboxEntry, { incidentId, promptVersion, diagnosis, model, spent }: Kept): string {
  const version = diagnosis?.promptVersion ?? promptVersion;
  const asked = `${diagnosis === undefined ? 'a question in a thread' : 'wording'}${version === undefined ? '' : `, prompt ${version}`}`;
  const outcome = [
    diagnosis?.state ?? '',
    diagnosis?.problem ?? '',
    diagnosis === undefined || diagnosis.dropped === 0 ? '' : `${diagnosis.dropped} dropped`,
  ].filter((part) => part !== '');
  const parts = [new Date(at).toISOString(), incidentId ?? '', asked, diagnosis?.model ?? model ?? '', ...outcome];
  return withoutControls([...parts, `${spent.input} + ${spent.output} tokens`].filter((part) => part !== '').join('  '));
}

function wordsOf(entry: InboxEntry, kept: Kept): string[] {
  const part = (who: string, text: string) => [`--- ${who}`, ...text.split('\n').map(withoutControls)];
  return [
    headOf(entry, kept),
    ...part('system', kept.system),
    ...kept.turns.flatMap(({ role, text }) => part(role, text)),
    ...(kept.text === undefined ? [] : part('answer', kept.text === '' ? '(none)' : kept.text)),
    '',
  ];
}
