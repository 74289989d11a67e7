/**
 * Reads that take one round trip where plain commands would take several. KEYS[1] as in `commit-script.ts`. Incidents are
 * read again and again, so a caller that has a document already is told its stamp and not the document.
 */

/** ARGV: id, stamp the caller has. Answers the stamp, the document and the alerts, of which nothing where the stamp is the caller's. */
export const incidentScript = `
local p = KEYS[1]
local found = redis.call('HMGET', p .. 'incident:' .. ARGV[1], 'stamp', 'doc')
if not found[2] then return {} end
local stamp = found[1] or ''
if stamp == ARGV[2] and stamp ~= '' then return { stamp } end
return { stamp, found[2], redis.call('HGETALL', p .. 'alerts:' .. ARGV[1]) }
`;

/**
 * ARGV: set to walk, limit, opened at or before ('+inf'), the row before which to begin ('' for the newest), then further
 * sets a row must be in. Newest first. Answers id, stamp, openedAt, row of each.
 */
export const incidentsScript = `
local p, limit, before = KEYS[1], tonumber(ARGV[2]), ARGV[4]
local call = redis.call
local found, offset = {}, 0
while true do
  local rows = call('ZREVRANGEBYSCORE', p .. ARGV[1], ARGV[3], '-inf', 'WITHSCORES', 'LIMIT', offset, 200)
  if #rows == 0 then return found end
  offset = offset + #rows / 2
  for i = 1, #rows, 2 do
    local row, openedAt = rows[i], rows[i + 1]
    local fits = before == '' or tonumber(openedAt) < tonumber(ARGV[3]) or string.sub(row, 1, 13) < before
    for j = 5, #ARGV do fits = fits and call('ZSCORE', p .. ARGV[j], row) end
    if fits then
      local id = string.sub(row, 15)
      found[#found + 1] = { id, call('HGET', p .. 'incident:' .. id, 'stamp') or '', openedAt, string.sub(row, 1, 13) }
      if #found == limit then return found end
    end
  end
end
`;

/** ARGV: key of a sorted set of rows, key of the hash of documents, least score, limit or -1. The newest, oldest first. */
export const documentsScript = `
local p = KEYS[1]
local rows = redis.call('ZREVRANGEBYSCORE', p .. ARGV[1], '+inf', ARGV[3], 'LIMIT', 0, ARGV[4])
local docs = {}
for i = #rows, 1, -1 do docs[#docs + 1] = redis.call('HGET', p .. ARGV[2], string.sub(rows[i], 15)) end
return docs
`;

/** ARGV: kind, least time, limit. The newest of the kind, oldest first. */
export const inboxSinceScript = `
local p = KEYS[1]
local ids = redis.call('ZREVRANGEBYSCORE', p .. 'inbox-kind:' .. ARGV[1], '+inf', ARGV[2], 'LIMIT', 0, ARGV[3])
local docs = {}
for i = #ids, 1, -1 do docs[#docs + 1] = redis.call('HGET', p .. 'inbox:' .. ids[i], 'doc') end
return docs
`;

/** ARGV: limit. Newest first. */
export const deadLettersScript = `
local docs = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1] .. 'dead', 0, tonumber(ARGV[1]) - 1)) do
  docs[#docs + 1] = redis.call('HGET', KEYS[1] .. 'dead-letters', id)
end
return docs
`;
