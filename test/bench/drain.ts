/**
 * Drain (He et al. 2017) as Drain3 implements it, with the masks of its example configuration as regular expressions: the
 * floor our miner is measured against. Faithful on purpose, down to its order of comparisons; nothing of the product uses it.
 */

const masks: readonly (readonly [RegExp, string])[] = [
  [/((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)/g, '<:ID:>'],
  [/((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)/g, '<:IP:>'],
  [/((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)/g, '<:SEQ:>'],
  [/((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)/g, '<:SEQ:>'],
  [/((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)/g, '<:HEX:>'],
  [/((?<=[^A-Za-z0-9])|^)([-+]?\d+)((?=[^A-Za-z0-9])|$)/g, '<:NUM:>'],
  [/(?<=executed cmd )(".+?")/g, '<:CMD:>'],
];

const similarityThreshold = 0.4;
const depth = 4;
const maxChildren = 100;
const wild = '<*>';

interface Cluster {
  readonly id: number;
  tokens: string[];
}

interface Node {
  readonly children: Map<string, Node>;
  readonly clusters: Cluster[];
}

const newNode = (): Node => ({ children: new Map(), clusters: [] });
const hasDigit = /\d/;

export class Drain {
  readonly #root = newNode();
  size = 0;

  /** Number of the cluster the line goes to. */
  add(line: string): number {
    let masked = line;
    for (const [pattern, name] of masks) masked = masked.replace(pattern, name);
    const trimmed = masked.trim();
    const tokens = trimmed === '' ? [] : trimmed.split(/\s+/);
    const found = this.#search(tokens);
    if (found === null) {
      const cluster = { id: this.size++, tokens };
      this.#insert(cluster);
      return cluster.id;
    }
    found.tokens = found.tokens.map((token, index) => (token === tokens[index] ? token : wild));
    return found.id;
  }

  #search(tokens: readonly string[]): Cluster | null {
    let node = this.#root.children.get(String(tokens.length));
    if (node === undefined) return null;
    if (tokens.length === 0) return node.clusters[0] ?? null;
    let level = 1;
    for (const token of tokens) {
      if (level >= depth - 2 || level === tokens.length) break;
      node = node.children.get(token) ?? node.children.get(wild);
      if (node === undefined) return null;
      level++;
    }
    let best: Cluster | null = null;
    let bestSimilarity = -1;
    let bestWild = -1;
    for (const cluster of node.clusters) {
      let same = 0;
      let wilds = 0;
      for (let index = 0; index < tokens.length; index++) {
        if (cluster.tokens[index] === wild) wilds++;
        else if (cluster.tokens[index] === tokens[index]) same++;
      }
      const similarity = same / tokens.length;
      if (similarity > bestSimilarity || (similarity === bestSimilarity && wilds > bestWild)) {
        best = cluster;
        bestSimilarity = similarity;
        bestWild = wilds;
      }
    }
    return bestSimilarity >= similarityThreshold ? best : null;
  }

  #insert(cluster: Cluster): void {
    let node = child(this.#root, String(cluster.tokens.length));
    let level = 1;
    for (const token of cluster.tokens) {
      if (level >= depth - 2 || level >= cluster.tokens.length) break;
      const { children } = node;
      if (children.has(token)) node = children.get(token)!;
      else if (hasDigit.test(token)) node = child(node, wild);
      else if (children.has(wild)) node = children.size < maxChildren ? child(node, token) : children.get(wild)!;
      else if (children.size + 1 < maxChildren) node = child(node, token);
      else node = child(node, wild);
      level++;
    }
    node.clusters.push(cluster);
  }
}

function child(node: Node, token: string): Node {
  let next = node.children.get(token);
  if (next === undefined) {
    next = newNode();
    node.children.set(token, next);
  }
  return next;
}
