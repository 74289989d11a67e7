/** OTLP attributes (PROTOCOLS B1) as plain values, and the semantic conventions we read, new names before old (B2). */
import { Failure } from '../../../domain/failure.ts';
import { workloadOf } from '../../../domain/pod-name.ts';
import { serviceKey } from '../../../domain/service.ts';
import type { ResourceRecord } from '../../../domain/span-batch.ts';
import type { Facts, Value } from './facts.ts';

export type Json = Readonly<Record<string, unknown>>;
export type Attributes = ReadonlyMap<string, Value>;

const noAttributes: Attributes = new Map();

export function rejected(hint: string, path: string): Failure {
  return new Failure('rejected', 'otlp', 'read the body', { hint, path });
}

/** Entries know their own part of a path; the rest is put before it where something is wrong. */
export function rejectedBelow(path: string, error: unknown): unknown {
  return error instanceof Failure && error.path !== undefined ? rejected(error.hint ?? '', `${path}${error.path}`) : error;
}

/** A list, or nothing; anything else is a mistake of the sender's that retrying does not mend. */
export function listAt(owner: Json, key: string, path: string): readonly Json[] {
  const value = owner[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw rejected('must be a list', `${path}${key}`);
  for (let i = 0; i < value.length; i++)
    if (typeof value[i] !== 'object' || value[i] === null || Array.isArray(value[i]))
      throw rejected('must be an object', `${path}${key}[${i}]`);
  return value as Json[];
}

export function objectAt(owner: Json, key: string, path: string): Json {
  const value = owner[key];
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw rejected('must be an object', `${path}${key}`);
  return value as Json;
}

export function textAt(owner: Json, key: string, path: string): string {
  const value = owner[key];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw rejected('must be a string', `${path}${key}`);
  return value;
}

export function attributesAt(owner: Json, path: string): Attributes {
  const list = owner['attributes'];
  if (list === undefined || list === null) return noAttributes;
  if (!Array.isArray(list)) throw rejected('must be a list', `${path}attributes`);
  if (list.length === 0) return noAttributes;
  const attributes = new Map<string, Value>();
  for (let i = 0; i < list.length; i++) {
    const entry = list[i] as { key?: unknown; value?: unknown } | null;
    if (typeof entry?.key !== 'string') throw rejected('must have a key', `${path}attributes[${i}]`);
    const value = plainValue(entry.value);
    if (value !== null) attributes.set(entry.key, value);
  }
  return attributes;
}

/** Hands what is asked for to `facts`. */
export function factsAt(owner: Json, path: string, facts: Facts): void {
  const list = owner['attributes'];
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) throw rejected('must be a list', `${path}attributes`);
  for (let i = 0; i < list.length; i++) {
    const entry = list[i] as { key?: unknown; value?: unknown } | null;
    if (typeof entry?.key !== 'string') throw rejected('must have a key', `${path}attributes[${i}]`);
    const slot = facts.slot(entry.key);
    if (slot < 0) continue;
    const value = plainValue(entry.value);
    if (value !== null) facts.set(slot, value);
  }
}

/** AnyValue → something readable; lists and maps as JSON. */
export function plainValue(value: unknown): Value | null {
  if (typeof value !== 'object' || value === null) return null;
  const any = value as Record<string, unknown>;
  if (typeof any['stringValue'] === 'string') return any['stringValue'];
  if (any['intValue'] !== undefined) return Number(any['intValue']);
  if (any['doubleValue'] !== undefined) return Number(any['doubleValue']);
  if (typeof any['boolValue'] === 'boolean') return any['boolValue'];
  if (any['kvlistValue'] !== undefined || any['arrayValue'] !== undefined) return JSON.stringify(deepValue(value));
  return typeof any['bytesValue'] === 'string' ? any['bytesValue'] : null;
}

export const deepestValue = 16;

/** Nested values as plain JSON, down to a bound. */
function deepValue(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > deepestValue) return null;
  const { arrayValue, kvlistValue } = value as Json;
  if (arrayValue !== undefined) return valuesOf(arrayValue).map((inner) => deepValue(inner, depth + 1));
  if (kvlistValue === undefined) return plainValue(value);
  const pairs = valuesOf(kvlistValue).flatMap((pair) => {
    const { key, value: inner } = (pair ?? {}) as Json;
    return typeof key === 'string' ? [[key, deepValue(inner, depth + 1)] as const] : [];
  });
  return Object.fromEntries(pairs);
}

function valuesOf(list: unknown): readonly unknown[] {
  const values = (list as Json | null)?.['values'];
  return Array.isArray(values) ? values : [];
}

/** The first of several names that is there, as text. */
function named(attributes: Attributes, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = attributes.get(name);
    if (value !== undefined && value !== '') return String(value);
  }
  return null;
}

const serviceNames = ['service.name', 'k8s.deployment.name', 'k8s.statefulset.name', 'k8s.daemonset.name', 'k8s.container.name'];

/** What a collector hands on as events about objects of the cluster: whose name is a workload's, and whose a workload's and more. */
const workloads: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Service']);
const replicas: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'Job']);

/** What is told of a pod, or of another object of the cluster that belongs to a workload, is the workload's. */
function workloadIn(attributes: Attributes): string | null {
  const pod = named(attributes, 'k8s.pod.name');
  if (pod !== null) return workloadOf(pod);
  const [kind, object] = [named(attributes, 'k8s.object.kind') ?? '', named(attributes, 'k8s.object.name')];
  if (object === null) return null;
  return workloads.has(kind) ? object : replicas.has(kind) ? workloadOf(object) : null;
}

export function resourceOf(attributes: Attributes): ResourceRecord {
  return {
    service: serviceKey({
      name: named(attributes, ...serviceNames) ?? workloadIn(attributes) ?? 'unknown_service',
      namespace: named(attributes, 'service.namespace'),
      environment: named(attributes, 'deployment.environment.name', 'deployment.environment'),
    }),
    instance: named(attributes, 'service.instance.id', 'k8s.pod.name', 'host.name'),
    version: named(attributes, 'service.version'),
  };
}

/** Digits of ns before these six are ms. */
const belowMs = 6;

/** ns since the epoch as a decimal string → ms with a fraction, without losing what a double cannot hold: cut in two. */
export function timeMs(value: unknown): number {
  if (typeof value === 'number') return value / 1e6;
  if (typeof value !== 'string') return Number.NaN;
  const cut = value.length - belowMs;
  let ms = 0;
  let ns = 0;
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    if (i < cut) ms = ms * 10 + digit;
    else ns = ns * 10 + digit;
  }
  return value.length === 0 ? Number.NaN : ms + ns / 1e6;
}

export function isHex(text: string, length: number): boolean {
  if (text.length !== length) return false;
  let isZero = true;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70))) return false;
    if (code !== 48) isZero = false;
  }
  return !isZero;
}
