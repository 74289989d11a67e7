/**
 * Which body each span came in and where in it. Rows of one body stand in a row as its spans do, so that one entry says it of all
 * of them; a new one begins where the row before came from elsewhere.
 */
interface Runs {
  /** Place of the first row of each run, the body's segment, and the row's place among the body's spans. */
  readonly places: number[];
  readonly segments: number[];
  readonly ordinals: number[];
}

const bytesPerRun = 3 * 8;

export class SpanOrigins {
  readonly #byChunk: (Runs | undefined)[] = [];
  #count = 0;

  get bytes(): number {
    return this.#count * bytesPerRun;
  }

  /** Of the row after the last of its chunk. */
  add(chunk: number, place: number, segment: number, ordinal: number): void {
    let runs = this.#byChunk[chunk];
    if (runs === undefined) {
      runs = { places: [], segments: [], ordinals: [] };
      this.#byChunk[chunk] = runs;
    }
    const last = runs.places.length - 1;
    if (last >= 0 && runs.segments[last] === segment && runs.ordinals[last]! + place - runs.places[last]! === ordinal) return;
    runs.places.push(place);
    runs.segments.push(segment);
    runs.ordinals.push(ordinal);
    this.#count++;
  }

  of(chunk: number, place: number): { readonly segment: number; readonly ordinal: number } {
    const { places, segments, ordinals } = this.#byChunk[chunk]!;
    let low = 0;
    let high = places.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (places[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return { segment: segments[low]!, ordinal: ordinals[low]! + place - places[low]! };
  }

  drop(chunk: number): void {
    this.#count -= this.#byChunk[chunk]?.places.length ?? 0;
    this.#byChunk[chunk] = undefined;
  }
}
