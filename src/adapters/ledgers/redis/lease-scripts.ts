/**
 * Hands out work and outbox entries for a while. The score in `work-ready` and `outbox-ready` moves to the end of the lease;
 * what is not finished by then is simply ready again, for whichever replica asks first. KEYS[1] as in `commit-script.ts`.
 */

/** Longer than anything waits but what was told to, as an alarm that ends by itself. */
const nearMs = 120_000;

/** ARGV: now, end of the lease, limit. Answers id, kind, subject, dueAt, attempts of each. */
export const claimWorkScript = `
local p = KEYS[1]
local claimed = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'work-ready', '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])) do
  redis.call('ZADD', p .. 'work-ready', ARGV[2], id)
  local attempts = redis.call('HINCRBY', p .. 'work:' .. id, 'attempts', 1)
  local entry = redis.call('HMGET', p .. 'work:' .. id, 'kind', 'subject', 'dueAt')
  claimed[#claimed + 1] = { id, entry[1], entry[2], entry[3], attempts }
end
return claimed
`;

/**
 * ARGV: sink, now, end of the lease, limit, least and most priority, channels to be left out. Best first: by priority, then time;
 * each priority has a set of its own, so that a long line of edits is not walked to find a new card. Of those that waited for the
 * same pace the earlier incident goes first, whose number is shorter or smaller: by name INC-9 would be after INC-27 again and
 * again. Answers id, channel, incident, content, priority, dueAt, attempts, revision. A line is looked at a thousand deep.
 */
export const claimOutboxScript = `
local p, sink, left = KEYS[1], ARGV[1], tonumber(ARGV[4])
local busy = {}
for i = 7, #ARGV do busy[ARGV[i]] = true end
local function in_order(a, b)
  if a[2] ~= b[2] then return a[2] < b[2] end
  if #a[1] ~= #b[1] then return #a[1] < #b[1] end
  return a[1] < b[1]
end
local claimed = {}
for priority = tonumber(ARGV[5]), tonumber(ARGV[6]) do
  if left <= 0 then break end
  local set = p .. 'outbox-ready:' .. sink .. ':' .. priority
  local ready = redis.call('ZRANGEBYSCORE', set, '-inf', ARGV[2], 'WITHSCORES', 'LIMIT', 0, 1000)
  local line = {}
  for i = 1, #ready, 2 do line[#line + 1] = { ready[i], tonumber(ready[i + 1]) } end
  table.sort(line, in_order)
  for _, entry in ipairs(line) do
    local id = entry[1]
    if left <= 0 then break end
    if #ARGV == 6 or not busy[redis.call('HGET', p .. 'outbox:' .. id, 'channel') or ''] then
      left = left - 1
      redis.call('ZADD', set, ARGV[3], id)
      redis.call('ZADD', p .. 'outbox-ready', ARGV[3], id)
      local attempts = redis.call('HINCRBY', p .. 'outbox:' .. id, 'attempts', 1)
      local entry = redis.call('HMGET', p .. 'outbox:' .. id, 'channel', 'incident', 'content', 'priority', 'dueAt', 'revision')
      claimed[#claimed + 1] = { id, entry[1], entry[2], entry[3], entry[4], entry[5], attempts, entry[6] }
    end
  end
end
return claimed
`;

/** ARGV: id, dueAt and attempts of the claim, new time, attempts to take back. The attempts say whether it is still the caller's. */
export const postponeWorkScript = `
local key = KEYS[1] .. 'work:' .. ARGV[1]
local now = redis.call('HMGET', key, 'dueAt', 'attempts')
if now[1] ~= ARGV[2] or now[2] ~= ARGV[3] then return 0 end
redis.call('HSET', key, 'dueAt', ARGV[4], 'attempts', tonumber(ARGV[3]) - tonumber(ARGV[5]))
redis.call('ZADD', KEYS[1] .. 'work-ready', ARGV[4], ARGV[1])
return 1
`;

/** ARGV: id, dueAt and attempts of the claim, new end of the lease. */
export const prolongWorkScript = `
local now = redis.call('HMGET', KEYS[1] .. 'work:' .. ARGV[1], 'dueAt', 'attempts')
if now[1] ~= ARGV[2] or now[2] ~= ARGV[3] then return 0 end
redis.call('ZADD', KEYS[1] .. 'work-ready', ARGV[4], ARGV[1])
return 1
`;

/** ARGV: id and attempts of the claim, new time, attempts to take back. */
export const postponeOutboxScript = `
local key = KEYS[1] .. 'outbox:' .. ARGV[1]
local now = redis.call('HMGET', key, 'attempts', 'sink', 'priority')
if now[1] ~= ARGV[2] then return 0 end
redis.call('HSET', key, 'dueAt', ARGV[3], 'attempts', tonumber(ARGV[2]) - tonumber(ARGV[4]))
redis.call('ZADD', KEYS[1] .. 'outbox-ready:' .. now[2] .. ':' .. now[3], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[1] .. 'outbox-ready', ARGV[3], ARGV[1])
return 1
`;

/** Answers the earliest times of both lines, an empty list for none. */
export const nextDueScript = `
local work = redis.call('ZRANGE', KEYS[1] .. 'work-ready', 0, 0, 'WITHSCORES')
local outbox = redis.call('ZRANGE', KEYS[1] .. 'outbox-ready', 0, 0, 'WITHSCORES')
return { work[2] or '', outbox[2] or '' }
`;

/**
 * Moves what waits by as much as a clock was put back, alarms that end at a time of their sender's excepted. Replicas whose clocks
 * are set together find the same jump within seconds: the first one moves, for all. Where only one clock was wrong, what the others
 * put in line is due within the minute and stays. ARGV: time before, time now, and by how much two may differ.
 */
export const followClockScript = `
local p = KEYS[1]
local call = redis.call
local now, slack = tonumber(ARGV[2]), tonumber(ARGV[3])
local by = tonumber(ARGV[1]) - now
local last = call('HMGET', p .. 'clock', 'by', 'to')
if last[1] and math.abs(tonumber(last[1]) - by) <= slack and math.abs(now - tonumber(last[2])) <= ${nearMs} then return 0 end
call('HSET', p .. 'clock', 'by', by, 'to', ARGV[2])
local from = now + math.min(by / 2, ${nearMs})

local function earlier(set, hash, moves)
  local waiting = call('ZRANGEBYSCORE', p .. set, '(' .. from, '+inf', 'WITHSCORES')
  for i = 1, #waiting, 2 do
    local key = p .. hash .. waiting[i]
    if moves(key) then
      local entry = call('HMGET', key, 'dueAt', 'sink', 'priority')
      call('HSET', key, 'dueAt', string.format('%.0f', tonumber(entry[1] or 0) - by))
      call('ZINCRBY', p .. set, -by, waiting[i])
      if entry[2] then call('ZINCRBY', p .. set .. ':' .. entry[2] .. ':' .. entry[3], -by, waiting[i]) end
    end
  end
end
earlier('work-ready', 'work:', function(key) return call('HGET', key, 'kind') ~= 'expire' end)
earlier('outbox-ready', 'outbox:', function() return true end)
return 1
`;
