/**
 * Lines as real systems write them, each with secrets planted in it. The secrets are made here, from a seed (`made.ts`).
 */
import { alphanumeric, base64, createMaker, digits, hex, letters, upper, url } from './made.ts';

export interface Planted {
  readonly line: string;
  /** What must not be seen afterwards. */
  readonly secrets: readonly string[];
}

const { some, jwt, card: cardNumber } = createMaker(20_261_125);

/** Passwords people choose, awkward characters included. */
const passwords = [
  'hunter2',
  'S3cr3t!',
  'correct-horse-battery',
  'p@ss/w0rd',
  'Tr0ub4dor&3',
  'Winter2026!',
  'a,b7c',
  'x=y=z9',
  'päss9wörd',
  'qwerty12345',
];
let turn = 0;
const password = () => passwords[turn++ % passwords.length]!;

const plant = (line: string, ...secrets: string[]): Planted => ({ line, secrets });
const each = (make: (secret: string) => string, ...secrets: string[]) => secrets.map((secret) => plant(make(secret), secret));

const vendorTokens = (): string[] => [
  `AKIA${some(upper, 14)}7Q`,
  `ASIA${some(upper, 14)}3Z`,
  `AI${'za'}${some(url, 35)}`,
  `ya${'29'}.${some(url, 60)}`,
  `GOC${'SPX'}-${some(url, 28)}`,
  `gh${'p'}_${some(alphanumeric, 36)}`,
  `gh${'o'}_${some(alphanumeric, 36)}`,
  `gh${'s'}_${some(alphanumeric, 36)}`,
  `github${'_pat'}_${some(alphanumeric, 22)}_${some(alphanumeric, 59)}`,
  `gl${'pat'}-${some(url, 20)}`,
  `npm${'_'}${some(alphanumeric, 36)}`,
  `pypi${'-'}${some(url, 60)}`,
  `dckr${'_pat'}_${some(url, 27)}`,
  `xox${'b'}-${some(digits, 12)}-${some(digits, 12)}-${some(alphanumeric, 24)}`,
  `xox${'p'}-${some(digits, 12)}-${some(digits, 12)}-${some(hex, 32)}`,
  `xoxe.xox${'p'}-1-${some(alphanumeric, 60)}`,
  `xap${'p'}-1-A${some(upper, 8)}-${some(digits, 13)}-${some(hex, 64)}`,
  `SG.${some(url, 22)}.${some(url, 43)}`,
  `SK${some(hex, 32)}`,
  `key-${some(hex, 32)}`,
  `${some(digits, 10)}:AA${some(url, 33)}`,
  `sk${'_live'}_${some(alphanumeric, 24)}`,
  `rk${'_live'}_${some(alphanumeric, 24)}`,
  `sk${'_test'}_${some(alphanumeric, 24)}`,
  `wh${'sec'}_${some(alphanumeric, 32)}`,
  `shp${'at'}_${some(hex, 32)}`,
  `sk-${some(alphanumeric, 48)}`,
  `sk-${'proj'}-${some(url, 60)}`,
  `sk-${'ant'}-api03-${some(url, 80)}`,
  `hf${'_'}${some(letters, 34)}`,
  `hv${'s'}.${some(url, 90)}`,
  `do${'p'}_v1_${some(hex, 64)}`,
  `dapi${some(hex, 32)}`,
  `gl${'sa'}_${some(alphanumeric, 32)}_${some(hex, 8)}`,
  `NRA${'K'}-${some(upper + digits, 27)}`,
  `lin${'_api'}_${some(alphanumeric, 40)}`,
  `ATA${'TT'}3${some(url, 60)}`,
  `figd${'_'}${some(url, 40)}`,
  `PM${'AK'}-${some(hex, 24)}-${some(hex, 34)}`,
  `AGE-SECRET-${'KEY'}-1${some(upper, 56)}`,
];

/** Places in which a token by itself turns up. */
const tokenLines: readonly ((token: string) => string)[] = [
  (token) => `2026-11-25T12:00:00Z ERROR upstream refused ${token}: 401`,
  (token) => `{"level":"info","msg":"using ${token}","port":8080}`,
  (token) => `fatal: could not read from https://x-access-token:${token}@git.example.com/team/app.git`,
  (token) => `(${token})`,
];

function vendorLines(): Planted[] {
  return vendorTokens().flatMap((token, i) => each(tokenLines[i % tokenLines.length]!, token));
}

