/**
 * How loggers write the head of a text line. Patterns look at the head only and repeat nothing without a bound and never
 * two things that match the same, so that a line of a megabyte takes no longer than one of a hundred characters.
 */
import { levelWords } from './severity.ts';

const spelled = levelWords.map((word) => [word.toUpperCase(), word, `${word[0]?.toUpperCase()}${word.slice(1)}`].join('|')).join('|');
const upper = levelWords.map((word) => word.toUpperCase()).join('|');
const level = `(?<level>${spelled})`;
const logger = '(?<logger>[\\w$.@/#:<>~+-]{1,200})';
/** One that cannot be a word of a sentence. */
const dotted = '(?<logger>(?=[\\w$-]{1,100}[.:/#$]\\w)[\\w$.@/#:<>~+-]{1,200})';
const brackets = '\\[[^\\]]{0,120}\\]';
const place = `(?: (?:${brackets}|\\([^)]{0,100}\\)))?`;

/** Behind a stamp; the first that fits wins. What it leaves is the message. */
export const afterStamp: readonly RegExp[] = [
  // Spring Boot: ERROR [cart,trace,span] 1 --- [cart] [nio-8080-exec-1] [trace-span] c.a.Cart   : Boom
  `\\s{1,4}${level} {1,4}(?:\\[(?<service>[\\w.-]{1,80}),[\\w, -]{0,80}\\] )?\\d{1,8} --- (?:\\[ {0,40}(?<app>[\\w.-]{1,80})\\] (?=\\[))?(?:${brackets} ?){1,3}${logger} {0,60}: `,
  // logback: [main] ERROR c.a.Cart - Boom
  `(?:\\s{0,4}(?:${brackets}|\\([^)]{0,100}\\))){1,3} {1,4}${level}\\s{1,6}${logger}${place} {1,40}[-:]{1,2} `,
  // log4j: ERROR [main] c.a.Cart - Boom · ERROR c.a.Cart:12 - Boom
  `\\s{1,4}\\[?${level}\\]?\\s{1,6}${brackets} {1,4}${logger}${place} {0,40}[-:]{1,2} `,
  `\\s{1,4}\\[?${level}\\]?\\s{1,6}${dotted} {1,40}[-:] `,
  // Python: - cart.db - ERROR - Boom
  `\\s{0,2}[-|] ?${logger} {0,40}[-|] ?${level} {0,8}[-|] ?`,
  // Loguru, NLog: | ERROR | cart:pay:12 - Boom
  `\\s{0,2}\\| ?${level} {0,10}\\| ?${logger} {0,40}[|-] ?`,
  // ZooKeeper: - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] - Notification
  `\\s{0,2}- ${level} {1,4}\\[(?<logger>[^ ]{1,200})\\] - `,
  // Spark, HDFS: INFO executor.Backend: Registered · 148 INFO dfs.DataNode: Packet
  `\\s{1,4}(?:\\d{1,8} )?\\[?${level}\\]? {1,4}${dotted}: `,
  // OpenStack: 25746 INFO nova.server [req-… tenant user - - -] GET
  `\\s{1,2}\\d{1,8} ${level} ${dotted} ${brackets} `,
  // Flask: ERROR in app: Boom · Celery: : ERROR/MainProcess] Boom
  ` ${level} in (?<logger>[\\w.-]{1,200}): `,
  `[:,] ?${level}/(?<logger>[^\\]]{1,100})\\] `,
  // Rust's env_logger: ERROR cart::pay] Boom
  ` ${level} {1,4}${logger}\\] `,
  // Monolog, Laravel: production.ERROR: Boom
  ` (?<logger>[\\w-]{1,80})\\.${level}: `,
  // Envoy: [12][error][upstream] [source/x.cc:12] Boom
  `\\[\\d{1,8}\\]\\[${level}\\]\\[(?<logger>[\\w.-]{1,80})\\] `,
  // nginx: [error] 31#31: *7 connect() failed · Apache: [proxy:error] [pid 31:tid 14] Boom
  `\\s\\[(?:(?<logger>[\\w.-]{1,60}):)?${level}\\] (?:\\d{1,8}#\\d{1,8}: |\\[pid \\d{1,8}(?::tid \\d{1,20})?\\] )?`,
  // MySQL: 0 [ERROR] [MY-010000] [Server] Boom
  `\\s\\d{1,10} \\[${level}\\] (?:\\[MY-\\d{1,8}\\] )?(?:\\[(?<logger>[\\w-]{1,40})\\] )?`,
  // zap on a console: <tab>ERROR<tab>cart<tab>pay.go:12<tab>Boom
  `\\t${level}\\t(?:(?<logger>[\\w./-]{1,200})\\t)?(?:[\\w./-]{1,200}:\\d{1,6}\\t)?`,
  // Rust's tracing: ERROR request{id=1}: cart::pay: Boom
  `\\s{1,3}${level} (?:[\\w-]{1,80}\\{[^}]{0,300}\\}: ?){0,4}(?<logger>\\w{1,60}::\\w{1,60}(?:::\\w{1,60}){0,8}): `,
  // pino-pretty: ERROR (cart/123): Boom
  `\\s${level} \\((?:(?<service>[\\w.-]{1,80})/)?\\d{1,8}\\): `,
  // PostgreSQL: [123] user@db ERROR:  Boom
  `\\s{0,2}\\[\\d{1,8}(?:-\\d{1,8})?\\](?: [^\\s:]{1,100})? (?<level>LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG|STATEMENT|DETAIL|HINT|CONTEXT): {1,2}`,
  // PHP: PHP Fatal error:  Boom
  ' PHP (?<level>Fatal error|Parse error|Warning|Notice|Deprecated): {1,2}',
  // Redis: 1:M 20 Aug 2026 10:00:00.123 # Boom
  ' (?<redis>[.*#-]) ',
  // Go: main.go:12: Boom
  ' (?<logger>[\\w./-]{1,100}\\.go:\\d{1,6}): ',
  // Anything else that names a level soon, in brackets or in capitals; groups, numbers and dashes may stand before it.
  `(?:\\s{0,4}(?:${brackets}|\\d{1,10}\\b|-{1,3}|\\||:)){0,6}\\s{0,4}(?:[[(<|](?<level2>${spelled}) {0,8}[\\])>|]|(?<level>${upper})(?:[\\])>|](?= ))?)(?: {0,8}[:|-])?(?=[\\s[]|$)[ \\t]{0,8}`,
].map((pattern) => new RegExp(pattern, 'y'));

