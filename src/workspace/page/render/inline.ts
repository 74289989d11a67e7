/**
 * Nesting of emphasis, shared by mrkdwn and markdown. The tokenizers cut one line into pieces; this pairs the marks.
 * A mark that finds no partner is text again, so `~10% of ~20` and `2*3*4` come out as they went in.
 *
 *   *a _b* c_   →  pieces  * "a " _ "b" * " c" _   →  <b>a _b</b> c_      the inner, unpaired mark turns back into text
 */
import { escapeHtml } from './html.ts';

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'mark'; readonly mark: string; readonly opens: boolean; readonly closes: boolean };

type Open = { readonly mark: string; html: string };

export function nest(pieces: readonly Piece[], tags: Readonly<Record<string, string>>): string {
  const stack: Open[] = [{ mark: '', html: '' }];
  const top = (): Open => stack[stack.length - 1]!;
  const turnBackInto = (depth: number): void => {
    while (stack.length > depth) {
      const unpaired = stack.pop()!;
      top().html += escapeHtml(unpaired.mark) + unpaired.html;
    }
  };
  for (const piece of pieces) {
    if (piece.kind !== 'mark') {
      top().html += piece.kind === 'html' ? piece.html : escapeHtml(piece.text);
      continue;
    }
    const partner = piece.closes ? stack.findLastIndex((open) => open.mark === piece.mark && open.mark !== '') : -1;
    if (partner > 0) {
      turnBackInto(partner + 1);
      const opened = stack.pop()!;
      const tag = tags[piece.mark] ?? 'span';
      top().html += `<${tag}>${opened.html}</${tag}>`;
    } else if (piece.opens) {
      stack.push({ mark: piece.mark, html: '' });
    } else {
      top().html += escapeHtml(piece.mark);
    }
  }
  turnBackInto(1);
  return top().html;
}

const letterOrDigit = /[\p{L}\p{N}]/u;

/** Whether a mark between these two characters may open or close emphasis; the empty string stands for a line's end or a finished piece. */
export function markSides(before: string, after: string, mark: string): { opens: boolean; closes: boolean } {
  const spaceBefore = before === '' || /\s/.test(before);
  const spaceAfter = after === '' || /\s/.test(after);
  return {
    opens: !letterOrDigit.test(before) && !spaceAfter && after !== mark,
    closes: !letterOrDigit.test(after) && !spaceBefore && before !== mark,
  };
}