function namedLines(): Planted[] {
  return [
    ...each((s) => `DB_PASSWORD=${s}`, ...passwords),
    ...each((s) => `connecting with user=app, password=${s}, host=db-1`, ...passwords),
    ...each((s) => `{"user":"app","password":"${s}","retries":3}`, ...passwords),
    ...each((s) => JSON.stringify({ log: JSON.stringify({ user: 'app', password: s }) }), ...passwords),
    ...each((s) => `postgres://app:${s.replaceAll('/', '%2F')}@db-1:5432/orders`, ...passwords.filter((p) => !p.includes('/'))),
    ...each((s) => `Server=db-1;Database=orders;User Id=app;Password=${s};Encrypt=true`, ...passwords),
    ...each((s) => `password: ${s}`, ...passwords),
    ...each((s) => `    spring.datasource.password = ${s}`, password(), password()),
    ...each((s) => `params: user[password]=${s}&commit=Sign+in`, 'hunter2', 'S3cr3t!'),
    ...each((s) => `POST /login?user=app&passwd=${s}&next=%2F 302`, 'hunter2', 'Winter2026!'),
    ...each((s) => `Parameters: {"utf8"=>"✓", "password"=>"${s}"}`, password(), password()),
    ...each((s) => `$ psql --username app --password ${s} orders`, 'hunter2', 'S3cr3t!'),
    ...each((s) => `$ vault login --token=${s}`, some(alphanumeric, 26)),
    ...each((s) => `mysql -u root -p${s} -h db-1 < dump.sql`, 'hunter2', 'S3cr3t!'),
    ...each((s) => `curl -s -u admin:${s} https://grafana.example.com/api/health`, 'hunter2', 'S3cr3t!'),
    ...each((s) => `<credentials><username>app</username><password>${s}</password></credentials>`, 'hunter2', 'S3cr3t!'),
    ...each((s) => `CREATE USER app IDENTIFIED BY '${s}'`, 'hunter2'),
    ...each((s) => `ALTER ROLE app WITH PASSWORD '${s}';`, 'S3cr3t!'),
    ...each((s) => `machine api.example.com login app password ${s}`, 'hunter2'),
    ...each((s) => `your new password is ${s} until Monday`, 'Winter2026!'),
    ...each((s) => `requirepass ${s}`.replace(' ', ': '), 'hunter2'),
    ...each((s) => `app:${s}@tcp(db-1:3306)/orders?parseTime=true`, 'hunter2', 'S3cr3t!'),
    ...each((s) => `redis://:${s}@cache-1:6379/0`, 'hunter2', 'S3cr3t!'),
    ...each((s) => `amqp://app:${s}@queue-1:5672/%2f`, 'hunter2', 'S3cr3t!'),
    ...each((s) => `https://${s}@sentry.example.com/42`, some(hex, 32)),
    ...each((s) => `api_key=${s}`, some(hex, 32)),
    ...each((s) => `"apiKey": "${s}",`, some(alphanumeric, 24)),
    ...each((s) => `'client_secret': '${s}'`, some(url, 40)),
    ...each((s) => `clientSecret=${s}`, some(alphanumeric, 20)),
    ...each((s) => `aws_secret_access_key = ${s}`, some(`${alphanumeric}/+`, 40)),
    ...each((s) => `AWS_SESSION_TOKEN=${s}`, some(`${alphanumeric}/+`, 120)),
    ...each(
      (s) => `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${s}==;EndpointSuffix=core.windows.net`,
      some(`${alphanumeric}/+`, 86),
    ),
    ...each((s) => `refresh_token=${s}&grant_type=refresh_token`, some(url, 40)),
    ...each((s) => `got token: ${s} for tenant 12`, some(alphanumeric, 20)),
    ...each((s) => `secret=${s}`, 'sesame', some(alphanumeric, 16)),
    ...each((s) => `SLACK_SIGNING_SECRET="${s}"`, some(hex, 32)),
    ...each((s) => `csrf_token: ${s}`, some(alphanumeric, 32)),
    ...each((s) => `encryptionKey := "${s}"`, some(hex, 64)),
    ...each((s) => `{"otp":"${s}","cvv":"847"}`, '493017'),
    ...each((s) => `{\\"token\\":\\"${s}\\",\\"ttl\\":3600}`, some(alphanumeric, 30)),
    ...each((s) => `password=${s}`.padEnd(60, ' ').concat('status=200'), ...passwords.slice(0, 4)),
    ...each((s) => `credentials: password=${s}`, 'hunter2'),
    ...each((s) => `reading secret: {password: '${s}', user: 'app'}`, 'S3cr3t!'),
    ...each((s) => `token: missing, api_key: ${s}`, some(alphanumeric, 20)),
    ...each((s) => `{"msg":"cut off here","password":"${s}`, 'hunter2'),
  ];
}

