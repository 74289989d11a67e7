/**
 * What every rule works on: the store, the clock, the installed app, its sockets, and the short-lived permits Slack hands
 * out (triggers, response URLs, upload URLs). No rule lives here.
 */
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Rates } from './rates.ts';
import type { Refusal } from './refused.ts';
import type { Installation } from './slack-json.ts';
import type { SocketHub } from './socket-hub.ts';
import type { Store } from './store.ts';

/** Something that may be used `left` times until `expiresAt`. */
export interface Permit<Grant> {
  readonly grant: Grant;
  readonly expiresAt: number;
  left: number;
}

/** Opening a modal is allowed for three seconds after a person's act, once. `from`: the modal it happened in. */
export interface TriggerGrant {
  readonly user: string;
  readonly from: string | null;
}

export interface ResponseGrant {
  readonly user: string;
  readonly channel: string;
  readonly threadTs: string | null;
  /** The message that was acted upon: what replace_original and delete_original mean. */
  readonly original: { readonly ts: string; readonly isEphemeral: boolean } | null;
}

export interface UploadGrant {
  readonly fileId: string;
  readonly name: string;
  readonly length: number;
  readonly altText: string;
}

export interface Core {
  readonly clock: Clock;
  readonly store: Store;
  readonly app: Installation;
  readonly sockets: SocketHub;
  readonly faults: Faults;
  readonly rates: Rates;
  readonly triggers: Map<string, Permit<TriggerGrant>>;
  readonly responseUrls: Map<string, Permit<ResponseGrant>>;
  readonly uploads: Map<string, Permit<UploadGrant>>;
  /** User groups: members by the group's id. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly tokens: { bot: string; app: string; isRevoked: boolean };
  randomId(): string;
  /** `U`, `C`, `F` … and ten capitals or digits, as Slack's ids look. */
  newId(prefix: string): string;
  refuse(refusal: Omit<Refusal, 'at'>): void;
}

const triggerLivesMs = 3_000;
const responseUrl = { livesMs: 30 * 60_000, uses: 5 };
const uploadLivesMs = 10 * 60_000;

export function grantTrigger(core: Core, grant: TriggerGrant): string {
  sweep(core.triggers, core.clock.now() - 60_000);
  const id = `${Math.floor(core.clock.now() / 1000)}.${core.app.teamId}.${core.randomId()}`;
  core.triggers.set(id, { grant, expiresAt: core.clock.now() + triggerLivesMs, left: 1 });
  return id;
}

export function grantResponseUrl(core: Core, grant: ResponseGrant): string {
  sweep(core.responseUrls, core.clock.now() - responseUrl.livesMs);
  const id = core.randomId();
  core.responseUrls.set(id, { grant, expiresAt: core.clock.now() + responseUrl.livesMs, left: responseUrl.uses });
  return `${core.app.origin()}/response/${id}`;
}

export function grantUpload(core: Core, grant: UploadGrant): string {
  sweep(core.uploads, core.clock.now());
  const id = core.randomId();
  core.uploads.set(id, { grant, expiresAt: core.clock.now() + uploadLivesMs, left: 1 });
  return `${core.app.origin()}/upload/${id}`;
}

/** Expired permits are kept a while, so that late use gets the right refusal, and then forgotten. */
function sweep<Grant>(permits: Map<string, Permit<Grant>>, expiredBefore: number): void {
  for (const [id, permit] of permits) if (permit.expiresAt < expiredBefore) permits.delete(id);
}
