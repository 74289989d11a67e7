/**
 * Finds the generalised template a line belongs to by walking its tokens down a tree: at each node the branch of the very
 * token first, then the wild branch. Steps are bounded, so a hostile set of templates costs a miss and not a stall.
 * Branches are kept in one map under (node, token) hashes; nodes are numbers.
 */
import type { Tokens } from './masker.ts';
import { tokenKind } from './masker.ts';

/** One step of a path: null is the wild branch, any word or mask. */
export interface PathStep {
  readonly hash1: number;
  readonly hash2: number;
  readonly wild: boolean;
}

const wildSalt = 0x3c6ef372;

export class TokenTree {
  #branches = new Map<number, number>();
  #leaves = new Map<number, number>();
  #nodes = 0;
  #budget = 0;

  get size(): number {
    return this.#branches.size;
  }

  insert(path: readonly PathStep[], template: number): void {
    let node = -path.length;
    for (const step of path) {
      const key = step.wild ? branchKey(node, wildSalt, 0) : branchKey(node, step.hash1, step.hash2);
      let next = this.#branches.get(key);
      if (next === undefined) {
        next = ++this.#nodes;
        this.#branches.set(key, next);
      }
      node = next;
    }
    this.#leaves.set(node, template);
  }

  /** The template of the most exact path, or -1. */
  match(tokens: Tokens): number {
    if (this.#leaves.size === 0) return -1;
    this.#budget = 4 * tokens.count + 32;
    return this.#walk(tokens, -tokens.count, 0);
  }

  #walk(tokens: Tokens, node: number, depth: number): number {
    if (depth === tokens.count) return this.#leaves.get(node) ?? -1;
    if (this.#budget-- <= 0) return -1;
    const exact = this.#branches.get(branchKey(node, tokens.hash1[depth]!, tokens.hash2[depth]!));
    if (exact !== undefined) {
      const found = this.#walk(tokens, exact, depth + 1);
      if (found >= 0) return found;
    }
    if (tokens.kind[depth] === tokenKind.delimiter) return -1;
    const wild = this.#branches.get(branchKey(node, wildSalt, 0));
    return wild === undefined ? -1 : this.#walk(tokens, wild, depth + 1);
  }
}

function branchKey(node: number, hash1: number, hash2: number): number {
  const high = Math.imul(node ^ (hash1 >>> 16), 0x9e3779b1) ^ hash1;
  const low = Math.imul(node + 0x7f4a7c15, 0x85ebca6b) ^ hash2;
  return (high >>> 0) * 0x200000 + (low >>> 11);
}