function headerLines(): Planted[] {
  const bearer = some(url, 40);
  const basic = base64(`app:${password()}`);
  const cookie = some(url, 32);
  const other = some(hex, 24);
  return [
    plant(`Authorization: Bearer ${bearer}`, bearer),
    plant(`> authorization: bearer ${bearer} accept: */*`, bearer),
    plant(`{"headers":{"Authorization":"Bearer ${bearer}","Accept":"*/*"}}`, bearer),
    plant(`-H 'Authorization: Basic ${basic}'`, basic),
    plant(`proxy-authorization: Basic ${basic}`, basic),
    plant(`retrying with Basic ${basic}`, basic),
    plant(`retrying with Bearer ${bearer}`, bearer),
    plant(`Authorization: Splunk ${other}`, other),
    plant(`Authorization: ApiKey ${basic}`, basic),
    plant(`Authorization: GenieKey ${other}`, other),
    plant(`Authorization: token ${other}`, other),
    plant(`Authorization: ${other}`, other),
    plant(`Authorization: Digest username="app", realm="r", nonce="${other}", response="${cookie}"`, other, cookie),
    plant(`Authorization: AWS4-HMAC-SHA256 Credential=${other}/20261125/eu-west-1/s3/aws4_request, Signature=${cookie}`, other, cookie),
    plant(`X-Api-Key: ${other}`, other),
    plant(`x-auth-token: ${other}`, other),
    plant(`"x-vault-token":"${other}"`, other),
    plant(`X-Session-Id: ${cookie}`, cookie),
    plant(`x-csrf-token=${cookie}`, cookie),
    plant(`Cookie: sid=${cookie}; theme=${other}`, cookie, other),
    plant(`{"cookie":"sid=${cookie}; cart=${other}"}`, cookie, other),
    plant(`Set-Cookie: sid=${cookie}; Path=/; HttpOnly; SameSite=Lax`, cookie),
    plant(`GET /account;jsessionid=${some(`${upper}${digits}`, 32)}`.replace(/=.*/, `=${cookie}`), cookie),
    plant(`PHPSESSID=${cookie}`, cookie),
    plant(`connect.sid=s%3A${cookie}`, cookie),
    plant(`GET /blob/a.png?sv=2024-11-04&sig=${other}%3D HTTP/1.1`, other),
    plant(`https://bucket.s3.amazonaws.com/a?X-Amz-Credential=${other}&X-Amz-Signature=${cookie}`, other, cookie),
    plant(`GET /callback?code=${cookie}&state=${other}`, cookie, other),
    plant(`GET /maps?key=${cookie}&q=x`, cookie),
    ...Array.from({ length: 4 }, jwt).flatMap((token, i) => [
      plant([`session ${token} has ended`, `token=${token}`, `{"jwt":"${token}"}`, `GET /ws?access_token=${token}`][i]!, token),
    ]),
  ];
}

function otherLines(): Planted[] {
  const body = Array.from({ length: 4 }, () => some(`${alphanumeric}+/`, 64));
  const key = (kind: string, newline: string) => [`-----BEGIN ${kind}-----`, ...body, `-----END ${kind}-----`].join(newline);
  const hook = some(alphanumeric, 24);
  return [
    ...['RSA PRIVATE KEY', 'PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'EC PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'].map((kind) =>
      plant(`key:\n${key(kind, '\n')}\nloaded`, ...body),
    ),
    plant(`{"private_key":"${key('PRIVATE KEY', '\\n')}","client_id":"12"}`, ...body),
    plant(`-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${some(hex, 32)}\n\n${body.join('\n')}`, ...body),
    plant(`https://hooks.slack.com/services/T0000000/B0000000/${hook}`, hook),
    plant(`POST https://discord.com/api/webhooks/1234567890/${hook}`, hook),
    ...[cardNumber('4', 16), cardNumber('51', 16), cardNumber('2221', 16), cardNumber('34', 15), cardNumber('6011', 16)].map((card) =>
      plant(`charging ${card} over 12.30 EUR`, card),
    ),
    ...[cardNumber('4', 16)].flatMap((card) => {
      const groups = card.match(/.{4}/g)!;
      return [plant(`card "${groups.join(' ')}" declined`, groups.join(' ')), plant(`{"pan":"${groups.join('-')}"}`, groups.join('-'))];
    }),
  ];
}

export const planted: readonly Planted[] = [...vendorLines(), ...namedLines(), ...headerLines(), ...otherLines()];
