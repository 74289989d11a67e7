/**
 * The overlays as `kubectl kustomize` renders them, against the API's schemas: by their validators, which know what must be
 * there, and by their types, which know what may not. Then what no schema says: that the parts fit each other and the program.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kinds } from '../../src/adapters/cluster-sources/kubernetes/lists.ts';
import { plan, settingNames } from '../../src/compose.ts';
import { withFile } from '../../src/file-config.ts';
import { makeTools } from '../../src/tools.ts';
import { patienceMs } from '../support/patience.ts';

const root = join(import.meta.dirname, '..', '..');
const overlays = ['embedded', 'redis'] as const;

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string }[];
  readonly securityContext: unknown;
  readonly resources: { readonly limits: { readonly memory?: string } };
  readonly readinessProbe?: unknown;
  readonly livenessProbe?: unknown;
}

interface Pod {
  readonly securityContext: unknown;
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[];
}

type Labels = Readonly<Record<string, string>>;

/** What is read of a manifest below, which the validators have seen whole by then. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly selector?: Labels & { readonly matchLabels?: Labels };
    readonly podSelector?: { readonly matchLabels: Labels };
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: Pod };
  };
  readonly rules?: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
  readonly data?: Record<string, string>;
}

function render(folder: string): Manifest[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(root, 'deploy/kubernetes', folder)], {
    encoding: 'utf8',
    timeout: patienceMs,
  });
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

/** 1.21 was the first whose kustomize knows these forms. */
function hasKubectl(): boolean {
  const { stdout } = spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8', timeout: patienceMs });
  try {
    const { major, minor } = (JSON.parse(stdout) as { clientVersion: { major: string; minor: string } }).clientVersion;
    return Number(major) > 1 || Number.parseInt(minor, 10) >= 21;
  } catch {
    return false;
  }
}

/** Where the models of an API version live. */
function moduleOf({ apiVersion, kind }: Manifest): string {
  const home = apiVersion.startsWith('monitoring.coreos.com/') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
  return `${home}/${apiVersion}/${kind}`;
}

async function complaintsAbout(manifest: Manifest): Promise<string | null> {
  const models = (await import(moduleOf(manifest))) as Record<string, new (data: object) => { validate(): void }>;
  const Model = models[manifest.kind]!;
  try {
    new Model(manifest).validate();
    return null;
  } catch (error) {
    return `${manifest.kind} ${manifest.metadata.name}: ${String(error)}`;
  }
}

const folder = mkdtempSync(join(root, 'node_modules', '.manifests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of manifests written as literals of their types: a field the API does not know is an error. */
function typeErrors(manifests: readonly Manifest[]): string {
  const lines = manifests.flatMap((manifest, n) => [
    `import type { I${manifest.kind} as T${n} } from '${moduleOf(manifest)}';`,
    `export const m${n}: T${n} = ${JSON.stringify(manifest)};`,
  ]);
  const file = join(folder, 'manifests.ts');
  writeFileSync(file, lines.join('\n'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'NodeNext', moduleResolution: 'NodeNext', noEmit: true, strict: true, skipLibCheck: true, types: [] },
      files: [file],
    }),
  );
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8', timeout: patienceMs });
  return stdout;
}

/** The pods that are made, with their labels. */
const podsOf = (manifests: readonly Manifest[]) =>
  manifests.flatMap(({ spec }) =>
    spec?.template === undefined ? [] : [{ labels: spec.template.metadata.labels, spec: spec.template.spec }],
  );

describe.skipIf(!hasKubectl())('the manifests for Kubernetes', () => {
  it.each([...overlays, ''])('follow the schemas of the API: %s', async (overlay) => {
    const manifests = overlay === '' ? render('cluster-wide') : render(join('overlays', overlay));
    expect(manifests.length).toBeGreaterThan(1);
    const complaints = await Promise.all(manifests.map(complaintsAbout));
    expect(complaints.filter((complaint) => complaint !== null)).toEqual([]);
    expect(typeErrors(manifests)).toBe('');
  });

  it('would notice a field that is missing and one that is not known', async () => {
    const deployment = render('overlays/redis').find(({ kind }) => kind === 'Deployment')!;
    const { selector: _, ...rest } = deployment.spec!;
    expect(await complaintsAbout({ ...deployment, spec: rest })).toContain('selector');
    const misspelt: object = { ...deployment.spec, replica: 2 };
    expect(typeErrors([{ ...deployment, spec: misspelt }])).toContain('replica');
  });

  it.each(overlays)('fit each other: %s', (overlay) => {
    const manifests = render(join('overlays', overlay));
    const pods = podsOf(manifests);
    const matches = (selector: Labels = {}) =>
      pods.filter(({ labels }) => Object.entries(selector).every(([name, value]) => labels[name] === value));
    for (const { spec } of manifests.filter(({ kind }) => kind === 'Service')) {
      const ports = matches(spec?.selector).flatMap((pod) => pod.spec.containers.flatMap((container) => container.ports));
      expect(ports.map(({ name }) => name)).toEqual([spec?.ports?.[0]?.targetPort]);
    }
    for (const { spec } of manifests.filter(({ kind }) => kind === 'NetworkPolicy' || kind === 'PodDisruptionBudget')) {
      expect(matches((spec?.podSelector ?? spec?.selector)?.matchLabels)).toHaveLength(1);
    }
    const maps = manifests.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
    for (const { spec } of pods) {
      for (const { configMap } of spec.volumes ?? []) if (configMap !== undefined) expect(maps).toContain(configMap.name);
    }
  });

  it.each(overlays)('run without rights they do not need: %s', (overlay) => {
    for (const { spec } of podsOf(render(join('overlays', overlay)))) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const container of spec.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources.limits.memory).toBeDefined();
        expect([container.readinessProbe, container.livenessProbe]).not.toContain(undefined);
      }
    }
  });

  it('may get and list what is read, and nothing else', () => {
    const rules = [...render('overlays/redis'), ...render('cluster-wide')].filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    expect(rules).toHaveLength(2);
    const read = Object.entries(kinds).map(([resource, { group }]) => `${group.replace(/^api\/v1$|^apis\/|\/v1$/g, '')}/${resource}`);
    for (const role of rules) {
      const allowed = role.rules!.flatMap(({ apiGroups, resources }) => resources.map((resource) => `${apiGroups[0]}/${resource}`));
      expect(allowed.sort()).toEqual(read.sort());
      expect(new Set(role.rules!.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list']));
    }
  });

  it('start with their own settings, once the secrets are there', () => {
    const manifests = render('overlays/redis');
    const text = manifests.find(({ kind }) => kind === 'ConfigMap')!.data!['tracepulse.config.yaml']!;
    const [pod] = podsOf(manifests.filter(({ kind }) => kind === 'Deployment'));
    const named = Object.fromEntries(pod!.spec.containers.flatMap(({ env }) => env.map(({ name, value }) => [name, value] as const)));
    const known = settingNames();
    expect(Object.keys(named).filter((name) => !known.has(name))).toEqual([]);
    const secrets = { TRACEPULSE_WEBHOOK_TOKEN: 'w'.repeat(32), TRACEPULSE_API_TOKEN: 'a'.repeat(32), HOST: '0.0.0.0' };
    const { environment, problems } = withFile({ ...named, ...secrets }, text, known);
    expect(problems).toEqual([]);
    expect(
      plan(
        environment,
        makeTools(null, () => {}),
        problems,
      ).problems,
    ).toEqual([]);
  });
});
