/**
 * Writes one LedgerChange, whole or not at all: Redis runs a script alone and to its end. Everything it stands on is looked
 * at before anything is written. The change comes as a flat list, name and arguments of one step after the other, so that
 * documents pass through as they are.
 *
 * KEYS[1] prefix of every key, with the hash tag that keeps them in one slot of a cluster
 * ARGV[1] how long deliveries are remembered, ms · ARGV[2] inbox entries older than this may go, ms since the epoch
 * ARGV[3] stamp of this commit · ARGV[4] how far it may stand on the picture in ARGV[5] (see `picture-script.ts`): '' it was not
 *   looked at, 'now' only while nothing of it has moved, 'lately' also where others opened and changed something else since
 * ARGV[6], ARGV[7] acts since, most acts, for what is told of the picture · then steps
 *
 * Answers 1 or 0; with a picture also its version now, what has moved since the one given, where new incidents stand in the
 * list, and of a change that is refused the deliveries that were seen before.
 *
 * Times and revisions stay the strings they came as: Lua would write a time as 1.79e+12.
 */
import { pictureFunctions } from './picture-script.ts';

export const commitScript = `
local p, remember, stamp = KEYS[1], ARGV[1], ARGV[3]
local call = redis.call
${pictureFunctions}

local function member(id) return string.format('%013d:%s', call('INCR', p .. 'row'), id) end

local function drop_work(id)
  local subject, kind = unpack(call('HMGET', p .. 'work:' .. id, 'subject', 'kind'))
  if not subject then return end
  call('SREM', p .. 'work-of:' .. subject, id)
  if kind == 'inbox' then call('SREM', p .. 'inbox-waiting', subject) end
  call('DEL', p .. 'work:' .. id)
  call('ZREM', p .. 'work-ready', id)
end

local function drop_outbox(id)
  local sink, priority, incident = unpack(call('HMGET', p .. 'outbox:' .. id, 'sink', 'priority', 'incident'))
  if not sink then return end
  call('ZREM', p .. 'outbox-ready:' .. sink .. ':' .. priority, id)
  call('ZREM', p .. 'outbox-ready', id)
  call('SREM', p .. 'outbox-of:' .. incident, id)
  call('DEL', p .. 'outbox:' .. id)
end

local function outbox_ready_at(id, sink, priority, at)
  call('ZADD', p .. 'outbox-ready:' .. sink .. ':' .. priority, at, id)
  call('ZADD', p .. 'outbox-ready', at, id)
end

local function drop_letter(id)
  local incident = call('HGET', p .. 'dead-incident', id)
  if not incident then return end
  call('SREM', p .. 'dead-of:' .. incident, id)
  call('HDEL', p .. 'dead-incident', id)
  call('HDEL', p .. 'dead-letters', id)
  call('ZREM', p .. 'dead', id)
end

-- Gone where it is still the one that was claimed; an entry put again meanwhile is handed back to be sent anew.
local function finish_outbox(id, revision, attempts)
  local now = call('HMGET', p .. 'outbox:' .. id, 'revision', 'attempts', 'sink', 'priority', 'dueAt')
  if not now[1] then return false end
  if now[1] == revision then
    drop_outbox(id)
    return true
  end
  if now[2] == attempts then
    call('HSET', p .. 'outbox:' .. id, 'attempts', 0)
    outbox_ready_at(id, now[3], now[4], now[5])
  end
  return false
end

-- A card that stands: what was asked for meanwhile is an edit of it, and must not go before cards that do not stand yet.
local function make_edit(id)
  local key = p .. 'outbox:' .. id
  local now = call('HMGET', key, 'sink', 'priority')
  if not now[1] or tonumber(now[2]) >= 2 then return end
  local ready = call('ZSCORE', p .. 'outbox-ready', id)
  call('ZREM', p .. 'outbox-ready:' .. now[1] .. ':' .. now[2], id)
  call('HSET', key, 'priority', 2)
  outbox_ready_at(id, now[1], 2, ready)
end

local steps = {}

-- Looked at below, before anything is written.
steps.about = { 1, function() end }

steps.seen = { 2, function(key, incident) call('SET', p .. 'seen:' .. key, incident, 'PX', remember, 'NX') end }

-- What is stored of incidents that change, and the place in the list of those that get a new one.
local before, placed, changed = {}, {}, {}

steps.incident = { 9, function(id, number, state, service, openedAt, overAt, revision, base, doc)
  local was = before[id]
  if base == '' and was.revision then call('DEL', p .. 'alerts:' .. id) end
  call('HSET', p .. 'incident:' .. id, 'revision', revision, 'stamp', stamp, 'doc', doc)
  changed[#changed + 1] = id
  if was.state == state and was.service == service and was.openedAt == openedAt and state ~= 'resolved' then return end
  call('HSET', p .. 'incident:' .. id, 'state', state, 'service', service, 'openedAt', openedAt)
  local row = call('HGET', p .. 'incident-rows', id)
  if row then
    if was.state ~= state then call('ZREM', p .. 'incidents:state:' .. was.state, row) end
    if was.service ~= service then call('ZREM', p .. 'incidents:service:' .. was.service, row) end
  else
    row = member(id)
    call('HSET', p .. 'incident-rows', id, row)
  end
  placed[#placed + 1] = { id, string.sub(row, 1, 13) }
  call('ZADD', p .. 'incidents', openedAt, row)
  call('ZADD', p .. 'incidents:state:' .. state, openedAt, row)
  call('ZADD', p .. 'incidents:service:' .. service, openedAt, row)
  if state == 'resolved' then
    call('ZREM', p .. 'incidents:live', row)
    if number ~= '' then call('ZADD', p .. 'incidents:over', overAt, id) end
  else
    call('ZADD', p .. 'incidents:live', openedAt, row)
    call('ZREM', p .. 'incidents:over', id)
  end
  if number ~= '' and tonumber(number) > tonumber(call('GET', p .. 'last-number') or 0) then
    call('SET', p .. 'last-number', number)
  end
end }

-- So many places and alerts follow the id.
steps.alerts = { function(count) return 2 + 2 * tonumber(count) end, function(count, id, ...) call('HSET', p .. 'alerts:' .. id, ...) end }

steps.alertsGone = { 3, function(id, first, last)
  for place = tonumber(first), tonumber(last) do call('HDEL', p .. 'alerts:' .. id, place) end
end }

-- Work may run twice: a ranking that comes in after a later one does not take its place.
steps.report = { 3, function(incident, round, doc)
  local before = call('HGET', p .. 'report:' .. incident, 'round')
  if before and tonumber(before) > tonumber(round) then return end
  call('HSET', p .. 'report:' .. incident, 'round', round, 'doc', doc)
end }

steps.vote = { 4, function(id, incident, at, doc)
  if call('HSETNX', p .. 'vote-docs', id, doc) == 0 then return end
  local row = member(id)
  call('ZADD', p .. 'votes', at, row)
  call('ZADD', p .. 'votes:' .. incident, at, row)
end }

steps.learning = { 1, function(doc) call('SET', p .. 'learning', doc) end }

steps.act = { 3, function(id, at, doc)
  if call('HSETNX', p .. 'act-docs', id, doc) == 1 then call('ZADD', p .. 'acts', at, member(id)) end
end }

steps.inbox = { 4, function(id, kind, at, doc)
  if call('EXISTS', p .. 'inbox:' .. id) == 1 then return end
  call('HSET', p .. 'inbox:' .. id, 'kind', kind, 'doc', doc)
  call('ZADD', p .. 'inbox', at, id)
  call('ZADD', p .. 'inbox-kind:' .. kind, at, id)
end }

steps.receiptGone = { 4, function(incident, place, messageId, messagePlace)
  if call('HGET', p .. 'receipt-messages:' .. incident, place) ~= messageId then return end
  call('HDEL', p .. 'receipts:' .. incident, place)
  call('HDEL', p .. 'receipt-messages:' .. incident, place)
  if call('HGET', p .. 'places', messagePlace) == incident then call('HDEL', p .. 'places', messagePlace) end
end }

steps.receipt = { 5, function(incident, place, messageId, messagePlace, doc)
  local before = call('HGET', p .. 'receipt-messages:' .. incident, place)
  if before and before ~= messageId then
    local old = place .. string.char(0) .. before
    if call('HGET', p .. 'places', old) == incident then call('HDEL', p .. 'places', old) end
  end
  call('HSET', p .. 'receipts:' .. incident, place, doc)
  call('HSET', p .. 'receipt-messages:' .. incident, place, messageId)
  call('HSET', p .. 'places', messagePlace, incident)
end }

-- Put again, an entry has no attempts: then it is another request, though it may be due at the same millisecond.
steps.workDone = { 3, function(id, dueAt, attempts)
  local due, tried = unpack(call('HMGET', p .. 'work:' .. id, 'dueAt', 'attempts'))
  if due and tonumber(due) <= tonumber(dueAt) and tonumber(tried) <= tonumber(attempts) then drop_work(id) end
end }

steps.work = { 5, function(id, kind, subject, dueAt, attempts)
  drop_work(id)
  call('HSET', p .. 'work:' .. id, 'kind', kind, 'subject', subject, 'dueAt', dueAt, 'attempts', attempts)
  call('SADD', p .. 'work-of:' .. subject, id)
  if kind == 'inbox' then call('SADD', p .. 'inbox-waiting', subject) end
  call('ZADD', p .. 'work-ready', dueAt, id)
end }

-- A card is edited again and again; anything else is said once, and its id is remembered as long as a delivery is.
steps.outboxDone = { 5, function(id, revision, attempts, kind, incident)
  if not finish_outbox(id, revision, attempts) then
    if kind == 'card' then make_edit(id) end
  elseif kind ~= 'card' then
    call('SET', p .. 'seen:said:' .. id, incident, 'PX', remember, 'NX')
  end
end }

-- A lease outlives being put again, else two would post the same message at once; done, postponed or overdue ends it.
-- Attempts stay, so that the next one knows that an earlier post may exist. An entry not sent yet keeps its better place.
steps.outbox = { 8, function(id, sink, channel, incident, kind, content, priority, dueAt)
  if kind ~= 'card' and call('EXISTS', p .. 'seen:said:' .. id) == 1 then return end
  local readyAt, attempts = dueAt, '0'
  local before = call('HMGET', p .. 'outbox:' .. id, 'priority', 'dueAt', 'attempts')
  if before[1] then
    local ready = call('ZSCORE', p .. 'outbox-ready', id)
    if tonumber(ready) > tonumber(before[2]) and tonumber(ready) > tonumber(dueAt) then readyAt = ready end
    if tonumber(before[1]) < tonumber(priority) then priority = before[1] end
    attempts = before[3]
    drop_outbox(id)
  end
  -- Not the entry's own count: an id that is finished and put anew must not repeat a revision somebody may still hold.
  local revision = call('INCR', p .. 'outbox-revision')
  call('HSET', p .. 'outbox:' .. id, 'sink', sink, 'channel', channel, 'incident', incident, 'content', content,
    'priority', priority, 'dueAt', dueAt, 'attempts', attempts, 'revision', revision)
  call('SADD', p .. 'outbox-of:' .. incident, id)
  outbox_ready_at(id, sink, priority, readyAt)
end }

steps.letterGone = { 1, drop_letter }

-- Not said: it may be asked for again.
steps.giveUp = { 3, finish_outbox }

steps.bury = { 4, function(id, at, incident, doc)
  drop_letter(id)
  call('HSET', p .. 'dead-letters', id, doc)
  call('HSET', p .. 'dead-incident', id, incident)
  call('SADD', p .. 'dead-of:' .. incident, id)
  call('ZADD', p .. 'dead', at, id)
end }

local function each(visit)
  local i = 8
  while i <= #ARGV do
    local name = ARGV[i]
    local count = steps[name][1]
    if type(count) == 'function' then count = count(ARGV[i + 1]) end
    visit(name, i + 1, i + count)
    i = i + 1 + count
  end
end

local how, known = ARGV[4], ARGV[5]
local last_number = tonumber(call('GET', p .. 'last-number') or 0)
local stands, has_acts = true, false
local seen = {}
each(function(name, i)
  if name == 'seen' then
    local incident = call('GET', p .. 'seen:' .. ARGV[i])
    if incident then
      seen[#seen + 1] = { ARGV[i], incident }
      stands = false
    end
  elseif name == 'about' then
    if not call('HGET', p .. 'incident-rows', ARGV[i]) then stands = false end
  elseif name == 'act' then
    has_acts = true
  elseif name == 'incident' then
    local was = call('HMGET', p .. 'incident:' .. ARGV[i], 'revision', 'stamp', 'state', 'service', 'openedAt')
    local base = ARGV[i + 7]
    if tonumber(was[1] or 0) ~= tonumber(ARGV[i + 6]) - 1 then stands = false end
    if base ~= '' and base ~= was[2] then stands = false end
    -- A number that was forgotten since is not given again.
    if how ~= '' and not was[1] and ARGV[i + 1] ~= '' and tonumber(ARGV[i + 1]) <= last_number then stands = false end
    before[ARGV[i]] = { revision = was[1], state = was[3], service = was[4], openedAt = was[5] }
  end
end)

local version, news = '', {}
if known ~= '' or how ~= '' then
  version = version_now()
  if version ~= known then
    news = news_since(known, ARGV[6], ARGV[7])
    if how == 'now' or (how == 'lately' and not news) then stands = false end
  end
end
if not stands then return { 0, version, news, {}, seen } end

-- Messages nobody sends again go a few at a time beside ordinary changes; one still to be acted on stays.
for _, id in ipairs(call('ZRANGEBYSCORE', p .. 'inbox', '-inf', '(' .. ARGV[2], 'LIMIT', 0, 8)) do
  if call('SISMEMBER', p .. 'inbox-waiting', id) == 0 then
    call('ZREM', p .. 'inbox-kind:' .. call('HGET', p .. 'inbox:' .. id, 'kind'), id)
    call('ZREM', p .. 'inbox', id)
    call('DEL', p .. 'inbox:' .. id)
  end
end

each(function(name, i, last) steps[name][2](unpack(ARGV, i, last)) end)
if #changed > 0 or has_acts then version = count_up(stamp, changed, has_acts) end
return { 1, version, news, placed, seen }
`;
