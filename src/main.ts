/** Composition root: the only place that reads the environment, the arguments and the clock of the machine. */
import { existsSync, readFileSync, type Stats, unwatchFile, watchFile } from 'node:fs';
import type { Tools } from './adapter.ts';
import type { McpBridge } from './cli/mcp.ts';
import { healthCommand, ownUrl } from './cli/health.ts';
import type { Product } from './compose.ts';
import { type Environment, type Problem, readCore } from './config.ts';
import { Failure } from './domain/failure.ts';
import { configFile, hasChanged, withFile } from './file-config.ts';
import { personal } from './redacting.ts';
import { runtimeProblem } from './runtime.ts';
import { makeTools } from './tools.ts';

// What a command needs is loaded with the command: the whole product takes longer to load than a recording to replay.
const loadProduct = () => import('./compose.ts');
const loadStored = () => import('./cli/stored.ts');
/** `EX_CONFIG` of sysexits.h. */
const badConfiguration = 78;

const usage = `tracepulse: names the cause of an incident

  start                          run (configuration from the environment)
  demo [--exit] [--fault NAME] [--model]
                                 see it at work: a shop that breaks, no account or key
  drill [--without jira]         fire a marked test alarm and say, leg by leg, whom it reached
  check [--probe]                what is on, what is off, what is wrong; whether what is on answers
  replay DIR... [--json] [--pictures FOLDER]
                                 investigate recorded incidents
  map [--format json|dot|svg|png] [--components]
  incidents [--json]
  audit [ID] [--model] [--json]  what people did and judged; what the model was asked and answered
  export ID [--format json|markdown|prompt]
  templates [FILE] [--json]      group the lines of a log file
  export --all                   everything that is kept, redacted, as JSON lines
  forget ID                      take an incident out of the store and out of Slack
  backup FILE                    the embedded store as one file, also while the product runs
  restore FILE                   put it in the store's place; what was there is kept beside it
  health                         whether the product of these settings is alive
  manifest                       the Slack app's manifest, to paste into api.slack.com
  mcp                            MCP on stdio, for coding agents; TRACEPULSE_URL where the product runs elsewhere
`;

const print = (text: string) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
const complain = (text: string) => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
const write = (data: string | Uint8Array) => void process.stdout.write(data);

async function run(command: string | undefined, args: readonly string[]): Promise<number> {
  const { environment, problems } = await configured();
  const folder = environment['TRACEPULSE_DATA'] || './data';
  // Where other settings are wrong, the folder may still be looked into.
  const place = () => readCore(environment).settings ?? folder;
  switch (command) {
    case 'start':
      return start();
    case 'demo':
      return demo(args);
    case 'demo-shop':
      await (await import('./demo/shop/shop.ts')).runShop(JSON.parse(args[0] ?? '{}'), (line) => print(JSON.stringify(line)));
      return 0;
    case 'check':
      return check(args, environment, problems);
    case 'drill':
      return (await import('./cli/drill.ts')).drillCommand(args, drillOf(environment), print, complain);
    case 'replay':
      return (await import('./cli/replay.ts')).replayCommand(args, makeTools(null, complain), print, complain);
    case 'incidents':
      return (await loadStored()).incidentsCommand(place(), args, print, complain, personal(readCore(environment).settings));
    case 'audit':
      return (await loadStored()).auditCommand(place(), args, print, complain, personal(readCore(environment).settings));
    case 'map':
      return (await loadStored()).mapCommand(place(), args, write, complain, personal(readCore(environment).settings));
    case 'forget':
      return (await import('./cli/forget.ts')).forgetCommand(args, drillOf(environment), print, complain);
    case 'export':
      if (args.includes('--all'))
        return (await import('./cli/export-all.ts')).exportAllCommand(place(), print, complain, personal(readCore(environment).settings));
      return (await loadStored()).exportCommand(place(), args, write, complain, personal(readCore(environment).settings));
    case 'backup':
      if (readCore(environment).settings?.REDIS_URL !== undefined) return withoutRedis(complain);
      return (await import('./cli/backup.ts')).backupCommand(folder, args, print, complain);
    case 'restore':
      if (readCore(environment).settings?.REDIS_URL !== undefined) return withoutRedis(complain);
      return (await import('./cli/backup.ts')).restoreCommand(folder, args, Date.now(), print, complain);
    case 'templates':
      return templates(args);
    case 'health':
      return healthCommand(environment, complain);
    case 'manifest':
      print(JSON.stringify((await import('../manifest.json', { with: { type: 'json' } })).default, null, 2));
      return 0;
    case 'mcp':
      await (await import('./cli/mcp.ts')).bridgeMcp(bridgeTo(environment), makeTools(null, complain));
      return 0;
    case 'help':
    case '--help':
    case '-h':
      print(usage);
      return 0;
    default:
      complain(command === undefined ? usage : `There is no command ${command}.\n\n${usage}`);
      return 64;
  }
}

function withoutRedis(say: (text: string) => void): number {
  say('With REDIS_URL everything is in Redis: back up its files, as docs/redis.md says.');
  return 64;
}

