/**
 * A GitHub App's way in (PROTOCOLS E5): its private key signs a short-lived word of who it is, which GitHub exchanges for an
 * installation's token. That one is kept until shortly before it ends, and asked for once however many questions wait.
 */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { inShape } from '../../http-json.ts';
import { type Authorize, type SendToGitHub, system } from './questions.ts';

export const AppKey = z.object({
  GITHUB_APP_ID: z
    .string()
    .regex(/^[\w.]+$/)
    .describe("A GitHub App's id or client id, in place of GITHUB_TOKEN"),
  GITHUB_APP_INSTALLATION_ID: z.string().regex(/^\d+$/).describe('Number of its installation'),
  GITHUB_APP_PRIVATE_KEY: z
    .string()
    .refine((pem) => readKey(pem) !== null, 'is no private key in PEM form; line breaks may be written \\n')
    .describe('Its private key as PEM; line breaks may be written \\n'),
});

/** GitHub's clock may be behind ours. */
const issuedBeforeS = 60;
/** GitHub takes at most 10 minutes. */
const lastsS = 540;
/** A token that ends while a question is on its way would fail it. */
const renewBeforeMs = 120_000;
const attempt = 'sign in as an App';

function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch {
    return null;
  }
}

const InstallationToken = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });

export function installationTokens(settings: z.infer<typeof AppKey>, now: () => number): Authorize {
  const { GITHUB_APP_ID: id, GITHUB_APP_INSTALLATION_ID: installation } = settings;
  const key = readKey(settings.GITHUB_APP_PRIVATE_KEY);
  if (key === null) throw new Error('a key that was checked cannot be read');
  let current: { authorization: string; endsAt: number } | null = null;
  let asked: Promise<string> | null = null;

  async function renew(send: SendToGitHub, signal: AbortSignal): Promise<string> {
    const headers = { accept: 'application/vnd.github+json', 'user-agent': 'tracepulse', authorization: `Bearer ${word(id, key!, now())}` };
    const text = await send(`/app/installations/${installation}/access_tokens`, { method: 'POST', headers, signal });
    const { token, expires_at } = inShape(parsed(text), { system, attempt }, InstallationToken);
    current = { authorization: `token ${token}`, endsAt: Date.parse(expires_at) };
    return current.authorization;
  }

  return async (send, signal) => {
    if (current !== null && now() < current.endsAt - renewBeforeMs) return current.authorization;
    asked ??= renew(send, signal).finally(() => {
      asked = null;
    });
    return asked;
  };
}

/** What is not JSON has no shape either. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A JSON Web Token, RS256. */
function word(issuer: string, key: KeyObject, at: number): string {
  const seconds = Math.floor(at / 1_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const said = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: issuer, iat: seconds - issuedBeforeS, exp: seconds + lastsS })}`;
  return `${said}.${sign('RSA-SHA256', Buffer.from(said), key).toString('base64url')}`;
}
