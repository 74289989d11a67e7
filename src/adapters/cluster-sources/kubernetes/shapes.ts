/** What is read of Kubernetes' objects; the rest passes unread. */
import { z } from 'zod';

const map = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const list = <T extends z.ZodType>(shape: T) =>
  z
    .array(shape)
    .nullish()
    .transform((value) => value ?? []);
const text = z.string().nullish();
const instant = z
  .string()
  .nullish()
  .transform((value) => {
    const at = Date.parse(value ?? '');
    return Number.isFinite(at) ? at : null;
  });

const Metadata = z.object({
  name: z.string(),
  namespace: z.string().default('default'),
  labels: map,
  annotations: map,
  creationTimestamp: instant,
  deletionTimestamp: instant,
  ownerReferences: list(z.object({ kind: z.string(), name: z.string() })),
});
const StatusCondition = z.object({ type: z.string(), status: z.string(), reason: text, message: text, lastTransitionTime: instant });

const Template = z.object({
  metadata: z.object({ labels: map, annotations: map }).optional(),
  spec: z.object({
    containers: list(z.object({ name: z.string(), image: z.string().default(''), env: list(z.object({ name: z.string(), value: text })) })),
  }),
});
const Selector = z.object({ matchLabels: map }).nullish();

export const Workload = z.object({
  metadata: Metadata,
  spec: z.object({ replicas: z.number().nullish(), selector: Selector, template: Template }),
  status: z.object({ replicas: z.number().nullish(), conditions: list(StatusCondition) }).optional(),
});
export type Workload = z.infer<typeof Workload>;

export const Service = z.object({
  metadata: Metadata,
  spec: z.object({
    selector: map,
    clusterIP: text,
    clusterIPs: list(z.string()),
    ports: list(z.object({ port: z.number(), targetPort: z.union([z.number(), z.string()]).nullish() })),
  }),
});
export type Service = z.infer<typeof Service>;

export const EndpointSlice = z.object({
  metadata: Metadata,
  endpoints: list(z.object({ addresses: list(z.string()), conditions: z.object({ ready: z.boolean().nullish() }).nullish() })),
  ports: list(z.object({ port: z.number().nullish() })),
});
export type EndpointSlice = z.infer<typeof EndpointSlice>;

const Terminated = z.object({ reason: text, message: text, exitCode: z.number().nullish(), finishedAt: instant });
const State = z.object({ waiting: z.object({ reason: text, message: text }).nullish(), terminated: Terminated.nullish() }).nullish();
const ContainerStatus = z.object({ name: z.string(), restartCount: z.number().default(0), state: State, lastState: State });
export const Pod = z.object({
  metadata: Metadata,
  status: z.object({
    phase: text,
    startTime: instant,
    conditions: list(StatusCondition),
    containerStatuses: list(ContainerStatus),
    initContainerStatuses: list(ContainerStatus),
  }),
});
export type Pod = z.infer<typeof Pod>;

export const Event = z.object({
  metadata: Metadata,
  involvedObject: z.object({ kind: text, name: text, namespace: text }),
  reason: text,
  message: text,
  count: z.number().nullish(),
  firstTimestamp: instant,
  lastTimestamp: instant,
  eventTime: instant,
});
export type Event = z.infer<typeof Event>;
