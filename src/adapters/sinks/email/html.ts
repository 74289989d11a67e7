/**
 * The letter as HTML that Outlook, Gmail and Apple Mail show alike: tables with widths in attributes, styles inline, and one
 * style sheet for dark mode and narrow screens, which those that ignore it do without. Nothing is fetched, and every text
 * from outside is escaped. Colours keep 4.5:1 in both modes.
 */
import { confidenceMeaning } from '../../../domain/confidence-meaning.ts';
import type { Claim } from '../../../domain/diagnosis/context-diagnosis.ts';
import { wordingLine } from '../../../domain/diagnosis/wording-line.ts';
import type { ContextHypothesis, IncidentContext } from '../../../domain/incident-context.ts';
import type { Card } from '../../../domain/report.ts';
import type { Picture } from './pictures.ts';
import { asPercent, certainty, faultWords } from '../../../domain/wording.ts';

const maxSuspects = 3;
const maxEvidence = 4;
const maxAgainst = 2;
const maxHunkRows = 14;
const maxLine = 400;
const maxNames = 15;

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const code = "font-family:Consolas,Menlo,'DejaVu Sans Mono',monospace";
const breaking = 'word-break:break-word;overflow-wrap:anywhere';
const severityColours = { critical: '#b42318', warning: '#93500b', info: '#175cd3' } as const;

