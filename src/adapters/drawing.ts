/**
 * Makes pictures: Graphviz lays graphs out, resvg makes PNGs. Both are WebAssembly, so nothing is installed. Both load when
 * first used, or ahead of that with `prepareDrawing`: loading takes several times as long as a picture. Each step gives way
 * first, since whoever draws takes alerts meanwhile.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export async function svgOfDot(dot: string): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  await turn();
  return graphviz.layout(dot, 'svg', 'dot');
}

let fonts: readonly Uint8Array[] | null = null;

/** Fonts of the machine are not used: a picture looks the same everywhere. */
function dejavu(): Uint8Array[] {
  fonts ??= [readFileSync(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'))];
  return [...fonts];
}

/** One for the process: the module refuses to be put in place twice. Forgotten after a failure, so that the next picture tries again. */
let resvg: Promise<typeof import('@resvg/resvg-wasm')> | null = null;

function loadResvg(): Promise<typeof import('@resvg/resvg-wasm')> {
  resvg ??= load().catch((error: unknown) => {
    resvg = null;
    throw error;
  });
  return resvg;
}

async function load() {
  const [module, bytes] = await Promise.all([import('@resvg/resvg-wasm'), readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm'))]);
  await module.initWasm(bytes);
  return module;
}

/** Twice its size for sharp screens, but no wider than `maxWidth`: a wide one is shown shrunk anyway. */
export async function pngOfSvg(svg: string, maxWidth = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const { Resvg } = await loadResvg();
  await turn();
  const options = { font: { fontBuffers: dejavu(), defaultFontFamily: 'DejaVu Sans' }, background: '#ffffff' } as const;
  const twice = new Resvg(svg, { ...options, fitTo: { mode: 'zoom', value: 2 } });
  if (twice.width * 2 <= maxWidth) return twice.render().asPng();
  return new Resvg(svg, { ...options, fitTo: { mode: 'width', value: maxWidth } }).render().asPng();
}

/** Of the kinds that incidents' maps are made of. */
const trialGraph =
  'digraph { rankdir=LR; node [shape=box, style="rounded,filled"]; a [label="a\\nb"]; c [shape=cylinder]; a -> c [label="1 of 2 failed"]; b -> a; }';

/** Loads everything and draws one picture that nobody sees, so that the first real one is as quick as those after it. */
export async function prepareDrawing(): Promise<void> {
  await pngOfSvg(await svgOfDot(trialGraph));
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
