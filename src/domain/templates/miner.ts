/**
 * Groups log lines into templates, online and in bounded memory. A line is masked (masker.ts) and looked up by the hash of
 * its masked tokens: most lines end there. What is new becomes a form of its own, and forms that differ in one word only
 * become one template once that place has shown enough different words:
 *
 *   session opened for user alice     ┐
 *   session opened for user bob       ├→  session opened for user <*>
 *   session opened for user carol     ┘
 *
 * Why late: merging early (by a share of equal tokens) mixes `disk full` with `disk failed`, and cannot be undone. When
 * forms merge, the oldest keeps its number and its id, the others lead to it (`canonical`). Generalised forms live in a
 * tree of tokens with one wild branch a node, so cost follows the line's length and not the number of templates.
 */
import {
  become,
  equalBut,
  type Form,
  formOf,
  generalise,
  idOf,
  lineKey,
  share1,
  share2,
  stepsOf,
  sumsOf,
  textOf,
  tokenHashes,
  wildcard,
} from './form.ts';
import { hollowBits } from './hollow.ts';
import { LineTable } from './line-table.ts';
import { maskHash1, maskHash2, tokenKind, Tokens } from './masker.ts';
import { type MinerState, minerStateOf } from './miner-state.ts';
import { TokenTree } from './token-tree.ts';
import { defaultFewWords, joinsMask, wordsNeeded } from './variation.ts';

export interface MinerOptions {
  /** Templates kept; the least recently seen quarter is forgotten when it is reached. */
  readonly maxTemplates?: number;
  /** Different words at one place before the place counts as varying. */
  readonly fewWords?: number;
}

export interface Miner {
  /** The number of the body's template; dense, never given to another template. */
  add(body: string): number;
  /** A bit for each of the first masked places that hold a hollow value in the body added last (see hollow.ts). */
  hollow(): number;
  /** The template with `<*>` for what varies; `<*>` alone for one forgotten long ago. */
  text(template: number): string;
  /** Survives a restart: made from the template's first form. */
  stableId(template: number): string;
  /** The template this one has been merged into, or itself. */
  canonical(template: number): number;
  /** How many numbers have been given; they run below it. */
  readonly size: number;
  snapshot(): unknown;
}

/** Masked lines and merged numbers remembered beyond the templates: capped, so that endless new words cannot fill memory. */
const memoPerTemplate = 4;
/** Places of a line that may generalise; a longer line varies in its masks only beyond them. */
const maxPlaces = 48;

/** Forms that are equal but for the word at one place. */
interface Bucket {
  readonly place: number;
  readonly members: readonly number[];
}

class TemplateMiner implements Miner {
  readonly #maxTemplates: number;
  readonly #fewWords: number;
  readonly #tokens = new Tokens();
  readonly #forms = new Map<number, Form>();
  /** Merged numbers and where they lead. */
  readonly #merged = new Map<number, number>();
  /** Forms by slot; a merged form's slot holds the one it went into. Slots are dealt anew by `#index`. */
  #slots: Form[] = [];
  #byLine = new LineTable();
  #buckets = new Map<number, Bucket>();
  #tree = new TokenTree();
  #size = 0;
  #uses = 0;

  constructor(options: MinerOptions, state: MinerState | null) {
    this.#maxTemplates = options.maxTemplates ?? 10_000;
    this.#fewWords = options.fewWords ?? defaultFewWords;
    if (state === null) return;
    this.#size = state.size;
    this.#uses = state.uses;
    for (const form of state.forms) this.#forms.set(form.number, form);
    for (const [from, to] of state.merged) this.#merged.set(from, to);
    this.#index();
  }

  get size(): number {
    return this.#size;
  }

  add(body: string): number {
    const tokens = this.#tokens;
    tokens.scan(body);
    const count = tokens.count;
    const { hash1, hash2 } = tokens;
    let sum1 = count;
    let sum2 = count;
    for (let index = 0; index < count; index++) {
      sum1 = (sum1 + share1(hash1[index]!, index)) | 0;
      sum2 = (sum2 + share2(hash2[index]!, index)) | 0;
    }
    const form = this.#under(sum1, sum2) ?? this.#unknown(sum1, sum2);
    form.lastUse = ++this.#uses;
    return form.number;
  }

