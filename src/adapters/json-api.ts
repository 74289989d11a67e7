/** A system that answers JSON to GETs below one address, under one identity: what several adapters need beside `http-json.ts`. */
import { z } from 'zod';
import type { Tools } from '../adapter.ts';
import { Failure } from '../domain/failure.ts';
import { getJson } from './http-json.ts';

export interface JsonApi {
  ask<T>(question: JsonQuestion<T>): Promise<T>;
  /** null where it does not know the question. */
  maybe<T>(question: JsonQuestion<T>): Promise<T | null>;
}

export interface JsonQuestion<T> {
  readonly attempt: string;
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Parameters go into a form instead of the address: for those that outgrow one. */
  readonly method?: 'GET' | 'POST';
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
}

export interface Place {
  readonly system: string;
  readonly url: string;
  readonly token?: string | undefined;
  /** With one, the token is the password of basic authentication. */
  readonly user?: string | undefined;
  readonly tenant?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Which answers mean that it does not know the question; 404 unless it has another way to say so. */
  readonly isUnknown?: (failure: Failure) => boolean;
}

export function createJsonApi(place: Place, { fetch, now }: Pick<Tools, 'fetch' | 'now'>): JsonApi {
  const headers = { ...identityOf(place), ...place.headers };
  const { isUnknown = isAbsent } = place;
  const ask = <T>({ attempt, path, parameters = {}, method = 'GET', shape, signal }: JsonQuestion<T>): Promise<T> => {
    const url = urlBelow(place.url, path);
    const question = { system: place.system, attempt, url, method, headers, signal, now };
    const form = new URLSearchParams(parameters).toString();
    if (method === 'GET') url.search = form;
    const sent = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    return getJson(fetch, method === 'GET' ? question : { ...question, headers: sent, body: form }, shape);
  };
  return {
    ask,
    async maybe(question) {
      try {
        return await ask(question);
      } catch (error) {
        if (error instanceof Failure && isUnknown(error)) return null;
        throw error;
      }
    },
  };
}

const isAbsent = ({ hint }: Failure): boolean => hint === 'status 404';

/** It may live below a path of a shared host. */
export function urlBelow(base: string, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  return url;
}

export function identityOf({ token, user, tenant }: Pick<Place, 'token' | 'user' | 'tenant'>): Record<string, string> {
  const basic = user === undefined ? null : Buffer.from(`${user}:${token ?? ''}`).toString('base64');
  return {
    ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }),
    ...(basic !== null ? { authorization: `Basic ${basic}` } : token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

/** Settings that such systems share. */
export const httpAddress = () => z.url({ protocol: /^https?$/ });
export const tenantId = () => z.string().regex(/^[\w!.*'()|-]+$/, 'is no tenant id');
