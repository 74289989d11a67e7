'use strict';
/**
 * A process that ends by `process.exit` or an uncaught error runs no more callbacks. Its last batches are handed to a small
 * process that sends them, and waited for, 2 s at most.
 */
const { spawnSync } = require('node:child_process');

const deadlineMs = 2_000;

function flushAtExit({ url, headers, requests }) {
  spawnSync(process.execPath, [__filename], {
    input: JSON.stringify({ url, headers, requests }),
    timeout: deadlineMs,
    stdio: ['pipe', 'ignore', 'ignore'],
    // The environment may ask the runtime for things that belong to the application (inspectors, preloaded modules).
    env: {},
  });
}

async function sendFromStdin() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { url, headers, requests } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  await Promise.allSettled(
    requests.map(({ path, body }) =>
      fetch(`${url.replace(/\/+$/, '')}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(deadlineMs),
      }),
    ),
  );
}

if (require.main === module) void sendFromStdin().catch(() => {});

module.exports = { flushAtExit };
