/** What a block's renderer knows of where it stands: the world's names, its block id, and how a control inside it is labelled. */
import { attributes } from './html.ts';
import type { Lookups } from './lookups.ts';
import { isObject, type Json, object, string } from './read.ts';

export interface Scope {
  readonly lookups: Lookups;
  readonly blockId: string;
  /** A fresh element id. Counted, never random, so that equal blocks give equal HTML. */
  newId(kind: string): string;
  /** Set inside an input block: ids that the control carries or refers to. */
  readonly field?: { readonly controlId: string; readonly labelId: string; readonly describedBy: string; readonly isOptional: boolean };
  /** Blocks inside blocks (container, carousel, plan) come back through here. */
  renderBlock(block: unknown): string;
}

/** A text object's words, or a bare string where some sender wrote one. */
export function textOf(text: unknown): string {
  return isObject(text) ? string(text['text']) : string(text);
}

export function actionAttributes(element: Json, scope: Scope): string {
  return attributes({
    'data-action': string(element['type']),
    'data-action-id': string(element['action_id']),
    'data-block-id': scope.blockId,
    'data-confirm': isObject(element['confirm']) ? JSON.stringify(element['confirm']) : undefined,
    'data-dispatch': isObject(element['dispatch_action_config']) ? JSON.stringify(element['dispatch_action_config']) : undefined,
  });
}

/** The name of something with visible words: an accessibility label adds to them, since whoever speaks to the page says what they see. */
export function spokenName(words: string, accessibilityLabel: unknown): string | undefined {
  const label = string(accessibilityLabel);
  if (label === '' || label === words) return undefined;
  return label.toLowerCase().includes(words.toLowerCase()) ? label : `${words}: ${label}`;
}

/** How a control gets its name: from its input block's label, else from its placeholder, else from `otherwise`. */
export function naming(element: Json, scope: Scope, otherwise: string): string {
  const field = scope.field;
  if (field !== undefined) {
    return attributes({
      id: field.controlId,
      'aria-labelledby': field.labelId,
      'aria-describedby': field.describedBy,
      'aria-required': field.isOptional ? undefined : 'true',
    });
  }
  const placeholder = textOf(element['placeholder']);
  return attributes({ 'aria-label': string(object(element)['accessibility_label']) || placeholder || otherwise });
}
