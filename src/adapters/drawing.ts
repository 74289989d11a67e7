/** Makes pictures: Graphviz lays graphs out, resvg makes PNGs. Both are WebAssembly, so nothing is installed; both load when first used. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export async function svgOfDot(dot: string): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  return (await Graphviz.load()).layout(dot, 'svg', 'dot');
}

let fonts: readonly Uint8Array[] | null = null;

/** Fonts of the machine are not used: a picture looks the same everywhere. */
function dejavu(): Uint8Array[] {
  fonts ??= [readFileSync(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'))];
  return [...fonts];
}

/** Twice its size for sharp screens, but no wider than `maxWidth`: a wide one is shown shrunk anyway. */
export async function pngOfSvg(svg: string, maxWidth = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm'))).catch((error: unknown) => {
    // A second picture in one process: the module is in place already.
    if (!String(error).includes('Already initialized')) throw error;
  });
  const options = { font: { fontBuffers: dejavu(), defaultFontFamily: 'DejaVu Sans' }, background: '#ffffff' } as const;
  const twice = new Resvg(svg, { ...options, fitTo: { mode: 'zoom', value: 2 } });
  if (twice.width * 2 <= maxWidth) return twice.render().asPng();
  return new Resvg(svg, { ...options, fitTo: { mode: 'width', value: maxWidth } }).render().asPng();
}