async function check(args: readonly string[], environment: Environment, problems: readonly Problem[]): Promise<number> {
  const tools = makeTools(null, complain);
  const { checkCommand } = await import('./cli/check.ts');
  const code = checkCommand((await loadProduct()).plan(environment, tools, problems), print, complain);
  return code === 0 && args.includes('--probe') ? (await import('./cli/probe.ts')).probeCommand(environment, tools, print) : code;
}

/** It prints what somebody would read aloud: those that are no suspects any more are left out. */
async function demo(args: readonly string[]): Promise<number> {
  const [{ demo: show }, { IncidentContext }, { reportText }] = await Promise.all([
    import('./demo/demo.ts'),
    import('./domain/incident-context.ts'),
    import('./domain/report-text.ts'),
  ]);
  const script = process.argv[1] ?? '';
  // In an executable that holds the program there is no file to name.
  const self = [process.execPath, ...process.execArgv, ...(script.startsWith('/$bunfs/') ? [] : [script])];
  const describe = (told: unknown) => {
    const context = IncidentContext.parse(told);
    return reportText({ ...context, hypotheses: context.hypotheses.filter(({ confidence }, place) => place === 0 || confidence >= 0.05) });
  };
  return show({ args, environment: process.env, self, print, describe });
}

/** The environment with what the file of settings adds. */
async function configured() {
  if (!existsSync(configFile)) return withFile(process.env, null, new Set());
  let text: string;
  try {
    text = readFileSync(configFile, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return { environment: process.env, problems: [{ variable: configFile, problem: `cannot be read${code}` }] };
  }
  return withFile(process.env, text, (await loadProduct()).settingNames());
}

async function start(): Promise<number> {
  const problem = runtimeProblem();
  if (problem !== null) {
    complain(problem);
    return badConfiguration;
  }
  const [{ compose, plan }, { checkCommand, faceless, hasFace }] = await Promise.all([loadProduct(), import('./cli/check.ts')]);
  const { environment, problems: ofFile } = await configured();
  const planned = plan(environment, makeTools(null, complain), ofFile);
  const { settings, problems, states, warnings } = planned;
  if (settings === null || problems.length > 0) return checkCommand(planned, () => {}, complain);
  const tools = makeTools(settings, complain);
  for (const { variable, problem: text } of warnings) tools.log.warn('weak setting', { variable, problem: text });
  if (!hasFace(planned)) {
    complain(faceless);
    return badConfiguration;
  }
  const product = await compose(environment, settings, states, tools);
  print(`TracePulse listens on ${product.url}`);
  if (settings.TRACEPULSE_WORKSPACE === 'on') print(`The workspace is at ${product.url}/chat`);
  const watch = watchConfiguration(product, tools);
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
  });
  tools.log.info('stopping', { signal });
  watch.stop();
  await product.stop();
  return 0;
}

/** What the file says of routes holds from the moment it is saved; a file with a mistake in it changes nothing. */
function watchConfiguration(product: Product, tools: Tools): { stop(): void } {
  const read = async () => {
    const { environment, problems: ofFile } = await configured();
    const { settings, problems } = (await loadProduct()).plan(environment, makeTools(null, complain), ofFile);
    if (settings === null || problems.length > 0) tools.log.error('the changed configuration is not used', { problems });
    else {
      product.reload(settings);
      tools.log.info('routes are read again; other settings hold from the next start', { file: configFile });
    }
  };
  // Polled: editors replace the file, and mounted ones are links that change.
  const changed = (now: Stats, before: Stats) => {
    if (hasChanged(now, before))
      read().catch((error: unknown) => tools.log.error('the changed configuration cannot be read', { error: String(error) }));
  };
  watchFile(configFile, { interval: 1_000, persistent: false }, changed);
  return { stop: () => unwatchFile(configFile, changed) };
}

/** The product of these settings: the editor starts this command where it would start the product. */
function bridgeTo(environment: Environment): McpBridge {
  const { TRACEPULSE_URL, TRACEPULSE_API_TOKEN } = environment;
  const url = TRACEPULSE_URL || ownUrl(environment);
  return { url: url.replace(/\/+$/, ''), token: TRACEPULSE_API_TOKEN || undefined, input: process.stdin, output: process.stdout };
}

/** The way to the running product, as a drill takes it. */
function drillOf(environment: Environment) {
  const set = (name: string) => environment[name] || undefined;
  const { url } = bridgeTo(environment);
  const tools = makeTools(null, complain);
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const tokens = { apiToken: set('TRACEPULSE_API_TOKEN'), jwtSecret: set('TRACEPULSE_JWT_SECRET') };
  return { url, webhookToken: set('TRACEPULSE_WEBHOOK_TOKEN'), ...tokens, tools, pause };
}

async function templates(args: readonly string[]): Promise<number> {
  const { templatesOfLines } = await import('./domain/templates/listing.ts');
  const file = args.find((arg) => !arg.startsWith('--'));
  const text = readFileSync(file ?? 0, 'utf8');
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const row of templatesOfLines(lines, args.includes('--json'))) print(row);
  return 0;
}

try {
  // Exit code rather than exit(): what is still being written to a pipe must arrive.
  process.exitCode = await run(process.argv[2], process.argv.slice(3));
} catch (error) {
  complain(`tracepulse: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof Failure && error.code === 'bad_config' ? badConfiguration : 1;
}
