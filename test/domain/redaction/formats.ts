/**
 * Kinds of secrets as their issuers and systems write them. A kind without a name is known by its own form, wherever it
 * stands; one with a name is known by what stands before it.
 */
import { alphanumeric, base64, base64Signs, base64url, digits, hex, letters, type Maker, upper, url } from './made.ts';

export interface Made {
  /** What is written. */
  readonly value: string;
  /** The parts of it that must not be seen; all of it where absent. */
  readonly secrets?: readonly string[];
}

export interface Format {
  readonly id: string;
  /** Names it goes by in programs; null where it needs none. */
  readonly names: readonly string[] | null;
  /** Several lines, or signs that not every place can hold. */
  readonly isLong?: boolean;
  make(maker: Maker): Made;
}

const bare = (id: string, make: (maker: Maker) => string): Format => ({ id, names: null, make: (maker) => ({ value: make(maker) }) });
const parts = (id: string, make: (maker: Maker) => readonly [string, ...string[]]): Format => ({
  id,
  names: null,
  make(maker) {
    const [value, ...secrets] = make(maker);
    return { value, secrets };
  },
});
const named = (id: string, names: readonly string[], make: (maker: Maker) => string): Format => ({
  id,
  names,
  make: (maker) => ({ value: make(maker) }),
});

const chosen = ['hunter2', 'S3cr3t!', 'correct-horse-9', 'Tr0ub4dor', 'Winter2026!', 'qwerty12345', 'pässwörd9', 'M0nkey#12', 'letme1n*'];
/** What people choose, each time with another end so that no two are alike. */
const password = ({ below, some }: Maker) => `${chosen[below(chosen.length)]}${some(alphanumeric, 4)}`;

function privateKey(kind: string): Format {
  return {
    id: `private key, ${kind}`,
    names: null,
    isLong: true,
    make({ some }) {
      const rows = Array.from({ length: 4 }, () => some(base64Signs, 64));
      return { value: [`-----BEGIN ${kind}-----`, ...rows, `-----END ${kind}-----`].join('\n'), secrets: rows };
    },
  };
}

const vendors: readonly Format[] = [
  bare('AWS access key', ({ some }) => `AKIA${some(upper, 14)}7Q`),
  bare('Google API key', ({ some }) => `AI${'za'}${some(url, 35)}`),
  bare('Google OAuth token', ({ some }) => `ya${'29'}.${some(url, 60)}`),
  bare('Google client secret', ({ some }) => `GOC${'SPX'}-${some(url, 28)}`),
  bare('Azure AD client secret', ({ some }) => `${some(alphanumeric, 3)}8Q~${some(url, 34)}`),
  bare('GitHub token', ({ some }) => `gh${'p'}_${some(alphanumeric, 36)}`),
  bare('GitHub installation token', ({ some }) => `gh${'s'}_${some(alphanumeric, 36)}`),
  bare('GitHub stateless token', ({ jwt }) => `gh${'s'}_123456_${jwt()}`),
  bare('GitHub fine-grained token', ({ some }) => `github${'_pat'}_${some(alphanumeric, 22)}_${some(alphanumeric, 59)}`),
  bare('GitLab token', ({ some }) => `gl${'pat'}-${some(url, 20)}`),
  bare('npm token', ({ some }) => `npm${'_'}${some(alphanumeric, 36)}`),
  bare('PyPI token', ({ some }) => `pypi${'-'}${some(url, 60)}`),
  bare('Docker Hub token', ({ some }) => `dckr${'_pat'}_${some(url, 27)}`),
  bare('Slack bot token', ({ some }) => `xox${'b'}-${some(digits, 12)}-${some(digits, 12)}-${some(alphanumeric, 24)}`),
  bare('Slack app token', ({ some }) => `xap${'p'}-1-A${some(upper, 8)}-${some(digits, 13)}-${some(hex, 64)}`),
  parts('Slack webhook', ({ some }) => {
    const end = some(alphanumeric, 24);
    return [`https://hooks.slack.com/services/T0${some(upper, 7)}/B0${some(upper, 7)}/${end}`, end];
  }),
  parts('Discord webhook', ({ some }) => {
    const end = some(url, 60);
    return [`https://discord.com/api/webhooks/${some(digits, 18)}/${end}`, end];
  }),
  bare('Discord bot token', ({ some }) => `M${some(letters, 23)}.G${some(alphanumeric, 5)}.${some(url, 38)}`),
  bare('SendGrid key', ({ some }) => `SG.${some(url, 22)}.${some(url, 43)}`),
  bare('Twilio key', ({ some }) => `SK${some(hex, 32)}`),
  bare('Mailgun key', ({ some }) => `key-${some(hex, 32)}`),
  bare('Mailchimp key', ({ some }) => `${some(hex, 32)}-us14`),
  bare('Telegram bot token', ({ some }) => `${some(digits, 10)}:AA${some(url, 33)}`),
  bare('Firebase messaging key', ({ some }) => `AAAA${some(url, 7)}:APA91b${some(url, 134)}`),
  bare('Stripe key', ({ some }) => `sk${'_live'}_${some(alphanumeric, 24)}`),
  bare('Stripe webhook secret', ({ some }) => `wh${'sec'}_${some(alphanumeric, 32)}`),
  bare('Shopify token', ({ some }) => `shp${'at'}_${some(hex, 32)}`),
  bare('Square token', ({ some }) => `sq0${'atp'}-${some(url, 22)}`),
  bare('OpenAI key', ({ some }) => `sk-${'proj'}-${some(url, 60)}`),
  bare('Anthropic key', ({ some }) => `sk-${'ant'}-api03-${some(url, 80)}`),
  bare('Hugging Face token', ({ some }) => `hf${'_'}${some(letters, 34)}`),
  bare('Vault token', ({ some }) => `hv${'s'}.${some(url, 90)}`),
  bare('DigitalOcean token', ({ some }) => `do${'p'}_v1_${some(hex, 64)}`),
  bare('Databricks token', ({ some }) => `dapi${some(hex, 32)}`),
  bare('Grafana token', ({ some }) => `gl${'sa'}_${some(alphanumeric, 32)}_${some(hex, 8)}`),
  bare('New Relic key', ({ some }) => `NRA${'K'}-${some(upper + digits, 27)}`),
  bare('Linear key', ({ some }) => `lin${'_api'}_${some(alphanumeric, 40)}`),
  bare('Atlassian token', ({ some }) => `ATA${'TT'}3${some(url, 60)}`),
  bare('Terraform Cloud token', ({ some }) => `${some(alphanumeric, 14)}.${'atlasv1'}.${some(url, 60)}`),
  bare('Cloudflare API token', ({ some }) => `cfut${'_'}${some(alphanumeric, 40)}`),
  bare('PlanetScale password', ({ some }) => `pscale${'_pw'}_${some(url, 43)}`),
  bare('Airtable token', ({ some }) => `pat${some(alphanumeric, 14)}.${some(hex, 64)}`),
];

