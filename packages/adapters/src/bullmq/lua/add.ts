/** Values that describe one job to be added, in the order of `toSpecValues`. */
export const SPEC_VALUES = 12

/**
 * Adds one job as BullMQ does. Answers the id of the job there is now, and whether it is another one or was there before.
 * Needs the functions `addStandardJob`, `addPrioritizedJob`, `addDelayedJob` and `remove`.
 *
 * Optional texts start with `=`; an empty one means that there is none.
 */
export const ADD: string = `
local function add(at, time, prefix)
  local base, id, isGiven, name, data = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local priority, delay = tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  local mode, dedupeId, window = ARGV[at + 7], ARGV[at + 8], tonumber(ARGV[at + 9])
  local tenant, trace = ARGV[at + 10], ARGV[at + 11]
  local key = base .. id
  call('SADD', KEYS[1], toName(base, prefix))
  if isGiven == '1' then
    if call('ZSCORE', base .. 'completed', id) then
      local holder = mode ~= '' and call('GET', base .. 'de:' .. dedupeId)
      if holder then return {holder, 1} end
      -- What is done gives its id to others.
      remove(base, id)
    elseif call('EXISTS', key) == 1 then
      return {id, 1}
    end
  end
  local opts = {attempts = 0}
  if priority > 0 then opts.priority = priority end
  if delay > 0 then opts.delay = delay end
  if mode ~= '' then
    opts.de = {id = dedupeId}
    if mode == 'window' then opts.de.ttl = window end
  end
  if trace ~= '' then opts.tm = string.sub(trace, 2) end
  local args = {base, id, name, time}
  if mode ~= '' then args[9] = base .. 'de:' .. dedupeId end
  local values = {cmsgpack.pack(args), data, cmsgpack.pack(opts)}
  local added
  if delay > 0 then
    added = addDelayedJob({base .. 'marker', base .. 'meta', base .. 'id', base .. 'delayed', base .. 'completed',
      base .. 'events'}, values)
  elseif priority > 0 then
    added = addPrioritizedJob({base .. 'marker', base .. 'meta', base .. 'id', base .. 'prioritized',
      base .. 'delayed', base .. 'completed', base .. 'active', base .. 'events', base .. 'pc'}, values)
  else
    added = addStandardJob({base .. 'wait', base .. 'paused', base .. 'meta', base .. 'id', base .. 'completed',
      base .. 'delayed', base .. 'active', base .. 'events', base .. 'marker'}, values)
  end
  -- A key may be held for an earlier job of the same id.
  if added ~= id or call('EXISTS', key) == 0 then return {added, 1} end
  if isGiven == '1' then call('DEL', base .. 'isobar:canceled:' .. id) end
  if tenant ~= '' then call('HSET', key, 'isobar:tenant', string.sub(tenant, 2)) end
  if mode ~= '' then call('HSET', key, 'isobar:dedupe', mode) end
  return {id, 0}
end
`

/**
 * Enqueues jobs, all in one step.
 *
 *     KEYS  the set of known queues, then the bases of the queues
 *     ARGV  prefix of all queues, then SPEC_VALUES values a job
 *
 * Answers `id, duplicate` for each.
 */
export const SEND: string = `
local time = getTime()
local answers = {}
for at = 2, #ARGV, ${SPEC_VALUES} do
  local answer = add(at, time, ARGV[1])
  answers[#answers + 1] = answer[1]
  answers[#answers + 1] = answer[2]
end
return answers
`