const sheet = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page,body{background-color:#14171c!important}
.sheet{background-color:#1e2229!important;border-color:#3a404b!important}
.text,.text td,.text p{color:#e6e8ec!important}
.quiet{color:#aab1bd!important}
.line{border-color:#3a404b!important}
.code{background-color:#14171c!important;color:#e6e8ec!important;border-color:#3a404b!important}
a{color:#8ab4ff!important}}
@media (max-width:660px){.pad{padding-left:16px!important;padding-right:16px!important}}`;

export function letterHtml(card: Card, headline: string, facts: string, pictures: readonly Picture[] = []): string {
  const { incident, report } = card;
  const colour = incident.state === 'resolved' ? '#067647' : severityColours[incident.severity];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(headline)}</title><style>${sheet}</style></head>`,
    '<body style="margin:0;padding:0;background-color:#f2f4f7"><div role="main">',
    '<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f2f4f7" style="background-color:#f2f4f7"><tr><td align="center" style="padding:16px 8px">',
    // Outlook for Windows knows no max-width.
    '<!--[if mso]><table role="presentation" width="640" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->',
    `<table role="presentation" class="sheet text" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="max-width:640px;table-layout:fixed;background-color:#ffffff;border:1px solid #d0d5dd;${font};font-size:14px;line-height:21px;color:#1d2939">`,
    `<tr><td height="6" bgcolor="${colour}" style="height:6px;font-size:0;line-height:0;background-color:${colour}">&nbsp;</td></tr>`,
    row(`<h1 style="margin:0;font-size:18px;line-height:25px;font-weight:600">${escapeHtml(headline)}</h1>`),
    row(`<span class="quiet" style="color:#475467">${escapeHtml(cut(facts, maxLine))}</span>`),
    ...(report === null ? [] : reportRows(report.context)),
    ...pictures.map(pictureRow),
    row(
      `<span class="quiet" style="font-size:12px;line-height:18px;color:#475467">TracePulse, about ${escapeHtml(incident.id)}. Further letters come when the cause changes and when it is over.</span>`,
      true,
    ),
    '</table><!--[if mso]></td></tr></table><![endif]--></td></tr></table></div></body></html>',
  ].join('\n');
}

function reportRows(context: IncidentContext): string[] {
  const suspects = context.hypotheses.slice(0, maxSuspects);
  const hit = context.blastRadius.slice(0, maxNames);
  const more = context.blastRadius.length - hit.length;
  return [
    ...(suspects.length === 0
      ? [row(escapeHtml(context.summary))]
      : suspects.map((suspect, place) => row(suspectHtml(suspect, place, context), true))),
    ...wordsHtml(context).map((words) => row(words, true)),
    ...(hit.length === 0
      ? []
      : [row(`<b>Also hit:</b> ${escapeHtml(hit.map((name) => cut(name, 80)).join(', '))}${more > 0 ? ` and ${more} more` : ''}`, true)]),
    ...(context.gaps.length === 0
      ? []
      : [
          row(
            `<b>Not known:</b> ${context.gaps.map(({ source, reason }) => `${escapeHtml(source)} (${escapeHtml(cut(reason, 160))})`).join('; ')}`,
            true,
          ),
        ]),
  ];
}

/** A model's words, each sentence with the evidence it cites; nothing where there is none, or no model. */
function wordsHtml({ diagnosis, hypotheses }: IncidentContext): string[] {
  if (diagnosis?.state !== 'written') return [];
  const { claims, doubt, alternative } = diagnosis;
  const cited = ({ text, evidence }: Claim) =>
    `${escapeHtml(cut(text, maxLine))} <span class="quiet" style="${code};font-size:12px;color:#475467">${evidence.slice(0, maxEvidence).map(escapeHtml).join(' ')}</span>`;
  const argued = hypotheses.find(({ id }) => id === doubt?.hypothesis)?.service ?? 'it';
  return [
    `<b>In words</b><div>${claims.map(cited).join(' ')}</div>`,
    ...(doubt === null ? [] : [`<b>Against ${escapeHtml(cut(argued, 120))}:</b> ${cited(doubt)}`]),
    ...(alternative === null ? [] : [`<b>Also worth a look, ${escapeHtml(cut(alternative.service, 120))}:</b> ${cited(alternative)}`]),
    `<span class="quiet" style="font-size:12px;line-height:18px;color:#475467">${escapeHtml(wordingLine(diagnosis))}</span>`,
  ];
}

/** White behind it in dark mode too: it was drawn for that. */
function pictureRow({ cid, title, words }: Picture): string {
  const image = `<img src="cid:${escapeHtml(cid)}" alt="${escapeHtml(words)}" width="592" style="display:block;width:100%;max-width:592px;height:auto;border:0;background-color:#ffffff">`;
  return row(`<b>${escapeHtml(title)}</b>${image}`, true);
}

function suspectHtml(suspect: ContextHypothesis, place: number, context: IncidentContext): string {
  const part = suspect.component === null ? '' : ` (${escapeHtml(cut(suspect.component, 120))})`;
  const sure = `${faultWords[suspect.kind]}, ${certainty(suspect.confidence)} at ${asPercent(suspect.confidence)}`;
  const meaning = place === 0 ? confidenceMeaning(suspect.confidence) : null;
  const stops = suspect.path.length === 0 ? [] : [suspect.path[0]!.from, ...suspect.path.map((hop) => hop.to)];
  return [
    `<b>${place + 1}. ${escapeHtml(cut(suspect.service, 160))}</b>${part}: ${sure}${meaning === null ? '' : ` <span class="quiet" style="color:#475467">(${escapeHtml(meaning)})</span>`}`,
    `<br>${escapeHtml(cut(suspect.summary, maxLine))}`,
    evidenceTable(suspect, context),
    ...changeHtml(suspect),
    ...(stops.length === 0 ? [] : [`<div>Path: ${stops.map((stop) => escapeHtml(cut(stop, 80))).join(' &rarr; ')}</div>`]),
  ].join('\n');
}

function evidenceTable({ evidence, against }: ContextHypothesis, context: IncidentContext): string {
  const cite = (ids: readonly string[], max: number, sign: string, word: string) =>
    ids.slice(0, max).flatMap((id) => {
      const found = context.evidence[id];
      if (found === undefined) return [];
      const text = linked(found.url, cut(found.text, maxLine));
      return [
        `<tr><td width="22" valign="top" style="width:22px" title="${word}">${sign}</td><td valign="top" style="padding-bottom:2px;${breaking}">${text}</td></tr>`,
      ];
    });
  const rows = [...cite(evidence, maxEvidence, '+', 'for'), ...cite(against, maxAgainst, '&minus;', 'against')];
  return rows.length === 0
    ? ''
    : `<table role="presentation" class="text" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed;margin-top:6px;${font};font-size:14px;line-height:20px;color:#1d2939">${rows.join('')}</table>`;
}

function changeHtml({ change }: ContextHypothesis): string[] {
  if (change === null) return [];
  const name = `${change.kind} ${change.version ?? change.sha?.slice(0, 8) ?? ''}`.trimEnd();
  const title = change.title === null ? '' : `: ${escapeHtml(cut(change.title, maxLine))}`;
  const suspect = change.suspect ?? null;
  const lines = [
    `<div style="padding-top:6px">Suspect change: ${linked(change.url, cut(name, 120))} of ${escapeHtml(cut(change.service, 120))}${title}</div>`,
  ];
  if (suspect === null) return lines;
  const rows = suspect.hunk.trimEnd().split('\n');
  const shown = rows.slice(0, maxHunkRows).map((text) => escapeHtml(cut(text, 200)));
  if (rows.length > maxHunkRows) shown.push(`&hellip; ${rows.length - maxHunkRows} more lines`);
  return [
    ...lines,
    `<div>In <span style="${code};font-size:13px">${escapeHtml(cut(suspect.file, 200))}</span>: ${escapeHtml(cut(suspect.why, maxLine))}</div>`,
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed;margin-top:6px"><tr><td class="code" bgcolor="#f2f4f7" style="padding:8px 10px;background-color:#f2f4f7;border:1px solid #d0d5dd;${code};font-size:12px;line-height:17px;color:#1d2939;white-space:pre-wrap;${breaking}">${shown.join('<br>')}</td></tr></table>`,
  ];
}

function row(content: string, hasLine = false): string {
  const line = hasLine ? 'border-top:1px solid #e4e7ec;' : '';
  return `<tr><td class="pad line" style="padding:12px 24px;${line}${breaking}">${content}</td></tr>`;
}

/** Only what is a plain web address becomes a link. */
function linked(url: string | null, label: string): string {
  if (url === null || url.length > 1_000 || !/^https?:\/\/[^\s<>"']+$/i.test(url)) return escapeHtml(label);
  return `<a href="${escapeHtml(url)}" style="color:#175cd3">${escapeHtml(label)}</a>`;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Controls go, and what would turn the rest of the line around. */
function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}
