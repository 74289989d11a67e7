/**
 * Where a cluster's API is and as whom it is asked: a service account's files inside the cluster, or a kubeconfig outside.
 * Read again for each look, because tokens are rotated. What would run a program or trust any certificate is refused.
 */
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';

export interface Access {
  readonly url: string;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly tls: Tls;
  /** Where a right that holds for one namespace only may hold. */
  readonly namespace: string | null;
}

export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

export const system = 'kubernetes';
const attempt = 'read how to reach the cluster';
const refuse = (hint: string): Failure => new Failure('bad_config', system, attempt, { hint });

export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

export async function inCluster(host: string, port: string, folder: string): Promise<Access> {
  const [token, ca, namespace] = await Promise.all(['token', 'ca.crt', 'namespace'].map((file) => textOf(`${folder}/${file}`)));
  const address = host.includes(':') ? `[${host}]` : host;
  return { url: `https://${address}:${port}`, token: token!.trim(), tls: { ca: ca! }, namespace: namespace!.trim() };
}

const Named = <T extends z.ZodType>(key: string, shape: T) => z.array(z.object({ name: z.string(), [key]: shape })).nullish();
const Cluster = z.object({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
});
const User = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  exec: z.unknown().optional(),
  'auth-provider': z.unknown().optional(),
});
const Context = z.object({ cluster: z.string(), user: z.string().optional(), namespace: z.string().optional() });
const Kubeconfig = z.object({
  'current-context': z.string().optional(),
  clusters: Named('cluster', Cluster),
  users: Named('user', User),
  contexts: Named('context', Context),
});

/** As kubectl reads it: several files are one, and of each name the first counts. */
export async function fromKubeconfig(paths: string): Promise<Access> {
  const files = await Promise.all(
    paths
      .split(delimiter)
      .filter((path) => path !== '')
      .map(async (path) => ({ path, ...shaped(await textOf(path)) })),
  );
  const current = files.map((file) => file['current-context']).find((name) => name);
  const entry = (list: 'clusters' | 'users' | 'contexts', key: string, name: string | undefined) => {
    for (const file of files) {
      const found = (file[list] ?? []).find((one) => one.name === name) as Record<string, unknown> | undefined;
      if (found !== undefined) return { value: found[key], folder: dirname(file.path) };
    }
    return null;
  };
  const context = entry('contexts', 'context', current)?.value as z.infer<typeof Context> | undefined;
  if (context === undefined) throw refuse('the kubeconfig has no current context');
  const cluster = entry('clusters', 'cluster', context.cluster);
  if (cluster === null) throw refuse('the kubeconfig lacks the cluster of its current context');
  const user = entry('users', 'user', context.user);
  return accessOf(context.namespace ?? null, cluster as Found<z.infer<typeof Cluster>>, user as Found<z.infer<typeof User>> | null);
}

interface Found<T> {
  readonly value: T;
  readonly folder: string;
}

async function accessOf(
  namespace: string | null,
  { value: cluster, folder }: Found<z.infer<typeof Cluster>>,
  user: Found<z.infer<typeof User>> | null,
): Promise<Access> {
  if (cluster['insecure-skip-tls-verify'] === true)
    throw refuse('the kubeconfig trusts any certificate (insecure-skip-tls-verify), which is refused; give its CA');
  const { value: of = {}, folder: userFolder = '' } = user ?? {};
  if (of.exec !== undefined || of['auth-provider'] !== undefined)
    throw refuse('the kubeconfig logs in by running a program (exec), which is refused; give a token or a client certificate');
  const pick = async (data: string | undefined, file: string | undefined, from: string) =>
    data !== undefined ? Buffer.from(data, 'base64').toString() : file === undefined ? undefined : textOf(resolve(from, file));
  const [ca, cert, key] = await Promise.all([
    pick(cluster['certificate-authority-data'], cluster['certificate-authority'], folder),
    pick(of['client-certificate-data'], of['client-certificate'], userFolder),
    pick(of['client-key-data'], of['client-key'], userFolder),
  ]);
  const token = of.token ?? (of.tokenFile === undefined ? undefined : (await textOf(resolve(userFolder, of.tokenFile))).trim());
  const servername = cluster['tls-server-name'];
  return {
    url: cluster.server,
    ...(of.username !== undefined && token === undefined ? { user: of.username, token: of.password } : { token }),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
    },
    namespace,
  };
}

/** Neither the file's text nor the parser's word for what is wrong with it, which quotes the text, goes into an error. */
function shaped(text: string): z.infer<typeof Kubeconfig> {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    throw refuse('the kubeconfig is not valid YAML');
  }
  const read = Kubeconfig.safeParse(value);
  if (read.success) return read.data;
  throw refuse(`the kubeconfig has another shape at ${read.error.issues[0]?.path.map(String).join('.') ?? ''}`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw refuse(`${path} cannot be read`);
  }
}
