/**
 * What a line says of a service that could not be reached: whom, and how. Only the place is taken from the text (host,
 * address, port); which service that is, the directory and the map say. Words are never matched to names.
 *
 *   dial tcp 10.0.0.7:8080: connect: connection refused     →  { host: '10.0.0.7', port: 8080, manner: 'refused' }
 *   dial tcp: lookup cart on 10.0.0.2:53: no such host      →  { host: 'cart', port: null, manner: 'unresolved' }
 */
const manners = [
  'refused',
  'unresolved',
  'timeout',
  'unavailable',
  'untrusted',
  'crossed',
  'misdirected',
  'denied',
  'unset',
  'unmigrated',
] as const;
export type Manner = (typeof manners)[number];

export interface Unreached {
  /** A name or an address; `''` where the line names nobody. */
  readonly host: string;
  readonly port: number | null;
  readonly manner: Manner;
  /** The line quotes an application error of somebody else. */
  readonly relayed: boolean;
  /** The host is what stands behind `upstream=` and the like: a name somebody gave it, which is a place only where a service has it. */
  readonly isLabel?: boolean;
}

const unreached =
  /refused|no such host|unknown ?host|timed? ?out|timeout|deadline exceeded|unavailable|unreachable|not reachable|no (?:available )?instances?|no route to host|(?:unable|failed|cannot|could not|not possible) ?to ?connect|(?:cannot|could not|can't|couldn't) connect|connect(?:ion)? (?:failed|error|reset)|connection attempt failed|failed to respond|forcibly closed|enotfound|eai_again|\beconn|name resolution|name or service not known|server misbehaving|could not (?:be )?resolved?|could not translate host|dns resolution failed|connection_failure|no_healthy_upstream|no live upstreams|host not found in upstream|no servers available for|connection to [^\n]{0,80}:\d{2,5}\)? (?:failed|could not be established)|\bhealth check [^\n]{1,80} with status (?:degraded|unhealthy)\b[^\n]{1,60}\bcancell?ed\b/i;

const resolving =
  /no such host|unknown ?host|host not found|(?:unable|failed) to resolve host|enotfound|eai_again|name resolution|server misbehaving|name or service not known|could not (?:be )?resolved?|could not translate host|dns resolution failed/i;
/** A certificate that its reader does not take: out of date, for another name, of nobody known. */
const distrusting =
  /\bx509:|certificate (?:has expired|verify failed|is not valid|is valid for|problem|chain)|(?:cert|certpath)\w*exception|\bcert_has_expired|invalid peer certificate|pkix path|verify the first certificate|remote certificate is invalid|(?:ssl|tls)(?: connection)? (?:could not be established|handshake failed)|handshake(?:exception| failed)/i;
/** One side speaks TLS and the other does not: what whoever speaks it gets is not TLS, in the words of the libraries. */
const crossing =
  /unsupported or unrecognized ssl message|\b(?:ssl|tls)[^\n]{0,80}wrong[ _]version[ _]number|server gave http response to https client|first record does not look like a tls handshake|\bnot an ssl\/tls record\b/i;
/**
 * A gRPC server that has no such service: the words of Go and Rust, which tell it from a method that is missing, and those of Java, Node,
 * Python and .NET, which do not. Health checks, reflection, telemetry and meshes are left out: many a server has nothing of them.
 */
const withoutService = /\bunimplemented\b[^\n]{0,60}\bunknown service (?!(?:grpc|opentelemetry|envoy)\.)/i;
const withoutMethod =
  /\bunimplemented\b[^\n]{0,40}\bmethod not found\b(?!: (?:grpc|opentelemetry|envoy)\.)|\bstatus = StatusCode\.UNIMPLEMENTED\b|\bserver does not implement the method \/(?!(?:grpc|opentelemetry|envoy)\.)[\w.]+\/|\bunimplemented\b[^\n]{0,40}\bservice is unimplemented\b/i;
const misdirecting = new RegExp([withoutService, withoutMethod].map(({ source }) => source).join('|'), 'i');
/** Whether a server lacks the whole service, and not only a method that a later version has. */
export const lacksService = (line: string): boolean => withoutService.test(line.slice(0, readTo));
/** A store or broker that does not take the account it is asked with: the wording of the servers and of their drivers. */
const denying =
  /(?:password|sasl|scram|client) authentication failed|access denied for user|login failed for user|\bNOAUTH\b|\bWRONGPASS\b|\bACCESS_REFUSED\b|mongo\w*: authentication failed|invalid username-password pair/i;
