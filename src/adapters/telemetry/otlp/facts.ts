/**
 * Of the dozens of attributes an entry may carry, those we read: one look-up an attribute while they pass, no copy of the
 * others. Used again for every entry.
 */
export type Value = string | number | boolean;

/** Several names of one thing. */
export interface Group {
  /** The one that wins first. */
  readonly slots: readonly number[];
  /** A bit for each slot, from 32 of them on the same again: where none is set, none is there. */
  readonly bits: number;
}

/** More places than names, so that most of what nobody asks for leads to an empty one. */
const keyPlaces = 1_024;

interface Key {
  readonly bytes: Uint8Array;
  readonly slot: number;
}

export class Facts {
  readonly #slots = new Map<string, number>();
  readonly #keys: (Key[] | undefined)[] = new Array<Key[] | undefined>(keyPlaces).fill(undefined);
  /** 1: a key leads to this place. */
  readonly #isPlace = new Uint8Array(keyPlaces);
  readonly #values: (Value | undefined)[] = [];
  /** Of what is there, as in `Group`. */
  #bits = 0;

  /** Names are given before anything is taken. */
  group(...names: readonly string[]): Group {
    const slots = names.map((name) => {
      const known = this.#slots.get(name);
      if (known !== undefined) return known;
      const slot = this.#values.length;
      this.#slots.set(name, slot);
      this.#values[slot] = undefined;
      const bytes = new TextEncoder().encode(name);
      const place = keyPlace(bytes, 0, bytes.length);
      this.#isPlace[place] = 1;
      this.#keys[place] = [...(this.#keys[place] ?? []), { bytes, slot }];
      return slot;
    });
    return { slots, bits: slots.reduce((bits, slot) => bits | bitOf(slot), 0) };
  }

  clear(): void {
    if (this.#bits !== 0) this.#values.fill(undefined);
    this.#bits = 0;
  }

  /** Where the value of this name goes; -1: nobody asks for it. */
  slot(name: string): number {
    return this.#slots.get(name) ?? -1;
  }

  /** The same of a name that stands at [from, to). */
  slotOfBytes(bytes: Uint8Array, from: number, to: number): number {
    if (to === from) return -1;
    const place = keyPlace(bytes, from, to);
    if (this.#isPlace[place] === 0) return -1;
    const keys = this.#keys[place]!;
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k]!;
      let i = to - from;
      if (key.bytes.length !== i) continue;
      while (i > 0 && key.bytes[i - 1] === bytes[from + i - 1]) i--;
      if (i === 0) return key.slot;
    }
    return -1;
  }

  set(slot: number, value: Value): void {
    this.#values[slot] = value;
    this.#bits |= bitOf(slot);
  }

  get isEmpty(): boolean {
    return this.#bits === 0;
  }

  has({ slots, bits }: Group): boolean {
    if ((this.#bits & bits) === 0) return false;
    for (let i = 0; i < slots.length; i++) if (this.#values[slots[i]!] !== undefined) return true;
    return false;
  }

  /** The first that is there, as a number; NaN: it is none, or none is there. */
  number({ slots, bits }: Group): number {
    if ((this.#bits & bits) === 0) return Number.NaN;
    for (let i = 0; i < slots.length; i++) {
      const value = this.#values[slots[i]!];
      if (value !== undefined && value !== '') return typeof value === 'number' ? value : Number(String(value));
    }
    return Number.NaN;
  }

  /** The first that is there, as text. */
  text({ slots, bits }: Group): string | null {
    if ((this.#bits & bits) === 0) return null;
    for (let i = 0; i < slots.length; i++) {
      const value = this.#values[slots[i]!];
      if (value !== undefined && value !== '') return typeof value === 'string' ? value : String(value);
    }
    return null;
  }
}

/** Length and three bytes tell names apart well enough. */
function keyPlace(bytes: Uint8Array, from: number, to: number): number {
  return (
    ((to - from) * 37 + bytes[to - 1]! * 5 + bytes[(from + to) >> 1]! * 11 + bytes[to - Math.min(4, to - from)]! * 3) & (keyPlaces - 1)
  );
}

const bitOf = (slot: number): number => 1 << (slot & 31);
