/**
 * Which lines belong to the line before: stack traces of Java, Python, Node, Go, .NET, Ruby and PHP, and whatever is
 * indented. One joiner follows one stream, line by line; it never looks ahead.
 *
 *   ERROR c.a.Cart - Boom                             opens
 *   java.lang.IllegalStateException: no cart          belongs: an exception right behind an error
 *       at c.a.Cart.pay(Cart.java:12)                 belongs: indented
 *   Caused by: java.net.ConnectException: refused     belongs: only ever stands inside
 *   INFO c.a.Cart - next                              opens
 */
import { stampAt } from './instants.ts';
import { formats } from './patterns.ts';

export interface LineJoiner {
  /** A line that opens, and what it says of itself. */
  opens(line: string, says: { readonly hasHeader: boolean; readonly severity: number }): void;
  /** Whether the line belongs to those since the one that opened. */
  continues(line: string): boolean;
}

/** Longer ones are cut into several, so that one entry stays one that a person could read. */
const maxLines = 512;
const maxCharacters = 64 * 1_024;

const exception =
  /^(?:Uncaught )?(?:[\w$]{1,80}(?:\.|::|\\)){0,12}(?:[A-Z][\w$]{0,80}?)?(?:Error|Exception|Throwable|Fault)\b(?:: |:?$| \[| \()/;
/** Stands inside a trace and nowhere else. */
const inside =
  /^(?:Caused by: |Suppressed: |\.\.\. \d{1,6} |Stack trace:$|#\d{1,4} |--- End of |During handling of the above exception|The above exception was the direct cause|\[signal SIG|created by |exit status \d|Node\.js v\d|Traceback \(most recent call last\):)/;
const goroutine = /^goroutine \d{1,10} \[/;
const goFrame = /^[\w./*()[\]·{}-]{1,200}\(.{0,1000}\)$/;
const rubyFrame = /^\S{1,300}\.rb:\d{1,7}:in /;
const nodeSource = /^(?:file:\/\/)?\/?[\w./@-]{1,300}\.[cm]?[jt]s:\d{1,7}$/;
const closing = /^[}\])]{1,4}[;,]?$/;

type Kind = 'none' | 'python' | 'python frame' | 'go' | 'ruby' | 'node';

export function createLineJoiner(): LineJoiner {
  let isAlarming = false;
  let kind: Kind = 'none';
  let wasIndented = false;
  let lines = 0;
  let characters = 0;

  const belongs = (line: string): boolean => {
    if (line === '') return true; // what follows decides; at the end it is nothing
    if (/^[ \t]/.test(line)) return !/^\s{1,64}\{"/.test(line) && !hasStamp(line.trimStart());
    if (kind === 'python frame' && /^[\w.]{1,200}(?:: |:?$)/.test(line)) return true;
    if (inside.test(line)) return kind !== 'none' || isAlarming || wasIndented || !/^(?:Traceback|#|created|exit)/.test(line);
    if (kind === 'go' && (goroutine.test(line) || goFrame.test(line) || /^panic: |^\t/.test(line))) return true;
    if (kind === 'ruby' && rubyFrame.test(line)) return true;
    if (kind === 'node' && exception.test(line)) return true;
    if (isAlarming && lines <= 2 && (exception.test(line) || rubyFrame.test(line) || goroutine.test(line))) return true;
    return wasIndented && closing.test(line);
  };

  return {
    opens(line, { hasHeader, severity }) {
      isAlarming = hasHeader && severity >= 13;
      kind = kindAfter(line, 'none');
      wasIndented = /^[ \t]/.test(line);
      lines = 1;
      characters = line.length;
    },
    continues(line) {
      if (lines >= maxLines || characters + line.length > maxCharacters || !belongs(line)) return false;
      kind = kindAfter(line, kind);
      if (line !== '') wasIndented = /^[ \t]/.test(line);
      lines++;
      characters += line.length;
      return true;
    },
  };
}

function kindAfter(line: string, before: Kind): Kind {
  if (line.startsWith('Traceback (most recent call last):')) return 'python';
  if (before === 'python' || before === 'python frame') return /^[ \t]/.test(line) ? 'python frame' : 'python';
  if (/^(?:panic: |fatal error: )/.test(line) || goroutine.test(line)) return 'go';
  if (rubyFrame.test(line)) return 'ruby';
  return nodeSource.test(line) ? 'node' : before;
}

/** An indented line with a stamp of its own opens, as does one that a known format begins. */
function hasStamp(line: string): boolean {
  const at = /^[[(]/.test(line) ? 1 : 0;
  const stamp = stampAt(line, at);
  return (
    (stamp !== null && stamp.instant !== null) ||
    formats.some(({ isWrapper, sign, pattern }) => isWrapper && sign.test(line) && pattern.test(line))
  );
}