/** A setting of its own that whoever writes the line should have been given and was not: a variable, a secret, a file of either. */
const lacking =
  /\benv(?:ironment)?[ _-]?var(?:iable)?s?\b[^.;\n]{0,60}\b(?:not found|not set|not defined|not provided|is missing|is required|is unset|is empty|must be set)\b|\b(?:config(?:uration)?|secret)s?(?: (?:key|value|entry|file|map))? (?:["'`][\w./:-]{1,80}["'`]|[\w-]{1,40}[._/][\w./-]{1,80}) (?:is |was )?(?:not found|not set|not defined|missing|required|unset|empty)\b|\b(?:missing|undefined|unset) (?:required )?(?:env(?:ironment)?(?:[ _-]?var(?:iable)?s?)?|configuration|secrets?)\b|\bEnvNotFound|could not resolve placeholder|\/(?:etc|config|secrets?|run\/secrets)\/[\w./-]{1,120}["']?:? ?\(?(?:no such file|does not exist|not found)|no such file or directory[^\n]{0,20}\/(?:etc|config|secrets?|run\/secrets)\//i;
/** The same of a name in capitals, as variables have them. */
const lackingName = /\bKeyError\b.{0,20}["'][A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,60}["']/;
/** A database has no such table or column, in the words of the servers: whoever asks for it takes it to be laid out otherwise than it is. */
const unmigrated =
  /\b(?:relation|column) "?[\w.]{1,120}"? does not exist\b|\bno such (?:table|column): |\bTable '[^'\n]{1,120}' doesn't exist\b|\bUnknown column '[^'\n]{1,120}' in\b|\bInvalid (?:object|column) name '|\bORA-009(?:04|42)\b/i;
/** The server's own account of it (PostgreSQL): it answers as it should. */
const toldByServer = /\bat character \d/i;
/** Whether a line says any of it, in one look: most lines do not. */
const complaining = new RegExp([unreached, distrusting, crossing, misdirecting, denying].map(({ source }) => source).join('|'), 'i');
const telltale = new RegExp([complaining, lacking, unmigrated].map(({ source }) => source).join('|'), 'i');
/**
 * Lines with no word of an error in them: proxies on a request that reached nobody (Envoy's response code details) and on a place that they
 * were told and that does not exist (nginx), .NET on a check that waited in vain, Python on a call by gRPC.
 */
export const wordlessly =
  /\{connection_failure|no_healthy_upstream|\bhost not found in upstream\b|\bHealth check \S{1,80} with status (?:Degraded|Unhealthy)\b|\bstatus = StatusCode\.UNIMPLEMENTED\b/;
/**
 * Telemetry that could not be sent: by who sends it (OpenTelemetry's, Zipkin's and Jaeger's clients), by the paths and the ports of
 * its protocols. It says nothing of any request, and a collector that is away hurts nobody.
 */
const unsentTelemetry =
  /\bexport(?:er|ed|ing)?\b.{0,40}\b(?:spans?|traces?|metrics|log records|telemetry|otlp)\b|\b(?:spans?|traces?|metrics?|otlp\w{0,10}|zipkin|jaeger)[ \w.-]{0,20}(?:exporter|reporter|export)\b|opentelemetry[\w./-]{0,60}export/i;
const telemetryPlace = /\/v1\/(?:traces|metrics|logs)\b|\/api\/v2\/spans\b|:(?:4317|4318|9411|14250|14268)\b/i;
const telemetryWord = /export|otlp|otel|telemetry|collector|zipkin|jaeger|\bspans?\b|\btrac(?:es?|ing)\b/i;
const telemetryHost =
  /(?:^|[.-])(?:otel|otlp|opentelemetry|jaeger|zipkin|sentry|bugsnag|rollbar|datadog|newrelic|statsd|pushgateway|fluentd|fluent-?bit|logstash)(?=[.-]|$)/;
/** Whether a host takes telemetry or reports of errors, by the names of what runs there. */
export const takesTelemetry = (host: string): boolean => telemetryHost.test(host);
const refusing = /refused|econnrefused|unable ?to ?connect|no route to host/i;
/** The last two are how Windows and .NET say that nothing came back (WSAETIMEDOUT). */
const waiting =
  /timed? ?out|timeout|deadline exceeded|etimedout|did not properly respond|has failed to respond|\b(?:task|operation) was cancell?ed\b/i;

/** The first that fits is meant. */
const byWords: readonly (readonly [Manner, RegExp])[] = [
  ['denied', denying],
  ['crossed', crossing],
  ['untrusted', distrusting],
  ['misdirected', misdirecting],
  ['unresolved', resolving],
  ['refused', refusing],
  ['timeout', waiting],
];

const name = String.raw`(?:[a-z0-9_](?:[\w-]*[\w])?\.)*[a-z0-9_](?:[\w-]*\w)?`;
const lookups = [
  new RegExp(
    String.raw`\blookup (?:for host |(?!(?:address information|failed|failure|error|timed|timeout)\b))["']?(${name})["']?(?: on |:)`,
    'i',
  ),
  new RegExp(String.raw`\b(?:ENOTFOUND|EAI_AGAIN) (${name})`, 'i'),
  new RegExp(`UnknownHost(?:Exception)?:? ?(${name})`, 'i'),
  new RegExp(`(?:not resolve host:|translate host name|getaddrinfo for) ["']?(${name})`, 'i'),
  new RegExp(`failed to resolve ["'](${name})`, 'i'),
  new RegExp(String.raw`\b(${name}) could not be resolved`, 'i'),
  new RegExp(`(?:resolve|host(?:name)?) ["']?(${name})["']?: (?:name|no|unknown)`, 'i'),
  new RegExp(`no (?:available )?instances? (?:available )?for (${name})`, 'i'),
  new RegExp(`no servers available for service: (${name})`, 'i'),
  new RegExp(String.raw`(?:unable|failed) to resolve host(?:name)? ["']?(${name})["']?(?:$|[:;,.\n])`, 'i'),
  new RegExp(`host not found in upstream ["'](${name})`, 'i'),
  // gRPC's C core, Node and .NET.
  new RegExp(String.raw`\b(?:dns|name) resolution failed for (?:service: ?|target )?["']?(?:dns:/*)?(${name})`, 'i'),
  new RegExp(`\\bdns hosts for address ["'](${name})`, 'i'),
];
const url = new RegExp(String.raw`\bhttps?://(${name}):?(\d{2,5})?`, 'gi');
const hostPort = /(?<![\w.:/-])((?:\d{1,3}\.){3}\d{1,3}|(?:[a-z][\w-]*\.)*[a-z][\w-]*)[:/](\d{2,5})(?!\d|\.\d|:\d)/gi;
/** `HTTPConnectionPool(host='cart', port=8080)` (urllib3), `server at "db" (10.0.0.7), port 5432 failed` (libpq). */
const keyed = [
  new RegExp(String.raw`\bhost(?:name)?=["']?(${name})["']?,? ?port=(\d{2,5})`, 'gi'),
  new RegExp(String.raw`\b(?:server )?at "(${name})"(?: \([\da-f.:]+\))? ?, port (\d{2,5})`, 'gi'),
  // `server running on host "db" (10.0.0.7) and accepting TCP/IP connections on port 5432` (libpq before 14).
  new RegExp(String.raw`\bon host "(${name})"(?: \([\da-f.:]+\))? and accepting TCP/IP connections on port (\d{2,5})`, 'gi'),
  // `Unspecified/cart:27017` (.NET), `cart/<unresolved>:6379` (Netty), `tcp://cart:5672`, `Failed to connect to cart port 8080` (curl).
  new RegExp(String.raw`\bUnspecified/(${name}):(\d{2,5})`, 'gi'),
  new RegExp(String.raw`(?<![\w.:/-])(${name})/<unresolved>:(\d{2,5})`, 'gi'),
  new RegExp(String.raw`\b(?:tcp|tls|amqps?|rediss?|kafka|mongodb|grpc|postgres(?:ql)?|mysql)://(${name}):(\d{2,5})`, 'gi'),
  new RegExp(String.raw`\bconnect to (${name}) port (\d{2,5})`, 'gi'),
  // `Connect call failed ('10.0.0.7', 5432)` (Python's asyncio), `{:econnrefused, "cart", 9092}`, `{{'cart',9092},econnrefused}` (Erlang, Elixir).
  new RegExp(String.raw`\bConnect call failed \(["'](${name})["'], ?(\d{2,5})`, 'gi'),
  new RegExp(
    String.raw`\b(?:econnrefused|etimedout|ehostunreach|enetunreach|nxdomain|timeout), ?["'](${name})["'], ?(\d{2,5})(?=[)}])`,
    'gi',
  ),
  new RegExp(String.raw`["'](${name})["'], ?(\d{2,5})\}, ?:?(?:econnrefused|etimedout|ehostunreach|enetunreach|nxdomain|timeout)\b`, 'gi'),
  // gRPC's C core: `ipv4:10.0.0.7:8080: Failed to connect to remote host`.
  /\bipv4:((?:\d{1,3}\.){3}\d{1,3}):(\d{2,5})/gi,
  // `Can't connect to MySQL server on 'cart' (111)`, `... on 'cart:3306' (110)` (clients of MySQL and MariaDB).
  new RegExp(String.raw`\bserver on ["'](${name})(?::(\d{2,5}))?["']`, 'gi'),
  // `host=cart user=shop database=orders` (libpq's and pgx's settings).
  new RegExp(String.raw`\bhost=(${name}) user=`, 'gi'),
];
/**
 * `upstream=cart`, `"target": "cart"`: whom a client asked, as its logger has it; `cart not reachable`, `cart connect attempt 3 failed`: as a
 * program does that waits for it.
 */
const labels = [
  new RegExp(
    String.raw`\b(?:upstream|peer[._]service|target(?:[._]service)?|dest(?:ination)?(?:[._]service)?|backend|callee|remote[._]service|dependency)["']?[=:] ?["']?(${name})(?=["'\s,;})\]]|$)`,
    'i',
  ),
  new RegExp(String.raw`(?:^|[\]:;,(\x22'=>] ?)(${name}) (?:is )?(?:not reachable|unreachable)\b`, 'i'),
  new RegExp(String.raw`\bhealth check (${name}) with status\b`, 'i'),
  new RegExp(String.raw`(?<![\w.-])(${name}) connect(?:ion)? (?:attempt #?\d+ )?failed\b`, 'i'),
];
/** `outbound|8080||cart.shop.svc.cluster.local`: whom a mesh's proxy sent a request to (Istio's name of a cluster). */
const meshTarget = new RegExp(String.raw`\boutbound\|(\d{2,5})\|[^|\s]*\|(${name})`, 'i');
/** `Connection refused: cart/10.0.0.7:8080` and `/10.0.0.7:8080`: an address as Java prints it, its name where it had one. */
const javaAddress = new RegExp(String.raw`(?<![\w.:/-])(${name})?/((?:\d{1,3}\.){3}\d{1,3}):(\d{2,5})(?!\d)`, 'gi');
/** Of an address: a name, a password, a key. */
const userInfo = /:\/\/[^\s/@"'<>]{1,256}@/g;
/** `grpc_status:14`, `errno:111`, `line:80`: a field and its number. Services may have such names, and seldom ports that low. */
const fieldName = /(?:^|[_-])(?:status|code|errno|error|line|column|port|pid|exit|attempts?|retr(?:y|ies)|count|size|length|level)$/i;
const lowestPort = 1_000;
const usualPorts: ReadonlySet<number> = new Set([80, 443]);
/** Documentation links in exception texts are hosts of nobody here, and `RestTemplate.java:915` is a line of a program. */
const notAHost = /\.(?:com|org|io|net|dev|ms|md|html|java|kt|scala|go|py|js|ts|cs|rb|rs|php)$/i;

/** Lines are read this far: what could not be reached stands at the front, stack traces follow. */
const readTo = 1500;

const resolverSilent =
  /\beai_again\b|temporary failure in name resolution|\bservfail\b|server misbehaving|\blookup [^\n]{1,200}: (?:i\/o timeout|connection refused)/i;

/**
 * Nobody told whether there is such a name: whoever is asked for names did not answer. That is the matter of the one who asks, or of
 * all, and says nothing of the place that was looked for.
 */
export const isResolverSilent = (line: string): boolean => resolverSilent.test(line.slice(0, readTo));

export function unreachedIn(line: string): Unreached | null {
  const whole = line.length > readTo ? line.slice(0, readTo) : line;
  if (!telltale.test(whole) && !lackingName.test(whole)) return null;
  if (unsentTelemetry.test(whole) || (telemetryPlace.test(whole) && telemetryWord.test(whole))) return null;
  // Who asks is no place, and `https://<key>@host` must not make a service of a key.
  const text = whole.replace(userInfo, '://');
  const isUnmigrated = unmigrated.test(text);
  if (isUnmigrated && toldByServer.test(text)) return null;
  const unset: Unreached = { host: '', port: null, manner: isUnmigrated ? 'unmigrated' : 'unset', relayed: false };
  if (isUnmigrated || !complaining.test(text)) return unset;
  const manner = mannerOf(text);
  const relayed = /code = (?!Unavailable|DeadlineExceeded|Unimplemented)\w+ desc = /i.test(text);
  // Whoever comes with something else than TLS is told of by an address and a port of its own.
  if (manner === 'misdirected' || (manner === 'crossed' && /\bhandshake (?:error )?from\b/i.test(text)))
    return { host: '', port: null, manner, relayed };
  for (const pattern of lookups) {
    const host = pattern.exec(text)?.[1]?.toLowerCase();
    if (host !== undefined) return { host, port: null, manner, relayed };
  }
  // The innermost place stands last: "GET http://a/x: dial tcp 10.0.0.7:80: refused" is about 10.0.0.7.
  const sent = meshTarget.exec(text);
  if (sent !== null) return { host: sent[2]!.toLowerCase(), port: Number(sent[1]), manner, relayed };
  const place =
    keyed.reduce<Place | null>((found, pattern) => found ?? last(text, pattern), null) ??
    javaPlace(text) ??
    last(text, hostPort) ??
    last(text, url);
  if (place !== null) return { ...place, manner, relayed };
  if (lacking.test(text) || lackingName.test(text)) return unset;
  const label = labels.reduce<string | undefined>((found, pattern) => found ?? pattern.exec(text)?.[1], undefined);
  return label === undefined
    ? { host: '', port: null, manner, relayed }
    : { host: label.toLowerCase(), port: null, manner, relayed, isLabel: true };
}

function mannerOf(text: string): Manner {
  const [manner = 'unavailable'] = byWords.find(([, words]) => words.test(text)) ?? [];
  return manner;
}

/** The host that a line could not reach; `''` where it names none, or only by a name that somebody gave it. */
export function unreachedHost(line: string): string {
  const found = unreachedIn(line);
  return found === null || found.isLabel === true ? '' : found.host;
}

interface Place {
  readonly host: string;
  readonly port: number | null;
}

function javaPlace(text: string): Place | null {
  const found = [...text.matchAll(javaAddress)].at(-1);
  return found === undefined ? null : { host: (found[1] ?? found[2] ?? '').toLowerCase(), port: Number(found[3]) };
}

function last(text: string, pattern: RegExp): Place | null {
  let found: Place | null = null;
  for (const match of text.matchAll(pattern)) {
    const host = match[1]!.toLowerCase();
    if (notAHost.test(host)) continue;
    const port = match[2] === undefined ? null : Number(match[2]);
    if (port !== null && port < lowestPort && !usualPorts.has(port) && fieldName.test(host)) continue;
    if (port === null || port <= 65_535) found = { host, port };
  }
  return found;
}

/** Words that say the caller sent what it should not have: a missing token, a wrong argument. */
export const callerFault =
  /\b40[013]\b|forbidden|unauthori[sz]ed|unauthenticated|access ?denied|permission ?denied|bad ?request|invalid ?argument|illegal ?argument|\b(?:no|missing|invalid|expired) (?:auth|access|bearer|api|id|refresh|session|csrf|jwt) ?(?:token|key)\b|\bmissing (?:token|credentials|authori[sz]ation)\b/i;

/** Of these those by which whoever was asked says that the other may not: "invalid argument" it says of its own mistakes as well. */
export const refusedInWords =
  /forbidden|unauthori[sz]ed|unauthenticated|access ?denied|permission ?denied|\b(?:no|missing|invalid|expired|without(?: a)?) (?:auth|access|bearer|api|id|refresh|session|csrf|jwt) ?(?:token|key)\b|\bmissing (?:token|credentials|authori[sz]ation)\b/i;

/**
 * Whoever checks a token has no key for it, in the words of the libraries: since keys were rotated, as a rule, and it still holds the
 * set from before. Whoever brings the token was given it and passes it on.
 */
export const lacksKey =
  /\bunknown (?:kid|key id)\b|\bno (?:matching|applicable) (?:signing )?(?:kid|key)\b|unable to (?:find|match) (?:an? |the )?(?:matching |signing |public |verification )?key\b|\b(?:kid|key|key id) [^\n]{0,80}not found in (?:the )?(?:jwks|json web key set|key ?set)|\bSigningKeyNotFound|JWKSNoMatchingKey|\bIDX1050[013]\b|\bfailed to find key with key id\b/i;

/** Whoever was sent something cannot make sense of how it is written, in the words of those that read JSON, XML, protobuf, Avro and the like. */
export const cannotRead =
  /\b(?:cannot|could not|can't|failed to|unable to) (?:deserialize|unmarshal|decode|parse)\b|\binvalid (?:protobuf|json|message format)\b|InvalidProtocolBuffer|\bwire type\b|InvalidFormatException|UnrecognizedPropertyException|MismatchedInputException|JsonParseException|JsonMappingException|JsonReaderException|JSONDecodeError|\bSyntaxError: Unexpected|\binvalid character .{1,20} (?:looking for|after)|SerializationException|DeserializationException|AvroTypeException|\bsubject .{1,80} not compatible\b|\bin JSON at position\b|\bunexpected token\b|\bunrecognized token\b|\bmalformed ?json\b|\bunexpected end of (?:JSON|input)\b|JSON(?:Parse|Decode|Syntax|Mapping)\w*|\bexpecting value: line \d/i;

/**
 * What was sent ends before it should, in words for a document, a body or a message, and not for any file or text: a way of reading seldom
 * brings that about, as it does a field that is missed or a type that does not fit. Whoever sent it stopped halfway, or what lies between cut it.
 */
export const cutShort =
  /\bunexpected end[ -]of[ -](?:JSON|input|document|message|body|content|payload)|\bEOF while parsing\b|\bjson\b[^\n]{0,40}\bunexpected EOF\b|\bJSONDecodeError: Unterminated string\b|\bunterminated string in JSON\b|\bpremature end of (?:Content-Length|chunk|JSON|body|response|message)|\b(?:ended|closed|finished) prematurely\b|\bIncompleteRead\b|\bContentLengthError\b|\bpayload is not completed\b|\breached end of data\b|\bJsonEOFException\b|\btruncated (?:body|response|reply|message|payload|JSON|stream)\b|\bcontent[ -]length mismatch\b/i;

const hangingUp =
  /connection (?:was |has been |is )?(?:reset|closed|lost|aborted|dropped|terminated)|reset by peer|econnreset|broken ?pipe|\bepipe\b|link failure|gone away|closed the connection|lost connection|connect etimedout|i\/o timeout|unexpected (?:eof|end of (?:file|stream))|socket (?:hang up|closed)|connect(?:ion)? ?(?:attempt )?time(?:d ?)?out|(?:failed|unable|cannot|could not) (?:to )?connect|connect(?:ion)? failed/i;
const ownPool = /pool(?!er)|acquir|borrow|check ?out/i;

/** No connection, or one that was lost: about the other side or the way to it, not about what was asked or who waited for what of his own. */
export const isHungUp = (text: string): boolean => hangingUp.test(text) && !ownPool.test(text);

/** A breaker that lets no call through, since too many failed before. */
export const breakerOpen = /(?:circuit[- ]?(?:breaker)?|\bbreaker)\b.{0,60}\bopen(?:ed)?\b|\bopen(?:ed)? circuit|call ?not ?permitted/i;

/** HTTP and gRPC (plus 1000) codes with the same meaning. */
export const callerFaultCodes: ReadonlySet<number> = new Set([400, 401, 403, 405, 406, 415, 422, 1003, 1007, 1016]);