const known: readonly Format[] = [
  bare('JSON web token', ({ jwt }) => jwt()),
  bare('encrypted web token', ({ some }) =>
    [base64url('{"alg":"RSA-OAEP","enc":"A256GCM"}'), some(url, 60), some(url, 16), some(url, 50), some(url, 22)].join('.'),
  ),
  bare('age key', ({ some }) => `AGE-SECRET-${'KEY'}-1${some(upper, 56)}`),
  bare('random key, base64', ({ some }) => some(base64Signs, 44)),
  bare('random key, letters and digits', ({ some }) => some(alphanumeric, 40)),
  bare('card, Visa', ({ card }) => card('4', 16)),
  bare('card, Mastercard', ({ card }) => card('53', 16)),
  bare('card, American Express', ({ card }) => card('37', 15)),
  bare('card in groups', ({ card }) => (card('4', 16).match(/.{4}/g) ?? []).join(' ')),
  bare('password hash, bcrypt', ({ some }) => `$2b$12$${some(alphanumeric, 53)}`),
  bare('password hash, SHA-512 crypt', ({ some }) => `$6$${some(alphanumeric, 16)}$${some(alphanumeric, 86)}`),
  bare('password hash, Argon2', ({ some }) => `$argon2id$v=19$m=65536,t=3,p=4$${some(alphanumeric, 22)}$${some(alphanumeric, 43)}`),
  parts('PostgreSQL address', (maker) => withPassword(maker, (p) => `postgres://app:${p}@db-1:5432/orders?sslmode=require`)),
  parts('MongoDB address', (maker) => withPassword(maker, (p) => `mongodb+srv://app:${p}@cluster0.ab1cd.mongodb.net/orders`)),
  parts('Redis address', (maker) => withPassword(maker, (p) => `rediss://:${p}@cache-1:6379/0`)),
  parts('AMQP address', (maker) => withPassword(maker, (p) => `amqps://app:${p}@queue-1:5671/%2f`)),
  parts('JDBC address', (maker) => withPassword(maker, (p) => `jdbc:mysql://db-1:3306/orders?user=app&password=${p}`)),
  parts('JDBC address of Oracle', (maker) => withPassword(maker, (p) => `jdbc:oracle:thin:app/${p}@//db-1:1521/orders`)),
  parts('Go driver address', (maker) => withPassword(maker, (p) => `app:${p}@tcp(db-1:3306)/orders`)),
  parts('SQL Server connection string', (maker) =>
    withPassword(maker, (p) => `Server=tcp:db-1,1433;Database=orders;User ID=app;Password=${p};Encrypt=True`),
  ),
  parts('ODBC connection string', (maker) => withPassword(maker, (p) => `DRIVER={ODBC Driver 18};SERVER=db-1;UID=app;PWD=${p};`)),
  parts('Azure storage connection string', ({ some }) => {
    const key = `${some(base64Signs, 86)}==`;
    return [`DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${key};EndpointSuffix=core.windows.net`, key];
  }),
  parts('Git remote with a token', ({ some }) => {
    const token = some(hex, 40);
    return [`https://x-access-token:${token}@git.example.com/team/app.git`, token];
  }),
  parts('DSN', ({ some }) => {
    const key = some(hex, 32);
    return [`https://${key}@o42.ingest.example.com/7`, key];
  }),
  parts('signed link of a blob', ({ some }) => {
    const signature = some(alphanumeric, 42);
    return [`https://shop.blob.example.net/a/b.png?sv=2024-11-04&se=2026-11-25&sig=${signature}%3D`, signature];
  }),
  parts('presigned link', ({ some }) => {
    const signature = some(hex, 64);
    return [`https://bucket.s3.example.com/a?X-Amz-Expires=300&X-Amz-Signature=${signature}`, signature];
  }),
];

