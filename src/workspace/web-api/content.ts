/** What a message may consist of: text, blocks, attachments and metadata, checked before anything is stored. */
import { checkMessageBlocks } from '../blocks/surfaces.ts';
import { isObject, type JsonObject, textOf } from '../json.ts';
import { Refused } from '../refused.ts';
import { type Arguments, listOf, objectOf } from './arguments.ts';

export interface Content {
  readonly text: string | null;
  readonly blocks: readonly JsonObject[] | undefined;
  readonly attachments: readonly JsonObject[] | undefined;
  readonly metadata: JsonObject | undefined;
}

const maxAttachments = 100;

export function readContent(args: Arguments): Content {
  const blocks = listOf(args, 'blocks', 'invalid_blocks_format');
  const attachments = listOf(args, 'attachments', 'invalid_attachments');
  const markdown = textOf(args['markdown_text']);
  if (markdown !== '' && (blocks !== undefined || textOf(args['text']) !== '')) throw new Refused('markdown_text_conflict');
  if (markdown.length > 12_000) throw new Refused('msg_too_long');
  const written = markdown === '' ? blocks : [{ type: 'markdown', text: markdown }];
  checkContent(written, attachments);
  const text = typeof args['text'] === 'string' ? args['text'] : null;
  return { text: text ?? (markdown === '' ? null : markdown), blocks: written, attachments, metadata: readMetadata(args) };
}

/** Blocks inside attachments count like those outside (one table, one sum of characters). */
export function checkContent(blocks: readonly JsonObject[] | undefined, attachments: readonly JsonObject[] | undefined): void {
  if ((attachments?.length ?? 0) > maxAttachments) throw new Refused('too_many_attachments');
  checkMessageBlocks(blocks ?? [], '/blocks');
  for (const [index, attachment] of (attachments ?? []).entries()) {
    const inner = attachment['blocks'];
    if (inner === undefined) continue;
    if (!Array.isArray(inner) || !inner.every(isObject))
      throw new Refused('invalid_attachments', [`[ERROR] must be an array [json-pointer:/attachments/${index}/blocks]`]);
    checkMessageBlocks(inner, `/attachments/${index}/blocks`);
  }
}

export function requireSomething(content: Content): void {
  const isEmpty = (content.text ?? '').trim() === '' && (content.blocks ?? []).length === 0 && (content.attachments ?? []).length === 0;
  if (isEmpty) throw new Refused('no_text');
}

/** `{ event_type, event_payload }`: a name, and values that are flat or nested one level (@slack/types). */
function readMetadata(args: Arguments): JsonObject | undefined {
  const metadata = objectOf(args, 'metadata', 'invalid_metadata_format');
  if (metadata === undefined) return undefined;
  const carried = metadata['event_payload'];
  const hasShape = typeof metadata['event_type'] === 'string' && metadata['event_type'] !== '' && isObject(carried);
  if (!hasShape)
    throw new Refused('invalid_metadata_format', ['[ERROR] event_type and event_payload are required [json-pointer:/metadata]']);
  const tooDeep = Object.entries(carried).filter(([, value]) => depth(value) > 1);
  if (tooDeep.length > 0)
    throw new Refused(
      'invalid_metadata_format',
      tooDeep.map(([name]) => `[ERROR] nested too deeply [json-pointer:/metadata/event_payload/${name}]`),
    );
  return metadata;
}

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}
