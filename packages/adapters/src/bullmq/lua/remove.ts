/** Removes a job whatever its state, but not a key that it holds for a time. Needs the function `removeJob`. */
export const REMOVE: string = `
local function remove(base, id)
  local dedupeId = call('HGET', base .. id, 'deid')
  local window = dedupeId and call('PTTL', base .. 'de:' .. dedupeId) or 0
  local owner = window > 0 and call('GET', base .. 'de:' .. dedupeId)
  local code = removeJob({base .. id, base .. 'repeat'}, {id, 0, base})
  if owner == id then call('SET', base .. 'de:' .. dedupeId, id, 'PX', window) end
  return code
end
`