function withPassword(maker: Maker, write: (password: string) => string): [string, string] {
  const secret = `${maker.some(alphanumeric, 9)}x${maker.below(10)}`;
  return [write(secret), secret];
}

const byName: readonly Format[] = [
  named('password', ['password', 'db_password', 'passwd', 'userPassword'], password),
  named('passphrase', ['passphrase', 'keyPassphrase'], password),
  named('secret', ['client_secret', 'clientSecret', 'app_secret'], ({ some }) => some(url, 32)),
  named('API key', ['api_key', 'apiKey', 'x-api-key', 'APIKEY'], ({ some }) => some(hex, 32)),
  named('access token', ['access_token', 'accessToken', 'auth_token'], ({ some }) => some(url, 36)),
  named('refresh token', ['refresh_token', 'refreshToken'], ({ some }) => some(alphanumeric, 40)),
  named('session token', ['session_token', 'sessionToken'], ({ some }) => some(hex, 40)),
  named('CSRF token', ['csrf_token', 'csrfToken', 'xsrf_token'], ({ some }) => some(alphanumeric, 32)),
  named('AWS secret key', ['aws_secret_access_key', 'secretAccessKey'], ({ some }) => some(base64Signs, 40)),
  named('encryption key', ['encryption_key', 'encryptionKey', 'master_key'], ({ some }) => some(hex, 64)),
  named('signing secret', ['signing_secret', 'SLACK_SIGNING_SECRET'], ({ some }) => some(hex, 32)),
  named('Datadog key', ['dd_api_key', 'DD_API_KEY'], ({ some }) => some(hex, 32)),
  named('private key of an account', ['account_key', 'storageKey'], ({ some }) => some(base64Signs, 60)),
  named('one-time code', ['otp'], ({ some }) => some(digits, 6)),
  named('card code', ['cvv', 'cvc'], ({ some }) => some(digits, 3)),
];

const headers: readonly Format[] = [
  parts('Bearer authorization', ({ some }) => {
    const token = some(url, 40);
    return [`Authorization: Bearer ${token}`, token];
  }),
  parts('Basic authorization', (maker) => {
    const pair = base64(`app:${maker.some(alphanumeric, 12)}`);
    return [`Authorization: Basic ${pair}`, pair];
  }),
  parts('Cookie', ({ some }) => {
    const [session, basket] = [some(url, 32), some(hex, 24)];
    return [`Cookie: sid=${session}; basket=${basket}`, session, basket];
  }),
  parts('Set-Cookie', ({ some }) => {
    const session = some(url, 32);
    return [`Set-Cookie: sid=${session}; Path=/; HttpOnly`, session];
  }),
  parts('Vault header', ({ some }) => {
    const token = some(alphanumeric, 26);
    return [`X-Vault-Token: ${token}`, token];
  }),
  parts('Splunk authorization', ({ some }) => {
    const token = [8, 4, 4, 4, 12].map((length) => some(hex, length)).join('-');
    return [`Authorization: Splunk ${token}`, token];
  }),
  parts('Kubernetes secret', (maker) => {
    const secret = base64(maker.some(alphanumeric, 14));
    return [`kind: Secret, data: {password: ${secret}}`, secret];
  }),
  parts('Docker registry login', (maker) => {
    const pair = base64(`robot:${maker.some(alphanumeric, 14)}`);
    return [`auths: registry.example.com: auth: ${pair}`, pair];
  }),
];

export const formats: readonly Format[] = [
  ...vendors,
  ...known,
  ...byName,
  ...headers,
  ...['RSA PRIVATE KEY', 'PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'EC PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'].map(privateKey),
];