/** RFC 3164's host is no level: `10:00:00 ERROR cart: Boom` is no syslog. */
const host = `(?!(?:${upper})\\b)(?<host>[\\w.:-]{1,255})`;
const rfc3339 = '\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,20}(?:Z|[+-]\\d\\d:\\d\\d)';

export interface Format {
  /** Cheap first look. */
  readonly sign: RegExp;
  readonly pattern: RegExp;
  /** It only carries a line of somebody else's. */
  readonly isWrapper?: boolean;
}

/** From the very beginning of a line. */
export const formats: readonly Format[] = [
  {
    // The container runtime interface: stamp, stream, F or P (a part), line
    sign: /^\d{4}-/,
    pattern: new RegExp(`^(?<stamp>${rfc3339}) (?:stdout|stderr) (?<part>[FP])(?::\\w{1,20})? `),
    isWrapper: true,
  },
  // docker compose: cart-1  | line
  { sign: /^[\w.-]+ *\| /, pattern: /^(?<service>[a-z][\w.-]{0,80}?)(?:[-_]\d{1,3})? {1,40}\| /, isWrapper: true },
  {
    // RFC 5424: <34>1 stamp host app proc id [data] line
    sign: /^<\d/,
    pattern:
      /^<(?<pri>\d{1,3})>1 (?<stamp>\S{1,40}) (?<host>\S{1,255}) (?<app>\S{1,48}) \S{1,128} \S{1,32} (?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+)(?: \ufeff?|$)/,
    isWrapper: true,
  },
  {
    // RFC 3164 with or without its priority, rsyslog's stamp too
    sign: /^(?:<\d|[A-Z][a-z]{2} |\d{4}-)/,
    pattern: new RegExp(
      `^(?:<(?<pri>\\d{1,3})>)?(?<stamp>[A-Z][a-z]{2} {1,2}\\d{1,2} [\\d:]{8}|${rfc3339}) ${host} (?<app>[\\w./@-]{1,64})(?:\\([\\w-]{1,40}\\))?(?:\\[\\d{1,10}\\])?: `,
    ),
    isWrapper: true,
  },
  {
    // klog, glog: E0820 10:00:00.123456       1 cart.go:12] Boom
    sign: /^[IWEF]\d{4} /,
    pattern: /^(?<letter>[IWEF])(?<klog>\d{4} \d\d:\d\d:\d\d)(?:\.\d{1,6})? {1,10}\d{1,10} (?<logger>[\w.-]{1,100}:\d{1,6})\] /,
  },
  {
    // Ruby's Logger: E, [2026-08-20T10:00:00.123456 #1234] ERROR -- cart: Boom
    sign: /^[ADIWEF], \[/,
    pattern: new RegExp(`^[ADIWEF], \\[(?<stamp>[^ \\]]{1,40}) #\\d{1,10}\\] {1,4}(?:${level}|ANY) -- (?<logger>[^:]{0,80}): `),
  },
  // Python's basicConfig: ERROR:cart.db:Boom
  { sign: /^[A-Z]+:/, pattern: /^(?<level>DEBUG|INFO|WARNING|ERROR|CRITICAL):(?<logger>[\w.]{1,200}):/ },
  // logrus on a terminal: ERRO[0012] Boom
  { sign: /^[A-Z]{4}\[/, pattern: /^(?<level>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[\d{1,10}\] / },
  // .NET's console: fail: Cart.Payments[12]
  { sign: /^[a-z]{4}: /, pattern: /^(?<level>trce|dbug|info|warn|fail|crit): (?<logger>[\w.`+<>]{1,200})\[\d{1,10}\](?:\s{1,8}|$)/ },
  // A bare level before a message: [ERROR] Boom, <error> Boom, ERROR: Boom, ERROR - Boom, ERROR Boom
  { sign: /^[[<]/, pattern: new RegExp(`^[[<]${level}[\\]>](?: ?[:-])? {1,4}`) },
  { sign: /^[A-Za-z]/, pattern: new RegExp(`^(?!panic: |fatal error: )${level}(?::|(?<=[A-Z]) (?=- ))(?: - | {1,10})(?=\\S)`) },
  { sign: /^[A-Z]{3}/, pattern: /^(?<level>TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE) {1,8}(?:- )?(?=\S)/ },
];

/** Common and combined access logs. The line is kept whole: all of it is the message. */
export const accessLog =
  /^\S{1,255} \S{1,64} [^[\]]{1,128} \[(?<stamp>\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:]{8} [+-]\d{4})\] "[^"]{0,900}" (?<status>[1-5]\d\d) /;

/** What may stand before a stamp: `[`, `(`, or Redis' process and role. */
export const beforeStamp = /^(?:\d{1,8}:[MSCX] |[[(])?/;
