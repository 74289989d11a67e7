/** Draws the service map: Graphviz lays it out, resvg makes the picture. Both are WebAssembly, so nothing is installed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { mapDot } from '../domain/map-dot.ts';
import type { ServiceMap } from '../domain/service-map.ts';

const require = createRequire(import.meta.url);

export async function drawMap(map: ServiceMap, format: 'svg' | 'png', parts = false): Promise<string | Uint8Array> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  const svg = graphviz.layout(mapDot(map, parts), 'svg', 'dot');
  if (format === 'svg') return svg;
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm'))).catch((error: unknown) => {
    // A second picture in one process: the module is in place already.
    if (!String(error).includes('Already initialized')) throw error;
  });
  // Fonts of the machine are not used: a picture looks the same everywhere.
  const font = readFileSync(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  return new Resvg(svg, {
    font: { fontBuffers: [font], defaultFontFamily: 'DejaVu Sans' },
    fitTo: { mode: 'zoom', value: 2 },
    background: '#ffffff',
  })
    .render()
    .asPng();
}
