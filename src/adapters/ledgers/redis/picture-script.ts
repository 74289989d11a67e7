/**
 * What a decision about alerts stands on, as one picture with a version: live incidents and those opened last, what people did,
 * the last number. Every change of one of these counts the version up and leaves its mark, so that a replica which knows an
 * earlier version is told what has moved since. KEYS[1] as in `commit-script.ts`.
 *
 *   picture          n: 41   nonce: 4f2a.3l   acts: 17       the version is 41:4f2a.3l, what people did changed last with 17
 *   picture:history  4f2a.3l → 41, 4f2a.3k → 40 …           a version that is not in here is not of this past
 *   picture:moved    INC-7 → 41, INC-2 → 38 …
 *
 * The nonce tells two pasts apart: after a failover the same count may stand for something else. What was forgotten leaves no
 * mark, so then the history ends, and everybody reads anew.
 */

/** Versions that are remembered: of a replica that has not asked for so long everything has moved anyway. */
const remembered = 4_096;
/** More than this would hold Redis up, and the answer would be as long as everything. */
const mostMoved = 64;

/** Wants `p` and `call`. */
export const pictureFunctions = `
local function version_now()
  local head = call('HMGET', p .. 'picture', 'n', 'nonce')
  return head[1] and (head[1] .. ':' .. head[2]) or '0:0'
end

-- id, row, openedAt, stamp, document, then places and alerts.
local function pictured(id)
  local row = call('HGET', p .. 'incident-rows', id)
  if not row then return nil end
  local found = call('HMGET', p .. 'incident:' .. id, 'openedAt', 'stamp', 'doc')
  local openedAt = found[1] or call('ZSCORE', p .. 'incidents', row)
  return { id, string.sub(row, 1, 13), openedAt, found[2] or '', found[3], call('HGETALL', p .. 'alerts:' .. id) }
end

-- What people did since then, oldest first; of more than the limit the newest.
local function acts_since(at, limit)
  local rows = call('ZREVRANGEBYSCORE', p .. 'acts', '+inf', at, 'LIMIT', 0, limit)
  local docs = {}
  for i = #rows, 1, -1 do docs[#docs + 1] = call('HGET', p .. 'act-docs', string.sub(rows[i], 15)) end
  return docs
end

-- What has moved since then: incidents, and what people did where that has. Nothing where it cannot be told any more.
local function news_since(known, acts_from, most_acts)
  local n, nonce = string.match(known, '^(%d+):(.+)$')
  if not n or call('ZSCORE', p .. 'picture:history', nonce) ~= n then return false end
  local ids = call('ZRANGEBYSCORE', p .. 'picture:moved', '(' .. n, '+inf', 'LIMIT', 0, ${mostMoved + 1})
  if #ids > ${mostMoved} then return false end
  local moved = {}
  for _, id in ipairs(ids) do moved[#moved + 1] = pictured(id) end
  local has_acts = tonumber(call('HGET', p .. 'picture', 'acts') or 0) > tonumber(n)
  return { call('GET', p .. 'last-number') or '0', moved, has_acts and acts_since(acts_from, most_acts) }
end

local function count_up(nonce, incidents, has_acts)
  local n = call('HINCRBY', p .. 'picture', 'n', 1)
  call('HSET', p .. 'picture', 'nonce', nonce)
  if has_acts then call('HSET', p .. 'picture', 'acts', n) end
  call('ZADD', p .. 'picture:history', n, nonce)
  for i = 1, #incidents, 100 do
    local moved = {}
    for j = i, math.min(i + 99, #incidents) do
      moved[#moved + 1] = n
      moved[#moved + 1] = incidents[j]
    end
    call('ZADD', p .. 'picture:moved', unpack(moved))
  end
  if n % 256 == 0 then
    call('ZREMRANGEBYSCORE', p .. 'picture:history', '-inf', n - ${remembered})
    call('ZREMRANGEBYSCORE', p .. 'picture:moved', '-inf', n - ${remembered})
  end
  return n .. ':' .. nonce
end

local function begin_anew(nonce)
  call('DEL', p .. 'picture:history', p .. 'picture:moved')
  count_up(nonce, {}, true)
end
`;

/**
 * The whole picture. ARGV: most live incidents, how many of the latest, acts since, most acts. Answers version, last number,
 * acts oldest first, and id, row, openedAt, stamp of each incident; nothing but the version where too many are live.
 */
export const pictureScript = `
local p = KEYS[1]
local call = redis.call
${pictureFunctions}
local version = version_now()
if call('ZCARD', p .. 'incidents:live') > tonumber(ARGV[1]) then return { version } end
local rows, known = {}, {}
local function add(set, last)
  local found = call('ZREVRANGE', p .. set, 0, last, 'WITHSCORES')
  for i = 1, #found, 2 do
    local row = found[i]
    if not known[row] then
      known[row] = true
      local id = string.sub(row, 15)
      rows[#rows + 1] = { id, string.sub(row, 1, 13), found[i + 1], call('HGET', p .. 'incident:' .. id, 'stamp') or '' }
    end
  end
end
add('incidents:live', -1)
add('incidents', tonumber(ARGV[2]) - 1)
return { version, call('GET', p .. 'last-number') or '0', acts_since(ARGV[3], ARGV[4]), rows }
`;
