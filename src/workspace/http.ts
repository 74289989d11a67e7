/** Paths → rules: the Web API, response URLs, upload URLs and files. Everything is a fetch-style Request and Response. */
import type { Core } from './core.ts';
import { answerResponseUrl } from './response-url.ts';
import { callMethod } from './web-api/call.ts';
import { readFile, takeUpload } from './web-api/files.ts';

export async function handleRequest(core: Core, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const [, area = '', id = ''] = pathname.split('/');
  if (area === 'api' && id !== '') return callMethod(core, id, request);
  if (area === 'response' && request.method === 'POST') return answerResponseUrl(core, id, request);
  if (area === 'upload' && request.method === 'POST') return takeUpload(core, id, request);
  if (area === 'files') return readFile(core, id, request);
  return new Response('not found', { status: 404 });
}
