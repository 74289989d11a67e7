/** A structured record (a JSON line, logfmt pairs, a shipper's record) → a log entry: each thing under the names people use. */
import { emptyEntry, type LogEntry, type LogValue } from '../log-entry.ts';
import { workloadOf } from '../pod-name.ts';
import { type Fields, fieldsOf, isObject, type Json, jsonText, nameList, plainName } from './fields.ts';
import { hollowFields } from './hollow-fields.ts';
import { believed, instantOf } from './instants.ts';
import { severityOf, severityOfPython, severityOfSyslog } from './severity.ts';

/** What was found, and what is only a guess: a line inside that says better wins over it. */
export interface Reading {
  readonly entry: LogEntry;
  readonly guess: { readonly severity: number; readonly service: string | null };
}

/** Names as letters and digits, best first (see `fields.ts`). Sources: PROTOCOLS B5, ECS, OTel, the loggers' own formats. */
const lists = {
  time: nameList(
    'timestamp time ts t date datetime eventtime asctime timeunixnano timeunix observedtimeunixnano instantepochsecond epochmillis created timemillis eventcreated sourcerealtimetimestamp realtimetimestamp',
  ),
  level: nameList('loglevel level severity severitytext levelname lvl loglevelname logseverity syslogseverity priority'),
  text: nameList(
    'message msg log body bodystringvalue event shortmessage fullmessage text textpayload renderedmessage logmessage messagetemplate line logoriginal eventoriginal description',
  ),
  service: nameList(
    'servicename resourceservicename service app appname application applicationname kuberneteslabelsappkubernetesioname kuberneteslabelsapp kubernetespodlabelsappkubernetesioname kubernetespodlabelsapp labelsappkubernetesioname ddservice otelservicename resourceattributesservicename springapplicationname k8sdeploymentname',
  ),
  container: nameList(
    'kubernetesdeploymentname kubernetescontainername k8scontainername container containername dockercontainername labelcomdockercomposeservice composeservice comdockercomposeservice job jobname program syslogidentifier unit systemdunit',
  ),
  trace: nameList('traceid oteltraceid ddtraceid xb3traceid amzntraceid xraytraceid parenttraceid logginggoogleapiscomtrace trace'),
  span: nameList('spanid otelspanid ddspanid xb3spanid logginggoogleapiscomspanid'),
  correlation: nameList(
    'correlationid xcorrelationid requestid xrequestid httprequestid httpreqid httprequestheadersxrequestid reqid reqxrequestid reqheadersxrequestid headersxrequestid transactionid txnid txid conversationid sessionid',
  ),
  component: nameList(
    'logger loglogger loggername logname category sourcecontext scopename caller component module logorigin processthreadname thread threadname',
  ),
  instance: nameList(
    'serviceinstanceid servicenodename k8spodname kubernetespodname pod podname hostname host nodename instance machinename',
  ),
  version: nameList('serviceversion version appversion release'),
  namespace: nameList('servicenamespace'),
  environment: nameList('deploymentenvironmentname deploymentenvironment serviceenvironment'),
  method: nameList('httpreqmethod httprequestmethod httpmethod requestmethod reqmethod method'),
  path: nameList(
    'httpreqpath httproute urlpath httptarget httpurl urloriginal urlfull requestpath requesturi requesturl reqpath requrl path uri url route',
  ),
  status: nameList(
    'httprespstatus httpresponsestatuscode httpstatuscode responsestatuscode responsestatus resstatuscode statuscode status',
  ),
  errorType: nameList('errortype errtype exceptiontype errname errorname exceptionclass errorkind exceptionname exceptionexceptionclass'),
  errorText: nameList('errormessage errmessage exceptionmessage err error errorreason exceptionmsg exceptionexceptionmessage errormsg'),
  stack: nameList(
    'stacktrace errorstacktrace errstack errorstack exceptionstacktrace exception stack excinfo exctext thrownextendedstacktrace exceptionstack exceptionbacktrace backtrace',
  ),
  python: nameList('levelno'),
  pythonName: nameList('levelname level'),
  otel: nameList('severitynumber'),
  name: nameList('name'),
  pod: nameList('kubernetespodname k8spodname pod podname'),
  template: nameList('messagetemplate'),
};

