/**
 * The page's own files. There is no build step: the TypeScript the browser runs is stripped of its types when first asked
 * for (Bun and Node each bring a stripper) and kept. Only files listed at the start are served, so no path can reach out.
 */
import { createHash } from 'node:crypto';
import { pageFiles, readPageFile } from './page-files.ts';

export interface Asset {
  readonly body: string;
  readonly contentType: string;
  readonly etag: string;
}

export interface Assets {
  find(path: string): Promise<Asset | undefined>;
  /** Links that make the browser fetch all scripts at once instead of import by import. */
  readonly preloadTags: string;
  readonly styleTags: string;
  /** A page with `{{name}}` replaced; values must be HTML already. */
  page(name: 'index' | 'login', values: Readonly<Record<string, string>>): string;
}

const contentTypes: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  ts: 'text/javascript; charset=utf-8',
};

export function createAssets(): Assets {
  const scripts = pageFiles.filter((path) => path.endsWith('.ts'));
  const styles = pageFiles.filter((path) => path.startsWith('styles/'));
  const paths = new Set([...scripts, ...styles]);
  const kept = new Map<string, Promise<Asset>>();
  const pages = new Map<string, string>();
  return {
    preloadTags: scripts.map((path) => `<link rel="modulepreload" href="/chat/assets/${path}">`).join('\n'),
    styleTags: styles
      .filter((path) => path.endsWith('.css'))
      .map((path) => `<link rel="stylesheet" href="/chat/assets/${path}">`)
      .join('\n'),
    async find(path) {
      if (!paths.has(path)) return undefined;
      const found = kept.get(path) ?? load(path);
      kept.set(path, found);
      return found;
    },
    page(name, values) {
      const source = pages.get(name) ?? readPageFile(`${name}.html`);
      pages.set(name, source);
      return source.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key] ?? '');
    },
  };
}

async function load(path: string): Promise<Asset> {
  const source = readPageFile(path);
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const body = extension === 'ts' ? await stripTypes(source) : source;
  return {
    body,
    contentType: contentTypes[extension] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`,
  };
}

interface BunGlobal {
  readonly Transpiler: new (options: { loader: 'ts' }) => { transformSync(source: string): string };
}

/** JavaScript from erasable TypeScript, by whichever runtime this is. */
async function stripTypes(source: string): Promise<string> {
  const bun = (globalThis as { readonly Bun?: BunGlobal }).Bun;
  if (bun !== undefined) return new bun.Transpiler({ loader: 'ts' }).transformSync(source);
  const { stripTypeScriptTypes } = await import('node:module');
  return stripTypeScriptTypes(source);
}
