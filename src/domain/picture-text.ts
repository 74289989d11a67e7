/** Words inside pictures: outside text shortened and made harmless for SVG and DOT. */
import { plainLine } from './mrkdwn.ts';

/** One line that fits; what no font could show, and what would break the picture's XML, is gone. */
export function pictureName(text: string, max: number): string {
  return plainLine(text.replace(/\p{Cf}/gu, ''), max) || '?';
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/** `10:02` */
export function minuteText(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
