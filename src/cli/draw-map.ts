/** Draws the service map. */
import { pngOfSvg, svgOfDot } from '../adapters/drawing.ts';
import { mapDot } from '../domain/map-dot.ts';
import type { ServiceMap } from '../domain/service-map.ts';

export async function drawMap(map: ServiceMap, format: 'svg' | 'png', parts = false): Promise<string | Uint8Array> {
  const svg = await svgOfDot(mapDot(map, parts));
  return format === 'svg' ? svg : pngOfSvg(svg);
}
