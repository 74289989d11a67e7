/** Answers of the page, all with the headers that keep it to itself: no script but its own, no frame, no other host. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const guardHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not no-referrer: with it browsers send `Origin: null` on a form's POST, and the login could not tell its own form.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
  'cache-control': 'no-store',
};

export function answer(
  status: number,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { ...guardHeaders, ...headers } });
}

export function html(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return answer(status, body, { 'content-type': 'text/html; charset=utf-8', ...headers });
}

export function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return answer(status, JSON.stringify(body), { 'content-type': 'application/json; charset=utf-8', ...headers });
}

export function refuse(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return json(status, { error: { code, message } }, headers);
}

export function redirect(to: string, headers: Readonly<Record<string, string>> = {}): Response {
  return answer(303, null, { location: to, ...headers });
}
