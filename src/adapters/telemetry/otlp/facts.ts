/**
 * Of the dozens of attributes an entry may carry, those we read: one look-up an attribute while they pass, no copy of the
 * others. Used again for every entry.
 */
type Value = string | number | boolean;

/** Several names of one thing, the one that wins first. */
export type Group = readonly number[];

export class Facts {
  readonly #slots = new Map<string, number>();
  readonly #values: (Value | undefined)[] = [];
  #taken = 0;

  /** Names are given before anything is taken. */
  group(...names: readonly string[]): Group {
    return names.map((name) => {
      const slot = this.#slots.get(name) ?? this.#values.length;
      this.#slots.set(name, slot);
      this.#values[slot] = undefined;
      return slot;
    });
  }

  clear(): void {
    if (this.#taken > 0) this.#values.fill(undefined);
    this.#taken = 0;
  }

  /** Where the value of this name goes; -1: nobody asks for it. */
  slot(name: string): number {
    return this.#slots.get(name) ?? -1;
  }

  set(slot: number, value: Value): void {
    this.#values[slot] = value;
    this.#taken++;
  }

  get isEmpty(): boolean {
    return this.#taken === 0;
  }

  has(group: Group): boolean {
    return this.#taken > 0 && group.some((slot) => this.#values[slot] !== undefined);
  }

  /** The first that is there, as text. */
  text(group: Group): string | null {
    if (this.#taken === 0) return null;
    for (const slot of group) {
      const value = this.#values[slot];
      if (value !== undefined && value !== '') return typeof value === 'string' ? value : String(value);
    }
    return null;
  }
}
