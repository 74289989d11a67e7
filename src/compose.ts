/**
 * The composition root's body: environment in, a product that can be started out. Straight down on purpose, each resource
 * followed by how it is stopped; `main.ts` hands the real environment in, tests hand in their own.
 */
import { join } from 'node:path';
import type { Tools } from './adapter.ts';
import { alertFormats } from './adapters/alert-formats/index.ts';
import { changeSources, storedChangeSources } from './adapters/change-sources/index.ts';
import { clusterSources } from './adapters/cluster-sources/index.ts';
import { logFormats } from './adapters/log-formats/index.ts';
import { logSources } from './adapters/log-sources/index.ts';
import { mapSources } from './adapters/map-sources/index.ts';
import { models } from './adapters/models/index.ts';
import { metricSources } from './adapters/metric-sources/index.ts';
import { sinks } from './adapters/sinks/index.ts';
import { traceSources } from './adapters/trace-sources/index.ts';
import type { ConnectionState } from './app.ts';
import { type AdapterState, CoreSettings, type Environment, enabled, isLoopback, type Problem, readCore, weakSecrets } from './config.ts';
import { createApp, type RunningApp } from './create-app.ts';
import manifest from '../manifest.json' with { type: 'json' };
import product from '../package.json' with { type: 'json' };
import { type Http, createHttp } from './surfaces/http/http.ts';
import { createClientAddress, proxyProblems, proxyWarnings } from './surfaces/http/forwarded.ts';
import { serve } from './surfaces/http/serve.ts';
import type { Ledger } from './ports.ts';
import type { ChangeSource, Sources } from './ports/sources.ts';
import { slackSurface } from './surfaces/slack/slack.ts';
import { createMcp } from './surfaces/mcp/mcp.ts';
import type { Surface } from './surfaces/surface.ts';
import { startOwnTelemetry } from './observe/sdk.ts';
import { createStages } from './observe/stages.ts';
import { makeDataFolder, openStores, storeProblems, storeState } from './stores.ts';
import { lookbackMs } from './telemetry.ts';
import { createPage, type Page } from './workspace/page/page.ts';
import { sqlitePersistence } from './workspace/persistence.ts';
import { startWorkspaceServer } from './workspace/server.ts';
import { createWorkspace } from './workspace/workspace.ts';
import { createRedactor } from './domain/redact.ts';
import { preparedWithFirstCard } from './adapters/sinks/prepare.ts';
import { personal } from './redacting.ts';

/** What `check` shows and `start` needs. */
export interface Plan {
  readonly settings: CoreSettings | null;
  readonly states: readonly AdapterState[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Every setting there is. */
export function settingNames(): ReadonlySet<string> {
  const asked = [logSources, traceSources, metricSources, mapSources, clusterSources].flat();
  const adapters = [...alertFormats, ...asked, ...changeSources, ...storedChangeSources, ...sinks, ...models, slackSurface];
  return new Set([CoreSettings, ...adapters.map(({ settings }) => settings)].flatMap(({ shape }) => Object.keys(shape)));
}

/** `known`: problems found before, e.g. in the file of settings. */
export function plan(environment: Environment, tools: Tools, known: readonly Problem[] = []): Plan {
  const core = readCore(environment);
  // Whatever else is wrong with the settings, and before the workspace runs: its tokens are made when it starts.
  const hasWorkspace = environment['TRACEPULSE_WORKSPACE'] === 'on';
  const chatEnvironment = hasWorkspace ? inSlacksPlace(environment, 'xoxb-', 'xapp-', 'http://127.0.0.1/api/') : environment;
  const read = [
    enabled('alert-format', alertFormats, environment, tools),
    enabled('log-source', logSources, environment, tools),
    enabled('trace-source', traceSources, environment, tools),
    enabled('metric-source', metricSources, environment, tools),
    enabled('map-source', mapSources, environment, tools),
    enabled('cluster-source', clusterSources, environment, tools),
    enabled('change-source', changeSources, environment, tools),
    enabled('change-source', storedChangeSources, environment, tools),
    enabled('sink', sinks, chatEnvironment, tools),
    enabled('model', models, environment, tools),
    enabled('surface', [slackSurface], chatEnvironment, tools),
  ];
  const own = [storeState(core.settings), workspaceState(hasWorkspace)];
  return {
    settings: core.settings,
    states: [...own, ...read.flatMap((r) => r.states).map((state) => (hasWorkspace ? standIn(state) : state))],
    problems: uniqueProblems([
      ...known,
      ...core.problems,
      ...storeProblems(environment),
      ...proxyProblems(environment),
      ...read.flatMap((r) => r.problems),
    ]),
    warnings: core.settings === null ? [] : [...weakSecrets(core.settings), ...proxyWarnings(environment)],
  };
}

function workspaceState(isOn: boolean): AdapterState {
  return { port: 'workspace', id: 'built-in', isOn, missing: ['TRACEPULSE_WORKSPACE=on'] };
}

/** With the workspace on, what speaks Slack is on, and speaks to the workspace. */
function standIn(state: AdapterState): AdapterState {
  return state.id === slackSurface.id ? { ...state, note: "the built-in workspace takes Slack's place" } : state;
}

function inSlacksPlace(environment: Environment, botToken: string, appToken: string, apiUrl: string): Environment {
  return { ...environment, SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: apiUrl };
}

/** Sink and surface of one system share variables; each problem is said once. */
function uniqueProblems(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((p) => [`${p.variable}\n${p.problem}`, p])).values()];
}

