/** The rules over a whole message, modal or Home tab: how many blocks, which of them together, how many characters. */
import { isObject, type JsonObject, objectsIn, textOf } from '../json.ts';
import { Refused } from '../refused.ts';
import { homeBlock, messageBlock, modalBlock } from './blocks.ts';
import { type Check, fault, list, oneOf, shape, text, truth } from './check.ts';
import { plainText } from './composition.ts';
import { maxDataTableCharacters, wordsIn } from './tables-and-charts.ts';

// Undocumented; between 13,172 and 13,297 characters by measurement (bolt-js #2509).
const maxRenderedCharacters = 13_200;
const maxMarkdownCharacters = 12_000;
const maxMessageBlocks = 50;
const maxViewBlocks = 100;
// views.open: "view_too_large: greater than 250kb".
const maxViewBytes = 250_000;

const tableFamily = new Set(['table', 'data_table']);
const chartFamily = new Set(['data_visualization']);

/** Throws what Slack would answer; nothing where the blocks are fine. */
export function checkMessageBlocks(blocks: readonly JsonObject[], pointer: string): void {
  const faults: string[] = [];
  list(messageBlock, 0, maxMessageBlocks)(blocks, pointer, faults);
  faults.push(...repeatedIds(blocks, pointer));
  const all = withChildren(blocks);
  if (all.filter((block) => chartFamily.has(textOf(block['type']))).length > 2)
    faults.push(fault('no more than 2 data_visualization blocks allowed', pointer));
  const markdown = all.filter((block) => block['type'] === 'markdown').reduce((sum, block) => sum + textOf(block['text']).length, 0);
  if (markdown > maxMarkdownCharacters)
    faults.push(fault(`markdown must be less than ${maxMarkdownCharacters + 1} characters in all`, pointer));
  if (faults.length > 0) throw new Refused('invalid_blocks', faults);
  const tables = all.filter((block) => tableFamily.has(textOf(block['type'])));
  if (tables.length > 1) throw new Refused('invalid_attachments', [`only_one_table_allowed: ${tables.length} tables`]);
  if (wordsIn(tables) > maxDataTableCharacters)
    throw new Refused('invalid_blocks', [fault(`tables must be less than ${maxDataTableCharacters + 1} characters in all`, pointer)]);
  const rendered = renderedCharacters(blocks);
  if (rendered > maxRenderedCharacters)
    throw new Refused('msg_blocks_too_long', [`${rendered} characters, ${maxRenderedCharacters} allowed`]);
}

/** What a reader would see, tables and charts (which have limits of their own) left out. */
function renderedCharacters(blocks: readonly JsonObject[]): number {
  return blocks
    .filter((block) => !tableFamily.has(textOf(block['type'])) && !chartFamily.has(textOf(block['type'])))
    .reduce((sum, block) => sum + visible(block), 0);
}

const visibleFields = new Set(['text', 'title', 'caption', 'alt_text']);

function visible(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + visible(entry), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, entry]) => sum + (visibleFields.has(key) && typeof entry === 'string' ? entry.length : visible(entry)),
    0,
  );
}

const modalFields = {
  required: { title: plainText(24) },
  optional: {
    blocks: list(modalBlock, 0, maxViewBlocks),
    submit: plainText(24),
    close: plainText(24),
    private_metadata: text(0, 3_000),
    callback_id: text(0, 255),
    external_id: text(0, 255),
    clear_on_close: truth,
    notify_on_close: truth,
    submit_disabled: truth,
  },
};

const modal = shape({
  required: { ...modalFields.required, type: oneOf('modal'), blocks: modalFields.optional.blocks },
  optional: modalFields.optional,
  also(view, pointer, faults) {
    const hasInput = withChildren(objectsIn(view['blocks'])).some((block) => block['type'] === 'input');
    if (hasInput && view['submit'] === undefined) faults.push(fault('submit is required when an input block is within blocks', pointer));
  },
});

const home = shape({
  required: { type: oneOf('home'), blocks: list(homeBlock, 0, maxViewBlocks) },
  optional: { private_metadata: text(0, 3_000), callback_id: text(0, 255), external_id: text(0, 255) },
});

export function checkView(view: JsonObject, surface: 'modal' | 'home'): void {
  if (JSON.stringify(view).length > maxViewBytes) throw new Refused('view_too_large');
  const check: Check = surface === 'modal' ? modal : home;
  const faults: string[] = [];
  check(view, '/view', faults);
  faults.push(...repeatedIds(objectsIn(view['blocks']), '/view/blocks'));
  if (faults.length > 0) throw new Refused('invalid_arguments', faults);
}

/** block_ids are unique in a message; action_ids within their block. */
function repeatedIds(blocks: readonly JsonObject[], pointer: string): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [index, block] of blocks.entries()) {
    const id = textOf(block['block_id']);
    if (id !== '' && seen.has(id)) faults.push(fault(`block_id already exists: ${id}`, `${pointer}/${index}/block_id`));
    seen.add(id);
    const actionIds = objectsIn(block['elements'])
      .map((element) => textOf(element['action_id']))
      .filter((each) => each !== '');
    const repeated = actionIds.find((each, at) => actionIds.indexOf(each) !== at);
    if (repeated !== undefined) faults.push(fault(`action_id already exists: ${repeated}`, `${pointer}/${index}/elements`));
  }
  return faults;
}

export function withChildren(blocks: readonly JsonObject[]): readonly JsonObject[] {
  return blocks.flatMap((block) => [block, ...objectsIn(block['child_blocks'])]);
}