  hollow(): number {
    return hollowBits(this.#tokens);
  }

  canonical(template: number): number {
    let to = template;
    for (let next = this.#merged.get(to); next !== undefined; next = this.#merged.get(to)) to = next;
    return to;
  }

  text(template: number): string {
    const form = this.#forms.get(this.canonical(template));
    return form === undefined ? wildcard : textOf(form);
  }

  stableId(template: number): string {
    return this.#forms.get(this.canonical(template))?.id ?? `gone-${template}`;
  }

  snapshot(): MinerState {
    const forms = structuredClone([...this.#forms.values()]);
    return { version: 1, size: this.#size, uses: this.#uses, forms, merged: [...this.#merged] };
  }

  /** The form standing under these sums, if any. */
  #under(sum1: number, sum2: number): Form | undefined {
    const slot = this.#byLine.get(sum1, sum2);
    return slot < 0 ? undefined : this.#slots[slot];
  }

  /** The form of a line not looked up before: one that has generalised to it, or a new one and what becomes of it. */
  #unknown(sum1: number, sum2: number): Form {
    if (this.#slots.length >= 2 * this.#maxTemplates || this.#byLine.size > this.#maxTemplates * memoPerTemplate) this.#index();
    const matched = this.#tree.match(this.#tokens);
    const known = matched < 0 ? undefined : this.#forms.get(this.canonical(matched));
    if (known !== undefined) {
      this.#byLine.set(sum1, sum2, known.slot);
      return known;
    }
    if (this.#forms.size >= this.#maxTemplates) this.#forget();
    const number = this.#size++;
    const created = formOf(this.#tokens, number, idOf(sum1, sum2));
    this.#forms.set(number, created);
    this.#give(created);
    this.#byLine.set(sum1, sum2, created.slot);
    this.#compare(created, sum1, sum2);
    return this.#forms.get(this.canonical(number))!;
  }

  #give(form: Form): void {
    form.slot = this.#slots.length;
    this.#slots.push(form);
  }

  /** Looks whether the form differs from enough others in one word only, and merges them if so. */
  #compare(form: Form, sum1: number, sum2: number): void {
    if (this.#takeIn(form, lineKey(sum1, sum2))) return;
    const places = Math.min(form.tokens.length, maxPlaces);
    for (let place = 0; place < places; place++) {
      if (form.kinds[place] !== tokenKind.word) continue;
      const { hash1, hash2 } = tokenHashes(form.tokens[place]!, tokenKind.word);
      const masked1 = (sum1 - share1(hash1, place) + share1(maskHash1, place)) | 0;
      const masked2 = (sum2 - share2(hash2, place) + share2(maskHash2, place)) | 0;
      const key = lineKey(masked1, masked2);
      const masked = joinsMask(form, place) ? this.#under(masked1, masked2) : undefined;
      const before = this.#buckets.get(key)?.members ?? [];
      let members = this.#live(masked === undefined ? [...before, form.number] : [...before, form.number, masked.number]);
      const needed = masked === undefined ? wordsNeeded(form, place, this.#fewWords) : 2;
      if (members.length >= needed) members = this.#alike(members, form, place);
      if (members.length >= needed) {
        this.#buckets.delete(key);
        this.#merge(members, place, form);
        return;
      }
      this.#buckets.set(key, { place, members });
    }
  }

  /** Takes in the forms that have a word where this one has a mask: they are the same. */
  #takeIn(form: Form, key: number): boolean {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return false;
    const words = this.#alike(bucket.members, form, bucket.place).filter((number) => {
      return number !== form.number && joinsMask(this.#forms.get(number)!, bucket.place);
    });
    if (words.length === 0) return false;
    this.#merge([...words, form.number], bucket.place, this.#forms.get(words[0]!)!);
    return true;
  }

  /** The forms these numbers stand for now, each once. */
  #live(numbers: readonly number[]): number[] {
    return [...new Set(numbers.map((number) => this.canonical(number)))].filter((number) => this.#forms.has(number));
  }

  /** Those of them that are, as they stand now, equal to the form but for one place: some have generalised since. */
  #alike(numbers: readonly number[], form: Form, place: number): number[] {
    return this.#live(numbers).filter((number) => equalBut(this.#forms.get(number)!, form, place));
  }

  #merge(members: readonly number[], place: number, shape: Form): void {
    const survivor = this.#forms.get(Math.min(...members))!;
    const path = shape.tokens.map((token, index) => (index === place || shape.kinds[index] === tokenKind.mask ? null : token));
    this.#absorb(survivor, members);
    if (survivor !== shape) become(survivor, shape);
    this.#lead(survivor, path);
    generalise(survivor, place);
    this.#settle(survivor);
  }

  /** Enters a form under its present tokens; where another stands there already the older takes the younger in. */
  #settle(form: Form): void {
    const { sum1, sum2 } = sumsOf(form);
    const twin = this.#under(sum1, sum2);
    if (twin !== undefined && twin !== form && equalBut(twin, form, -1)) {
      const older = twin.number < form.number ? twin : form;
      this.#absorb(older, [older === twin ? form.number : twin.number]);
      return;
    }
    this.#byLine.set(sum1, sum2, form.slot);
    this.#compare(form, sum1, sum2);
  }

  #absorb(survivor: Form, members: readonly number[]): void {
    for (const member of members) {
      if (member === survivor.number) continue;
      const form = this.#forms.get(member)!;
      survivor.lastUse = Math.max(survivor.lastUse, form.lastUse);
      for (const path of form.paths) this.#lead(survivor, path);
      this.#forms.delete(member);
      this.#merged.set(member, survivor.number);
      for (let slot = 0; slot < this.#slots.length; slot++) if (this.#slots[slot] === form) this.#slots[slot] = survivor;
    }
    for (const oldest of this.#merged.keys()) {
      if (this.#merged.size <= this.#maxTemplates * memoPerTemplate) break;
      this.#merged.delete(oldest);
    }
  }

  /** Makes the lines of a path find the form. */
  #lead(form: Form, path: (string | null)[]): void {
    if (form.paths.length >= 8) form.paths.shift();
    form.paths.push(path);
    this.#tree.insert(stepsOf(path), form.number);
  }

  /** Makes room: the quarter least recently seen goes, their numbers are never given again. */
  #forget(): void {
    const byUse = [...this.#forms.values()].sort((a, b) => a.lastUse - b.lastUse);
    for (const form of byUse.slice(0, Math.max(1, byUse.length >> 2))) this.#forms.delete(form.number);
    for (const [from] of this.#merged) if (!this.#forms.has(this.canonical(from))) this.#merged.delete(from);
    this.#index();
  }

  /** Builds the look-up tables anew from the forms alone. */
  #index(): void {
    this.#byLine = new LineTable();
    this.#buckets = new Map();
    this.#tree = new TokenTree();
    this.#slots = [];
    for (const form of this.#forms.values()) {
      this.#give(form);
      const { sum1, sum2 } = sumsOf(form);
      this.#byLine.set(sum1, sum2, form.slot);
      for (const path of form.paths) this.#tree.insert(stepsOf(path), form.number);
    }
    for (const form of [...this.#forms.values()]) {
      if (!this.#forms.has(form.number)) continue;
      const { sum1, sum2 } = sumsOf(form);
      this.#compare(form, sum1, sum2);
    }
  }
}

export function createMiner(options: MinerOptions = {}): Miner {
  return new TemplateMiner(options, null);
}

/** Carries on from a snapshot; anything that is not one starts afresh. */
export function restoreMiner(snapshot: unknown, options: MinerOptions = {}): Miner {
  return new TemplateMiner(options, minerStateOf(snapshot));
}