export function connectionsOf(states: readonly AdapterState[]): ConnectionState[] {
  return states.map(({ port, id, isOn, missing, note = '' }) => ({
    id,
    port,
    state: isOn ? 'on' : 'off',
    detail: isOn ? note : `set ${missing.join(' and ')} to turn it on`,
  }));
}

/** Where Slack is: the real one, or the built-in workspace on a loopback port of its own, which the same client talks to. */
interface Chat {
  readonly environment: Environment;
  /** The workspace's page; null where Slack has its own. */
  readonly page: Page | null;
  stop(): Promise<void>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

async function startChat(environment: Environment, settings: CoreSettings, { now, log }: Tools): Promise<Chat> {
  if (settings.TRACEPULSE_WORKSPACE === 'off') return { environment, page: null, stop: async () => {} };
  const persistence = sqlitePersistence(join(settings.TRACEPULSE_DATA, 'workspace.sqlite'));
  const workspace = createWorkspace({ manifest, persistence });
  const server = await startWorkspaceServer({ workspace });
  const forget = () => {
    try {
      workspace.forgetBefore(now() - settings.TRACEPULSE_RETENTION_DAYS * dayMs);
    } catch (error) {
      log.error('old messages of the workspace could not be forgotten', { error: String(error) });
    }
  };
  forget();
  const forgetting = setInterval(forget, hourMs);
  const isSecure = settings.TRACEPULSE_URL?.startsWith('https:') === true;
  const page = createPage(workspace, { password: settings.TRACEPULSE_WORKSPACE_PASSWORD ?? null, isSecure });
  return {
    environment: withOwnAddress(inSlacksPlace(environment, workspace.tokens.bot, workspace.tokens.app, server.apiUrl), settings),
    page,
    async stop() {
      clearInterval(forgetting);
      page.close();
      await server.stop();
      persistence.close?.();
    },
  };
}

/** Whoever reads messages in the workspace of this machine is on this machine. */
function withOwnAddress(environment: Environment, { HOST, PORT }: CoreSettings): Environment {
  if (environment['TRACEPULSE_URL'] || PORT === 0 || !isLoopback(HOST)) return environment;
  return { ...environment, TRACEPULSE_URL: `http://${HOST === '::1' ? '[::1]' : HOST}:${PORT}` };
}

/** Where the workspace has a password, who knows it may see what is handed on to editors. */
function loginOf(page: Page | null, settings: CoreSettings) {
  if (page === null || settings.TRACEPULSE_WORKSPACE_PASSWORD === undefined) return {};
  return { isLoggedIn: (request: Request) => page.isLoggedIn(request) };
}

/** The page's routes first; what is not the page's is the product's. */
export function together(page: Page | null, http: Http): Http {
  if (page === null) return http;
  return { fetch: async (request, address) => (await page.handle(request, address)) ?? http.fetch(request, address) };
}

export interface Product {
  readonly app: RunningApp;
  readonly url: string;
  /** Takes what may change while running: the routes. */
  reload(settings: CoreSettings): void;
  stop(): Promise<void>;
}

/** Starts everything. What was made is stopped again, in reverse order, when a later part cannot start. */
export async function compose(
  environment: Environment,
  settings: CoreSettings,
  states: readonly AdapterState[],
  tools: Tools,
): Promise<Product> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = () => stopAll(stops);
  try {
    const { now, log } = tools;
    if (settings.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) {
      const own = await startOwnTelemetry(settings.OTEL_EXPORTER_OTLP_ENDPOINT, product.version, log.warn, now);
      stops.push(() => own.stop());
    }
    makeDataFolder(settings.TRACEPULSE_DATA);
    const { redactionKey, problem, ...stores } = await openStores(settings, tools, stops);
    const redactor = createRedactor({ key: redactionKey, ...personal(settings) });
    const chat = await startChat(environment, settings, tools);
    stops.push(() => chat.stop());
    let routes = settings.TRACEPULSE_ROUTES ?? [];
    const connected = enabled('sink', sinks, chat.environment, tools).on;
    stops.push(async () => void (await Promise.all([...connected.values()].map((sink) => sink.close?.()))));
    const app = createApp({
      ...stores,
      alertFormats: enabled('alert-format', alertFormats, environment, tools).on,
      logFormats: enabled('log-format', logFormats, environment, tools).on,
      ...sourcesFrom(environment, tools, stores.ledger),
      logLookbackMs: settings.TRACEPULSE_LOG_LOOKBACK_MINUTES * 60_000,
      sinks: new Map([...connected].map(([id, sink]) => [id, preparedWithFirstCard(sink, log)])),
      ...modelFrom(environment, settings, tools),
      connections: connectionsOf(states.filter(({ port }) => port !== 'alert-format')),
      log,
      now,
      clock: () => performance.now(),
      stages: createStages(() => performance.now()),
      grouping: {},
      lookbackMs,
      redactor,
      triggers: settings.TRACEPULSE_TRIGGERS,
      retentionMs: settings.TRACEPULSE_RETENTION_DAYS * dayMs,
      routes: () => routes,
    });
    // Surfaces say which stored messages they take before work begins, so that none left from before a restart is missed.
    const surfaces = [...enabled<(app: RunningApp) => Surface>('surface', [slackSurface], chat.environment, tools).on.values()].map(
      (create) => create(app),
    );
    for (const watched of [{ problem }, ...surfaces]) app.alsoWatch(() => watched.problem());
    app.start();
    stops.push(() => app.stop());
    const redact = redactor.redactDeep;
    const { version } = product;
    const mcp = createMcp({ app, now, redact, version });
    const clientOf = createClientAddress(settings.TRACEPULSE_TRUSTED_PROXIES);
    const doors = together(chat.page, createHttp(app, settings, { log, now, redact, mcp, version, ...loginOf(chat.page, settings) }));
    const http = serve(
      { fetch: (request, address) => doors.fetch(request, clientOf(request, address)) },
      { host: settings.HOST, port: settings.PORT, log },
    );
    const { port } = await http.start();
    stops.push(() => http.stop());
    // The page's streams end before their connections are cut.
    stops.push(() => chat.page?.close());
    for (const surface of surfaces) {
      await surface.start();
      stops.push(() => surface.stop());
    }
    return {
      app,
      url: `http://${settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST}:${port}`,
      reload(settings) {
        routes = settings.TRACEPULSE_ROUTES ?? [];
      },
      stop,
    };
  } catch (error) {
    await stop().catch((failure: unknown) => tools.log.error('what had started could not be stopped', { error: String(failure) }));
    throw error;
  }
}