/** Formats that spell with single letters, which elsewhere mean anything. */
const spellings: readonly { readonly sign: string; readonly names: Readonly<Record<string, string>> }[] = [
  // Serilog's compact form: github.com/serilog/serilog-formatting-compact
  {
    sign: '@t',
    names: { '@t': 'time', '@l': 'level', '@m': 'message', '@mt': 'messageTemplate', '@x': 'stack', '@tr': 'traceId', '@sp': 'spanId' },
  },
  // MongoDB's server log: mongodb.com/docs/manual/reference/log-messages
  { sign: 's', names: { t: 'time', s: 'level', c: 'component', ctx: 'thread' } },
];

const maxAttributes = 64;
const maxValueLength = 1_024;
/** Of ids and names; what is longer is neither. */
const maxNameLength = 256;

/** `text` of the entry is the message as it stands there, perhaps a formatted line itself. */
export function readRecord(written: Json, receivedAt: number): Reading {
  const record = spelledOut(written);
  const fields = fieldsOf(record);
  const { severity, guess } = levelOf(fields);
  const entry: LogEntry = {
    ...emptyEntry,
    timeMs: fields.pick(lists.time, (value) => believed(instantOf(value), receivedAt)),
    ...whose(fields, record),
    severity,
    text: textOf(fields, record, written),
    traceId: fields.pick(lists.trace, traceName),
    spanId: fields.pick(lists.span, idName),
    correlationId: fields.pick(lists.correlation, idName),
    instance: fields.pick(lists.instance, nameOf),
    version: fields.used.has('@version') ? null : fields.pick(lists.version, nameOf),
    namespace: fields.pick(lists.namespace, nameOf),
    environment: fields.pick(lists.environment, nameOf),
  };
  const service = containerOf(fields);
  return { entry: { ...entry, attributes: attributesOf(fields), hollow: hollowFields(fields) }, guess: { severity: guess, service } };
}

function spelledOut(record: Json): Json {
  const known = spellings.find(({ sign }) => sign in record && (sign !== 's' || isObject(record['t'])));
  const logstash = record['@version'] === '1';
  if (known === undefined && !logstash) return record;
  const date = isObject(record['t']) ? record['t']['$date'] : undefined;
  return Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => key !== '@version')
      .map(([key, value]) => [known?.names[key] ?? key, date !== undefined && key === 't' ? date : value]),
  );
}

/** What carries other people's lines gives them all one level, as journald's PRIORITY and GELF's 0 to 7: a guess. */
function levelOf(fields: Fields): { severity: number; guess: number } {
  const python = fields.pick(lists.python, (value) => (Number(value) >= 10 ? severityOfPython(Number(value)) : null));
  if (python !== null) {
    fields.pick(lists.pythonName, () => true);
    return { severity: python, guess: 0 };
  }
  const otel = fields.pick(lists.otel, (value) => (Number(value) >= 1 && Number(value) <= 24 ? Number(value) : null));
  if (otel !== null) return { severity: otel, guess: 0 };
  const syslog = fields.pick(lists.level, (value) => (/^[0-7]$/.test(String(value)) ? severityOfSyslog(Number(value)) : null));
  const severity = fields.pick(lists.level, (value) => (/^[0-7]$/.test(String(value)) ? null : severityOf(value) || null));
  return { severity: severity ?? 0, guess: syslog ?? 0 };
}

/** `name` is the service in bunyan's and pino's records, which say the process beside it, and the logger elsewhere. */
function whose(fields: Fields, record: Json): { service: string | null; component: string | null } {
  const service = fields.pick(lists.service, (value) => {
    const named = nameOf(value);
    return named === null || /^unknown_service/.test(named) ? null : named;
  });
  const component = fields.pick(lists.component, nameOf);
  if (typeof record['name'] !== 'string') return { service, component };
  const isProcess = typeof record['level'] === 'number' && 'pid' in record && 'hostname' in record;
  if (isProcess ? service !== null : component !== null) return { service, component };
  const own = fields.pick(lists.name, nameOf);
  return isProcess ? { service: own, component } : { service, component: own };
}

