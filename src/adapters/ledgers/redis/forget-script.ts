/**
 * Forgets incidents: those that are long over, or one that somebody asks to be gone. KEYS[1] as in `commit-script.ts`.
 */
import { pictureFunctions } from './picture-script.ts';

const forgetting = `
local p = KEYS[1]
local call = redis.call
${pictureFunctions}

local function drop_task(kind, id)
  local entry = call('HMGET', p .. kind .. ':' .. id, 'sink', 'priority')
  if entry[1] then call('ZREM', p .. 'outbox-ready:' .. entry[1] .. ':' .. entry[2], id) end
  call('ZREM', p .. kind .. '-ready', id)
  call('DEL', p .. kind .. ':' .. id)
end

local function drop_letter(id)
  local incident = call('HGET', p .. 'dead-incident', id)
  if incident then call('SREM', p .. 'dead-of:' .. incident, id) end
  call('HDEL', p .. 'dead-incident', id)
  call('HDEL', p .. 'dead-letters', id)
  call('ZREM', p .. 'dead', id)
end

local function forget(id)
  local row = call('HGET', p .. 'incident-rows', id)
  local state, service = unpack(call('HMGET', p .. 'incident:' .. id, 'state', 'service'))
  for _, set in ipairs({ 'incidents', 'incidents:live', 'incidents:state:' .. state, 'incidents:service:' .. service }) do
    call('ZREM', p .. set, row)
  end
  call('HDEL', p .. 'incident-rows', id)
  local messages = call('HGETALL', p .. 'receipt-messages:' .. id)
  for i = 1, #messages, 2 do
    local place = messages[i] .. string.char(0) .. messages[i + 1]
    if call('HGET', p .. 'places', place) == id then call('HDEL', p .. 'places', place) end
  end
  for _, task in ipairs(call('SMEMBERS', p .. 'outbox-of:' .. id)) do drop_task('outbox', task) end
  for _, task in ipairs(call('SMEMBERS', p .. 'work-of:' .. id)) do
    if call('HGET', p .. 'work:' .. task, 'kind') ~= 'inbox' then
      drop_task('work', task)
      call('SREM', p .. 'work-of:' .. id, task)
    end
  end
  for _, letter in ipairs(call('SMEMBERS', p .. 'dead-of:' .. id)) do drop_letter(letter) end
  for _, key in ipairs({ 'incident:', 'alerts:', 'report:', 'receipts:', 'receipt-messages:', 'outbox-of:', 'dead-of:' }) do call('DEL', p .. key .. id) end
  call('ZREM', p .. 'incidents:over', id)
end
`;

/**
 * Those that are long over, a few at a time, with all that hangs on them. Verdicts stay, and so does the incident of the highest
 * number. ARGV: resolved before, acts before, at once. Answers 1 when there may be more.
 */
export const forgetScript = `${forgetting}
local atOnce = tonumber(ARGV[3])
local last = call('GET', p .. 'last-number') or ''

local most = 0
local function took(count) if count > most then most = count end end

local over = 0
for _, id in ipairs(call('ZRANGEBYSCORE', p .. 'incidents:over', '-inf', '(' .. ARGV[1], 'LIMIT', 0, atOnce + 1)) do
  if over < atOnce and id ~= 'INC-' .. last then
    forget(id)
    over = over + 1
  end
end
took(over)

local messages = 0
for _, id in ipairs(call('ZRANGEBYSCORE', p .. 'inbox', '-inf', '(' .. ARGV[1])) do
  if messages == atOnce then break end
  if call('SISMEMBER', p .. 'inbox-waiting', id) == 0 then
    call('ZREM', p .. 'inbox-kind:' .. call('HGET', p .. 'inbox:' .. id, 'kind'), id)
    call('ZREM', p .. 'inbox', id)
    call('DEL', p .. 'inbox:' .. id)
    messages = messages + 1
  end
end
took(messages)

local acts = call('ZRANGEBYSCORE', p .. 'acts', '-inf', '(' .. ARGV[2], 'LIMIT', 0, atOnce)
for _, row in ipairs(acts) do
  call('ZREM', p .. 'acts', row)
  call('HDEL', p .. 'act-docs', string.sub(row, 15))
end
took(#acts)

local letters = call('ZRANGEBYSCORE', p .. 'dead', '-inf', '(' .. ARGV[1], 'LIMIT', 0, atOnce)
for _, id in ipairs(letters) do drop_letter(id) end
took(#letters)
if over > 0 or #acts > 0 then begin_anew(ARGV[4]) end
return most >= atOnce and 1 or 0
`;

/** One, also with verdicts, acts, what a model was asked, and messages that hold one of the marks. ARGV: its id, stamp, marks. That somebody asked for it stays. */
export const forgetIncidentScript = `${forgetting}
local id = ARGV[1]
if call('HGET', p .. 'incident-rows', id) then forget(id) end
for _, row in ipairs(call('ZRANGE', p .. 'votes:' .. id, 0, -1)) do
  call('ZREM', p .. 'votes', row)
  call('HDEL', p .. 'vote-docs', string.sub(row, 15))
end
call('DEL', p .. 'votes:' .. id)
for _, row in ipairs(call('ZRANGE', p .. 'acts', 0, -1)) do
  local act = string.sub(row, 15)
  local doc = call('HGET', p .. 'act-docs', act)
  local read = doc and cjson.decode(doc) or {}
  if read.incidentId == id and read.kind ~= 'forget' then
    call('ZREM', p .. 'acts', row)
    call('HDEL', p .. 'act-docs', act)
  end
end
for _, message in ipairs(call('ZRANGE', p .. 'inbox', 0, -1)) do
  local kind, doc = unpack(call('HMGET', p .. 'inbox:' .. message, 'kind', 'doc'))
  local isOf = kind == 'model' and cjson.decode(doc).body.incidentId == id
  for i = 3, #ARGV do isOf = isOf or (doc and string.find(doc, ARGV[i], 1, true)) end
  if isOf then
    call('ZREM', p .. 'inbox-kind:' .. kind, message)
    call('ZREM', p .. 'inbox', message)
    call('DEL', p .. 'inbox:' .. message)
  end
end
begin_anew(ARGV[2])
return 1
`;
