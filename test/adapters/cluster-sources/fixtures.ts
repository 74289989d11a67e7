/** For each source of what runs the services the stand-in it is tried against. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigOf, type KubernetesStandIn, startKubernetes } from '../../stand-ins/kubernetes.ts';
import { certificate } from '../../stand-ins/certificate.ts';

export interface ClusterSourceFixture {
  readonly settings: Readonly<Record<string, string>>;
  readonly system: string;
  readonly standIn: KubernetesStandIn;
  stop(): void;
}

/** Speaks TLS for a stand-in that does not. */
export async function inFrontOf(url: string, options: object = {}): Promise<{ url: string; server: Server }> {
  const server = createServer({ ...certificate(), ...options }, (asked, answer) => {
    const { method, headers } = asked;
    const onward = request(`${url}${asked.url}`, { ...(method === undefined ? {} : { method }), headers }, (said) => {
      answer.writeHead(said.statusCode ?? 502, said.headers);
      said.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function over(
  settingsOf: (standIn: KubernetesStandIn, folder: string, url: string) => Record<string, string>,
  front: 'plain' | 'tls',
): Promise<ClusterSourceFixture> {
  const standIn = await startKubernetes();
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-stand-in-'));
  const proxy = front === 'tls' ? await inFrontOf(standIn.url) : null;
  return {
    settings: settingsOf(standIn, folder, proxy?.url ?? standIn.url),
    system: 'kubernetes',
    standIn,
    stop() {
      proxy?.server.close();
      proxy?.server.closeAllConnections();
      standIn.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const fixtures: Readonly<Record<string, () => Promise<ClusterSourceFixture>>> = {
  kubernetes: () =>
    over(({ token }, folder, url) => {
      writeFileSync(join(folder, 'config'), kubeconfigOf(url, { token }));
      return { KUBECONFIG: join(folder, 'config') };
    }, 'plain'),
  'kubernetes-in-cluster': () =>
    over(({ token }, folder, url) => {
      const files = { token, 'ca.crt': certificate().cert, namespace: 'shop' };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      const { hostname, port } = new URL(url);
      return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, KUBERNETES_SERVICE_ACCOUNT: folder };
    }, 'tls'),
};