/** In reverse order, each once. One that fails keeps none of the others from stopping; the first failure is thrown afterwards. */
export async function stopAll(stops: (() => Promise<void> | void)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.splice(0).reverse()) {
    try {
      await stop();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function sourcesFrom(environment: Environment, tools: Tools, ledger: Ledger): Sources {
  return {
    logSources: enabled('log-source', logSources, environment, tools).on,
    traceSources: enabled('trace-source', traceSources, environment, tools).on,
    metricSources: enabled('metric-source', metricSources, environment, tools).on,
    mapSources: enabled('map-source', mapSources, environment, tools).on,
    clusterSources: enabled('cluster-source', clusterSources, environment, tools).on,
    changeSources: changesFrom(environment, tools, ledger),
  };
}

/** The first that is on. */
function modelFrom(environment: Environment, settings: CoreSettings, tools: Tools) {
  const model = [...enabled('model', models, environment, tools).on.values()][0];
  const modelBudget = { perReport: settings.TRACEPULSE_MODEL_TOKENS_PER_REPORT, perDay: settings.TRACEPULSE_MODEL_TOKENS_PER_DAY };
  return model === undefined ? {} : { model, modelBudget };
}

/** Sources that are asked, then what was told: the one that has diffs comes first. */
function changesFrom(environment: Environment, tools: Tools, ledger: Ledger): Map<string, ChangeSource> {
  const asked = enabled('change-source', changeSources, environment, tools).on;
  const stored = enabled('change-source', storedChangeSources, environment, tools).on;
  return new Map([...asked, ...[...stored].map(([id, read]) => [id, read(ledger)] as const)]);
}
