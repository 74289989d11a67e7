/**
 * A service that says that it read its configuration anew was changed then, though no list of changes tells of it. As with a release of
 * which nothing more is known, that adds to what speaks against it otherwise, and is nothing by itself.
 */
import { pairKey } from '../baseline/counts.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** A message stands at the front of its line. */
const headLength = 300;
const reloading =
  /\bSIGHUP\b|\breconfigur(?:ing|ed)\b|\bre-?(?:load(?:ed|ing)?|read(?:ing)?)\b.{0,40}\bconfig|\bconfig\w*\b.{0,40}\bre-?load(?:ed|ing)?\b/i;
/** ERROR in OTLP's numbers: one that could not be read changed nothing. */
const error = 17;
/** Something else must speak against it as much as this, and what the change then adds: as for a release. */
const enough = 1;
const worth = 0.5;
const quoted = 160;

export function judgeReloads({ recent, normal, lexicon, baseline, firstAt, input }: Scene, suspicions: Suspicions): void {
  // Whether it does so all the time only a past can tell.
  if (baseline.minutes === 0) return;
  const { window, tree } = recent;
  const { logs, strings } = window;
  const suspects = new Set(
    [...suspicions.all()].flatMap(({ service, signals }) =>
      signals.has('release') || Math.max(0, ...signals.values()) < enough ? [] : [strings.find(service)],
    ),
  );
  const last = new Map<string, { readonly at: number; readonly row: number }>();
  for (let row = 0; row < logs.length; row++) {
    if (!suspects.has(logs.service[row]!)) continue;
    const at = logs.timeMs[row]! + (tree.offsets.get(logs.service[row]!) ?? 0);
    if (at < firstAt || at > input.alertAt || logs.severity[row]! >= error) continue;
    if (!reloading.test(logs.text(row).slice(0, headLength))) continue;
    const service = strings.text(logs.service[row]!);
    if (normal.spoken.sum(pairKey(lexicon.id(service), lexicon.template(window, logs.template[row]!))) >= 1) continue;
    if (at >= (last.get(service)?.at ?? 0)) last.set(service, { at, row });
  }
  for (const [service, { at, row }] of last) {
    const line = window.templateText(logs.template[row]!).slice(0, quoted);
    const text = `${service} read its configuration anew ${Math.round((input.alertAt - at) / 1000)} s before the alert: "${line}".`;
    suspicions.add(service, 'release', worth, [finding({ kind: 'change', source: 'log', subject: 'reload', text, at, strength: worth })]);
  }
}
