import { describe, expect, it, vi } from 'vitest';
import { pngOfSvg, prepareDrawing, svgOfDot } from '../../src/adapters/drawing.ts';

/** Not in the types of either runtime's language level. */
const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: { instantiate: (...sources: unknown[]) => unknown } };

describe('drawing', () => {
  it('loads everything ahead, so that the first picture loads nothing', async () => {
    const loading = vi.spyOn(wasm, 'instantiate');
    await prepareDrawing();
    expect(loading).toHaveBeenCalledTimes(2);
    const png = await pngOfSvg(await svgOfDot('digraph { a -> b }'));
    expect(Buffer.from(png).subarray(1, 4).toString()).toBe('PNG');
    expect(loading).toHaveBeenCalledTimes(2);
  });

  it('lets others run between the steps', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await pngOfSvg(await svgOfDot('digraph { a -> b }'));
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});