/** What runs the line's writer: a container, a job `namespace/name`, a replica whose name is its deployment's and two hashes. */
function containerOf(fields: Fields): string | null {
  const container = fields.pick(lists.container, nameOf);
  if (container !== null) return container.replace(/^.*\//, '').replace(/\.service$/, '');
  const pod = fields.pick(lists.pod, nameOf);
  return pod === null ? null : workloadOf(pod);
}

function nameOf(value: LogValue): string | null {
  const text = String(value).trim();
  return text === '' || text === '-' || text.length > maxNameLength ? null : text;
}

function idName(value: LogValue): string | null {
  const text = nameOf(value);
  return text === null || /\s/.test(text) || /^0+$/.test(text) ? null : text;
}

/** AWS writes `Root=1-…`, whose two parts are a trace id; Google writes `projects/…/traces/<id>`. */
function traceName(value: LogValue): string | null {
  const text = idName(value);
  const [, first, second] = /\b1-([0-9a-f]{8})-([0-9a-f]{24})\b/.exec(text ?? '') ?? [];
  return first === undefined ? (/\/traces\/([0-9a-f]{32})$/.exec(text ?? '')?.[1] ?? text) : `${first}${second}`;
}

function sentence(value: LogValue): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/**
 * One line with the message, the request it is about and the error that stands beside it, then the stack; a record without a
 * message as it stands. What goes wrong belongs on the first line: lines are grouped and shown by it.
 */
function textOf(fields: Fields, record: Json, written: Json): string {
  const message = (fromTemplate(fields, record) ?? fields.pick(lists.text, sentence))?.replace(/\r?\n$/, '') ?? null;
  const kind = fields.pick(lists.errorType, sentence);
  const said = fields.pick(lists.errorText, sentence);
  const stack = fields.pick(lists.stack, sentence);
  const beside = [kind, said].filter((part) => part !== null).join(': ');
  const [first = '', ...frames] = stack?.split('\n') ?? [];
  // A stack begins with what it is the stack of, mostly in better words.
  const isHead = stack !== null && !first.startsWith('Traceback') && !/^\s/.test(first) && (said === null || first.includes(said));
  const failure = isHead ? first : beside;
  const head =
    message === null
      ? failure
      : `${message}${requestOf(fields, message)}${failure === '' || message.includes(failure) ? '' : `: ${failure}`}`;
  const lines = stack === null || message?.includes(stack) ? [head] : [head, ...(isHead ? frames : [stack])];
  const text = lines.filter((line) => line !== '').join('\n');
  if (text !== '') return text;
  // An empty message is an empty line, as inside a stack trace that came line by line.
  const isBlank = fields.pick(lists.text, (value) => (typeof value === 'string' ? true : null)) === true;
  return isBlank ? '' : (jsonText(written) ?? '');
}

const maxPathLength = 200;

/**
 * ` [GET /cart 500]`: a line about a request whose sentence does not say which is told apart from others by this alone, a
 * health check among them.
 */
function requestOf(fields: Fields, message: string): string {
  const method = fields.pick(lists.method, (value) => (/^[A-Z]{3,7}$/.test(String(value)) ? String(value) : null));
  const path = fields.pick(lists.path, (value) =>
    /^(?:\/|https?:\/\/)\S*$/.test(String(value)) ? String(value).slice(0, maxPathLength) : null,
  );
  if (path === null || message.includes(path)) return '';
  const status = fields.pick(lists.status, (value) => (/^[1-5]\d\d$/.test(String(value)) ? String(value) : null));
  return ` [${[method, path, status].filter((part) => part !== null).join(' ')}]`;
}

/** Serilog has a template with names in braces where it has no rendered message. */
function fromTemplate(fields: Fields, record: Json): string | null {
  const template = record['messageTemplate'] ?? record['MessageTemplate'];
  if (typeof template !== 'string' || typeof record['message'] === 'string' || typeof record['RenderedMessage'] === 'string') return null;
  fields.pick(lists.template, () => true);
  return template.replace(/\{[@$]?(\w{1,64})(?::[^{}]{0,32})?\}/g, (hole, key: string) => {
    const value = fields.pick({ names: [plainName(key), `properties${plainName(key)}`], bit: 0 }, String);
    return value ?? hole;
  });
}

function attributesOf({ written, used }: Fields): Record<string, LogValue> {
  const kept: [string, LogValue][] = [];
  for (const [key, value] of written) {
    if (used.has(key) || value === '') continue;
    if (kept.length >= maxAttributes) break;
    kept.push([key, typeof value === 'string' && value.length > maxValueLength ? value.slice(0, maxValueLength) : value]);
  }
  return Object.fromEntries(kept);
}
