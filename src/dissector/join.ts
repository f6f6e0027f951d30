/**
 * The Lua that remembers what came before: fragments, which it joins as `wire/joiner.ts` does, the
 * seqs of each flow, to find gaps, and records, to find copies.
 */

/** The part of the script that defines `forget_all`, `join` and `follow`. */
export const LUA_JOIN: string = `
-- Lua 5.1 has it under another name.
local unpack_list = table.unpack or unpack

-- By what all fragments of a record have in common.
local pending, pending_order = {}, {}
local remembered, remembered_order, remembered_bytes = {}, {}, 0
-- By the number of the frame: what it completed, and what it said of gaps and copies.
local joined_by, news_of = {}, {}
-- By flow: the seq that follows, and the records that have come.
local flows = {}
-- Flows that have carried what only netconsole sends, by the frame that showed it.
local known_flows = {}

local function forget_all()
  pending, pending_order = {}, {}
  remembered, remembered_order, remembered_bytes = {}, {}, 0
  joined_by, news_of, flows, known_flows = {}, {}, {}, {}
end

local function in_order(one)
  local offsets = {}
  for offset in pairs(one.pieces) do offsets[#offsets + 1] = offset end
  table.sort(offsets)
  return offsets
end

local function covered(one)
  local limit = one.total > 0 and one.total or JOINER.bodyBytes
  local bytes, reached = 0, 0
  for _, offset in ipairs(in_order(one)) do
    local stop = math.min(offset + #one.pieces[offset], limit)
    if stop > reached then
      bytes = bytes + stop - math.max(offset, reached)
      reached = stop
    end
  end
  return bytes
end

local function agrees(one, offset, body)
  local stop = offset + #body
  for at, piece in pairs(one.pieces) do
    local from, to = math.max(at, offset), math.min(at + #piece, stop)
    if from < to and piece:sub(from - at + 1, to - at) ~= body:sub(from - offset + 1, to - offset) then return false end
  end
  return true
end

local function remember(key, body)
  if remembered[key] then remembered_bytes = remembered_bytes - #remembered[key] end
  remembered[key] = body
  remembered_bytes = remembered_bytes + #body
  remembered_order[#remembered_order + 1] = key
  while #remembered_order > 2 * JOINER.remembered do table.remove(remembered_order, 1) end
  while remembered_bytes > JOINER.rememberedBytes and #remembered_order > 1 do
    local oldest = table.remove(remembered_order, 1)
    if remembered[oldest] and oldest ~= key then
      remembered_bytes = remembered_bytes - #remembered[oldest]
      remembered[oldest] = nil
    end
  end
end

-- The whole body, in order; bytes behind the last fragment do not count.
local function whole(one)
  local parts, reached = {}, 0
  for _, offset in ipairs(in_order(one)) do
    local piece = one.pieces[offset]
    if offset + #piece > reached and offset < one.total then
      parts[#parts + 1] = piece:sub(reached - offset + 1, one.total - offset)
      reached = math.min(offset + #piece, one.total)
    end
  end
  return table.concat(parts)
end

-- Takes a fragment; what it completes is found in joined_by from then on. Returns words about it.
local function join(flow, record, body, frame)
  local fragment = record.fragment
  local stop = fragment.offset + #body
  local size = fragment.dialect == "bytes" and fragment.total or fragment.count
  local limit = fragment.dialect == "bytes" and math.min(size, JOINER.bodyBytes) or JOINER.bodyBytes
  if #body == 0 or stop > limit or size > JOINER.bodyBytes then return "the fragment cannot be joined" end
  local key = table.concat({ flow, fragment.dialect, record.seq, record.ts, record.prio, record.flag, record.caller or "" }, " ")
  local done = remembered[key]
  if done and stop <= #done and done:sub(fragment.offset + 1, stop) == body then
    return "a copy: its record was complete already"
  end
  local words
  local one = pending[key]
  if one and (one.size ~= size or not agrees(one, fragment.offset, body)) then
    pending[key] = nil
    one = nil
    words = "contradicts fragments before it: their record stays incomplete"
  end
  if not one then
    one = { size = size, total = fragment.dialect == "bytes" and size or 0, pieces = {}, count = 0, stored = 0, frames = {}, odd = { unpack_list(record.odd) } }
    pending[key] = one
    pending_order[#pending_order + 1] = key
    if #pending_order > JOINER.pending then
      local left = {}
      for _, other in ipairs(pending_order) do if pending[other] then left[#left + 1] = other end end
      while #left > JOINER.pending do pending[table.remove(left, 1)] = nil end
      pending_order = left
    end
  end
  if fragment.dialect == "index" and fragment.index == fragment.count - 1 then one.total = stop end
  local had = one.pieces[fragment.offset]
  if not had then one.count = one.count + 1 end
  if not had or #had < #body then
    one.pieces[fragment.offset] = body
    one.stored = one.stored + #body - (had and #had or 0)
    one.frames[#one.frames + 1] = frame
  end
  if one.count > JOINER.pieces or one.stored > 2 * JOINER.bodyBytes then
    pending[key] = nil
    return "fragments without end: their record is given up"
  end
  if one.total == 0 or covered(one) < one.total then return words end
  pending[key] = nil
  local complete = whole(one)
  remember(key, complete)
  joined_by[frame] = { body = complete, pieces = one.count, frames = one.frames, odd = one.odd }
  return words
end

-- Follows the seqs of a flow. Returns the records that are missing before this one, and the frame that had it before.
local function follow(flow, record, frame)
  local state = flows[flow]
  if not state then
    state = { next = record.seq, frames = {}, stamps = {} }
    flows[flow] = state
  end
  local missing
  if state.stamps[record.seq] == record.ts then return nil, state.frames[record.seq] end
  if record.seq > state.next then missing = record.seq - state.next end
  if record.seq >= state.next or (state.latest and record.ts < state.latest) then state.next = record.seq + 1 end
  state.latest = record.ts
  state.frames[record.seq], state.stamps[record.seq] = frame, record.ts
  -- As many are remembered as fit between two seqs.
  state.stamps[record.seq - JOINER.remembered], state.frames[record.seq - JOINER.remembered] = nil, nil
  return missing, nil
end
`;
