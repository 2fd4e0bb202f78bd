/** Fields of a job's hash that tell its status, in the order in which `GET` answers them. */
export const STATUS_FIELDS: readonly string[] = [
  'name',
  'timestamp',
  'opts',
  'priority',
  'atm',
  'stc',
  'pb',
  'progress',
  'returnvalue',
  'isobar:error',
  'failedReason',
  'isobar:reason',
  'finishedOn',
  'isobar:due',
  'isobar:at',
  'isobar:unstarted',
]

/** Finds a job's queue: the one named, or the first of those known that has it. */
export const FIND: string = `
-- Other keys of a queue have names like a job's: none of them is a hash with these two fields.
local function isJob(key)
  if call('TYPE', key).ok ~= 'hash' then return false end
  local fields = call('HMGET', key, 'name', 'timestamp')
  return fields[1] and fields[2]
end

local function find(prefix, queue, id)
  local queues = queue ~= '' and {queue} or call('SMEMBERS', KEYS[1])
  local canceled
  for _, name in ipairs(queues) do
    local base = prefix .. ':' .. name .. ':'
    if isJob(base .. id) then return name, base, base .. id end
    if call('EXISTS', base .. 'isobar:canceled:' .. id) == 1 then canceled = name end
    -- BullMQ keeps this key for as long as there is a queue.
    if call('EXISTS', base .. 'meta') == 0 then call('SREM', KEYS[1], name) end
  end
  if canceled then
    local base = prefix .. ':' .. canceled .. ':'
    return canceled, base, base .. 'isobar:canceled:' .. id, true
  end
end
`

/**
 * Where a job stands.
 *
 *     KEYS  the set of known queues
 *     ARGV  prefix of all queues, queue (empty: any), id
 *
 * Answers nothing, or queue, state, when it is due (empty: see its fields), whether its lease has ended, then the fields.
 */
export const GET: string = `
local name, base, key, isCanceled = find(ARGV[1], ARGV[2], ARGV[3])
if not name then return nil end
local id = ARGV[3]
local state, due, hasEnded = 'queued', '', 0
if isCanceled then state = 'canceled'
elseif call('ZSCORE', base .. 'completed', id) then state = 'done'
elseif call('ZSCORE', base .. 'failed', id) then state = 'dead'
elseif call('EXISTS', base .. id .. ':lock') == 1 then state = 'running'
else
  local score = call('ZSCORE', base .. 'delayed', id)
  if score then due = string.format('%.0f', math.floor(tonumber(score) / 0x1000))
  elseif call('LPOS', base .. 'active', id) then hasEnded = 1 end
end
return {name, state, due, hasEnded, call('HMGET', key, ${STATUS_FIELDS.map((field) => `'${field}'`).join(', ')})}
`

/**
 * Cancels a job that is queued or running.
 *
 *     KEYS  the set of known queues
 *     ARGV  prefix of all queues, queue (empty: any), id, how long to keep what it was, in ms
 *
 * Answers 1, or 0 for one that has ended, or never was.
 */
export const CANCEL: string = `
local name, base, key, isCanceled = find(ARGV[1], ARGV[2], ARGV[3])
local id = ARGV[3]
if not name or isCanceled or call('ZSCORE', base .. 'completed', id) or call('ZSCORE', base .. 'failed', id) then
  return 0
end
local lock = base .. id .. ':lock'
local token = call('GET', lock)
local left = token and call('PTTL', lock) or 0
local keepMs = math.max(tonumber(ARGV[4]), left)
local fields = call('HGETALL', key)
if token then call('DEL', lock) end
if remove(base, id) ~= 1 then
  -- The next tick of a job scheduler of BullMQ, which only goes with its scheduler.
  if token then call('SET', lock, token, 'PX', math.max(left, 1)) end
  return 0
end
call('SREM', base .. 'stalled', id)
if keepMs > 0 then
  local canceled = base .. 'isobar:canceled:' .. id
  for at = 1, #fields, 2 do
    if fields[at] ~= 'data' then call('HSET', canceled, fields[at], fields[at + 1]) end
  end
  call('HSET', canceled, 'finishedOn', string.format('%.0f', getTime()))
  if token then call('HSET', canceled, 'isobar:token', token) end
  call('PEXPIRE', canceled, keepMs)
end
return 1
`
