/** files.*: a URL to upload to, the bytes, and only then the message that shows them. */
import { type Core, grantUpload } from '../core.ts';
import { post, requireThread } from '../messages.ts';
import type { UploadedFile } from '../records.ts';
import { Refused } from '../refused.ts';
import { fileJson } from '../slack-json.ts';
import { listOf, optional, required } from './arguments.ts';
import { checkContent } from './content.ts';
import { channelById, type Method, requireVoice } from './method.ts';

// Slack takes a gigabyte; the workspace keeps files in its store, so it stops earlier.
const maxFileBytes = 20_000_000;

const getUploadURLExternal: Method = {
  scopes: ['files:write'],
  act(core, args) {
    const length = Number(required(args, 'length'));
    if (!Number.isInteger(length) || length < 1)
      throw new Refused('invalid_arguments', ['[ERROR] must be a number [json-pointer:/length]']);
    if (length > maxFileBytes) throw new Refused('file_upload_size_restricted');
    // `alt_txt` in the documentation, `alt_text` as @slack/web-api 8.2.0 sends it.
    const fileId = core.newId('F');
    const name = required(args, 'filename');
    return {
      upload_url: grantUpload(core, { fileId, name, length, altText: optional(args, 'alt_txt') ?? optional(args, 'alt_text') ?? '' }),
      file_id: fileId,
    };
  },
};

/** The bytes, raw or as one multipart field. Slack answers `OK - <bytes>`. */
export async function takeUpload(core: Core, id: string, request: Request): Promise<Response> {
  const permit = core.uploads.get(id);
  if (permit === undefined || permit.left === 0 || permit.expiresAt <= core.clock.now()) return new Response('expired', { status: 404 });
  const bytes = await bytesOf(request);
  if (bytes.length > maxFileBytes) return new Response('too large', { status: 413 });
  permit.left = 0;
  const { fileId, name, altText } = permit.grant;
  core.store.putFile({
    id: fileId,
    name,
    title: name,
    altText,
    mimetype: mimetypeOf(name),
    size: bytes.length,
    user: core.app.botUser,
    createdAt: core.clock.now(),
    channels: [],
    isShared: false,
    content: Buffer.from(bytes).toString('base64'),
  });
  return new Response(`OK - ${bytes.length}`);
}

async function bytesOf(request: Request): Promise<Uint8Array> {
  if (!(request.headers.get('content-type') ?? '').includes('multipart/form-data')) return new Uint8Array(await request.arrayBuffer());
  for (const value of (await request.formData()).values()) if (typeof value !== 'string') return new Uint8Array(await value.arrayBuffer());
  return new Uint8Array();
}

const completeUploadExternal: Method = {
  scopes: ['files:write'],
  act(core, args) {
    const wanted = listOf(args, 'files', 'invalid_arguments') ?? [];
    if (wanted.length === 0) throw new Refused('invalid_arguments', ['[ERROR] missing required field: files']);
    const channelId = optional(args, 'channel_id') ?? optional(args, 'channels');
    const channel = channelId === null ? null : channelById(core, channelId);
    const threadTs = optional(args, 'thread_ts');
    if (channel !== null) requireVoice(core, channel);
    if (channel !== null && threadTs !== null) requireThread(core, channel, threadTs);
    const blocks = listOf(args, 'blocks', 'invalid_blocks_format');
    checkContent(blocks, undefined);
    const files = wanted.map(({ id, title }) => {
      const file = core.store.file(String(id));
      if (file === undefined || file.isShared) throw new Refused('file_not_found');
      return {
        ...file,
        title: typeof title === 'string' && title !== '' ? title : file.title,
        isShared: true,
        channels: channel === null ? [] : [channel.id],
      } satisfies UploadedFile;
    });
    for (const file of files) core.store.putFile(file);
    if (channel !== null) {
      const { botUser, botId, appId } = core.app;
      const text = optional(args, 'initial_comment') ?? '';
      post(core, channel, {
        user: botUser,
        botId,
        appId,
        text,
        blocks: blocks ?? [],
        files: files.map((file) => file.id),
        threadTs,
        subtype: null,
      });
    }
    return { files: files.flatMap((file) => fileJson(core.app, file)) };
  },
};

const about: Method = {
  scopes: ['files:read'],
  act(core, args) {
    const file = core.store.file(required(args, 'file'));
    if (file === undefined) throw new Refused('file_not_found');
    return { file: fileJson(core.app, file)[0] ?? {} };
  },
};

/** `url_private`: for the app's own token. The page reads files through the workspace itself. */
export function readFile(core: Core, id: string, request: Request): Response {
  if (request.headers.get('authorization') !== `Bearer ${core.tokens.bot}`) return new Response('unauthorized', { status: 401 });
  const file = core.store.file(id);
  return file === undefined ? new Response('not found', { status: 404 }) : fileResponse(file);
}

/** Never run as a page: whatever was uploaded is shown as data. */
function fileResponse(file: UploadedFile): Response {
  const headers = {
    'content-type': file.mimetype,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
  };
  return new Response(Buffer.from(file.content, 'base64'), { headers });
}

const mimetypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  webp: 'image/webp',
  json: 'application/json',
  md: 'text/markdown',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv',
  log: 'text/plain; charset=utf-8',
};

function mimetypeOf(name: string): string {
  return mimetypes[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}

const remove: Method = {
  scopes: ['files:write'],
  act(core, args) {
    const file = core.store.file(required(args, 'file'));
    if (file === undefined) throw new Refused('file_not_found');
    if (file.user !== core.app.botUser) throw new Refused('cant_delete_file');
    core.store.removeFile(file.id);
    return {};
  },
};

export const fileMethods = {
  'files.getUploadURLExternal': getUploadURLExternal,
  'files.completeUploadExternal': completeUploadExternal,
  'files.info': about,
  'files.delete': remove,
} satisfies Record<string, Method>;
