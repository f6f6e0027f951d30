/**
 * The Lua that reads numbers, text and the extended record. It does what `wire/text.ts`,
 * `wire/record.ts` and `wire/extended.ts` do.
 */

/** The part that defines `decode_text`, `quoted`, `parse_extended`, `record_end`, `parse_body`. */
export const LUA_GRAMMAR: string = String.raw`
local SAFE_MAX = 9007199254740991
local DIGITS_MAX = 20
local REPLACEMENT = "\239\191\189"
-- A string of Wireshark ends at a NUL, so one is shown as U+2400.
local NUL_SHOWN = "\226\144\128"

-- UTF-8 as it is; what is none becomes U+FFFD, as WHATWG's decoder has it.
local function decode_text(bytes)
  if not bytes:find("[%z\128-\255]") then return bytes end
  local out = {}
  local i, n = 1, #bytes
  while i <= n do
    local b = bytes:byte(i)
    local more, low, high = 0, 0x80, 0xbf
    if b == 0 then
      out[#out + 1] = NUL_SHOWN
      i = i + 1
    elseif b < 0x80 then
      local stop = (bytes:find("[%z\128-\255]", i) or n + 1) - 1
      out[#out + 1] = bytes:sub(i, stop)
      i = stop + 1
    else
      if b >= 0xc2 and b <= 0xdf then more = 1
      elseif b >= 0xe0 and b <= 0xef then
        more = 2
        if b == 0xe0 then low = 0xa0 elseif b == 0xed then high = 0x9f end
      elseif b >= 0xf0 and b <= 0xf4 then
        more = 3
        if b == 0xf0 then low = 0x90 elseif b == 0xf4 then high = 0x8f end
      end
      local j = 1
      while j <= more do
        local c = bytes:byte(i + j)
        if not c or c < low or c > high then break end
        low, high = 0x80, 0xbf
        j = j + 1
      end
      if more > 0 and j > more then out[#out + 1] = bytes:sub(i, i + more) else out[#out + 1] = REPLACEMENT end
      i = i + j
    end
  end
  return table.concat(out)
end

-- A character a byte, as the name of a kernel is read.
local function latin1_text(bytes)
  return (bytes:gsub("[\128-\255]", function(c)
    local b = c:byte()
    return string.char(0xc0 + math.floor(b / 64), 0x80 + b % 64)
  end))
end

local JSON_ESCAPES = { ["\b"] = "\\b", ["\t"] = "\\t", ["\n"] = "\\n", ["\f"] = "\\f", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }

-- As JSON writes a string.
local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c)
    if c == "\127" then return c end
    return JSON_ESCAPES[c] or string.format("\\u%04x", c:byte())
  end) .. '"'
end

local function unescape(text)
  if not text:find("\\x", 1, true) then return text end
  return (text:gsub("\\x(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- "nil": no number of 1 to 20 digits.
local function decimal(text)
  if #text > DIGITS_MAX or not text:find("^%d+$") then return nil end
  return tonumber(text)
end

local function parse_fragment(value)
  local offset, total = value:match("^(%d+)/(%d+)$")
  local index
  if not offset then offset, index, total = value:match("^(%d+)@(%d+)/(%d+)$") end
  if not offset or #offset > 9 or #total > 9 or (index and #index > 9) then return nil end
  if index then return { dialect = "index", offset = tonumber(offset), index = tonumber(index), count = tonumber(total) } end
  return { dialect = "bytes", offset = tonumber(offset), total = tonumber(total) }
end

local function judge_fragment(fragment, length, odd)
  if length == 0 then odd[#odd + 1] = "the fragment is empty" end
  if fragment.dialect == "bytes" then
    local stop = fragment.offset + length
    if stop > fragment.total then
      odd[#odd + 1] = string.format("the fragment ends at %d of %d bytes", stop, fragment.total)
    end
  elseif fragment.index >= fragment.count then
    odd[#odd + 1] = string.format("fragment %d of only %d", fragment.index, fragment.count)
  elseif (fragment.index == 0) ~= (fragment.offset == 0) then
    odd[#odd + 1] = string.format("fragment %d begins at byte %d", fragment.index, fragment.offset)
  end
end

-- One header field behind the flag.
local function take_field(record, part, body_length)
  local odd = record.odd
  local key, value = part:match("^([^=]*)=(.*)$")
  local equals = key ~= nil
  if not equals then key, value = part, "" end
  if key == "caller" and not record.caller then
    record.caller = value
    if not value:find("^[TC]%d+$") then
      odd[#odd + 1] = "caller " .. quoted(value) .. " is neither T nor C with a number"
    end
  elseif key == "ncfrag" and not record.fragment then
    local fragment = parse_fragment(value)
    if fragment then
      record.fragment = fragment
      judge_fragment(fragment, body_length, odd)
    else
      odd[#odd + 1] = "ncfrag " .. quoted(value) .. " is neither OFF/TOTAL nor OFF@I/N"
      record.fields[#record.fields + 1] = { key, value }
    end
  elseif EMERGENCY_KEYS[key] and not record.emergency and value == "1" then
    record.emergency = key
  else
    if not equals then odd[#odd + 1] = "field " .. quoted(part) .. " has no =" end
    if key == "ncfrag" or key == "caller" or EMERGENCY_KEYS[key] then
      odd[#odd + 1] = "a second " .. key .. ", or one with a value unknown here"
    end
    record.fields[#record.fields + 1] = { key, value }
  end
end

-- The record that a payload is, or nothing; then perhaps why a header that looks like one is none.
local function parse_extended(payload)
  local comma = payload:find(",", 1, true)
  if not comma or comma > HEADER_MAX_BYTES then return nil end
  local at, release = 1, nil
  local first = payload:sub(1, comma - 1)
  if first:find(".", 1, true) and not first:find(";", 1, true) then
    release = first
    at = comma + 1
  end
  local stop = payload:find(";", 1, true)
  local long = release and #release > RELEASE_MAX_BYTES
  if not stop or stop > HEADER_MAX_BYTES + 1 + (long and comma or 0) then return nil end
  local head = payload:sub(1, stop - 1)
  local prio_text, seq_text, ts_text, flag, next_at = head:match("^(%d+),(%d+),(%d+),([^,])()", at)
  if not prio_text or head:find("[^ -~]") then return nil end
  if next_at <= #head and head:byte(next_at) ~= 0x2c then return nil end
  local prio, seq, ts = decimal(prio_text), decimal(seq_text), decimal(ts_text)
  if not prio or prio > SAFE_MAX or not seq or not ts then return nil end
  if seq > SAFE_MAX or ts > SAFE_MAX then
    return nil, "seq " .. seq_text .. " or timestamp " .. ts_text .. " is above 2^53 - 1"
  end
  local record = {
    kind = "extended", release = release, prio = prio, seq = seq, ts = ts, flag = flag,
    fields = {}, odd = {}, body_at = stop + 1,
  }
  record.prio_at = at
  record.seq_at = at + #prio_text + 1
  record.ts_at = record.seq_at + #seq_text + 1
  record.flag_at = record.ts_at + #ts_text + 1
  local odd = record.odd
  if long then odd[1] = string.format("the release has %d bytes, more than %d", #release, RELEASE_MAX_BYTES) end
  if prio > PRIO_MAX then
    odd[#odd + 1] = "prio " .. prio_text:gsub("^0+(%d)", "%1") .. " is above " .. PRIO_MAX
  end
  if not flag:find("[-c+]") then odd[#odd + 1] = "flag " .. quoted(flag) .. " is none of - c +" end
  if next_at <= #head then
    for part in (head:sub(next_at + 1) .. ","):gmatch("([^,]*),") do take_field(record, part, #payload - stop) end
  end
  return record
end

-- Whether the record that "line" was read as is surely one: it decides where the one before it ends.
local function surely_begins(line, record)
  if not record or record.prio > PRIO_MAX or not record.flag:find("[-c+]") then return false end
  local fields = line:sub(record.flag_at + 1, record.body_at - 2)
  for field in fields:gmatch(",([^,]*)") do
    if not field:find("^[^=]+=") then return false end
  end
  return true
end

-- Where the record of "s" with its body at "at" ends, and where the next one begins, as relays put
-- several into one datagram; nothing if it is alone.
local function record_end(s, at)
  local stop = (s:find("\n", at, true) or #s) + 1
  while stop <= #s do
    if s:byte(stop) ~= 0x20 then
      local begin = s:sub(stop, stop + #REPLAY_NOTICE - 1) == REPLAY_NOTICE and stop + #REPLAY_NOTICE or stop
      local line = s:sub(begin)
      if surely_begins(line, (parse_extended(line))) then return stop - 1, begin end
    end
    stop = (s:find("\n", stop, true) or #s) + 1
  end
end

-- The text and the dictionary of a whole body, with the places of both, from 1.
local function parse_body(body)
  local odd, entries = {}, {}
  local n = #body
  local newline = body:find("\n", 1, true)
  local text_end = newline and newline - 1 or n
  if n > 0 and body:byte(n) ~= 10 then odd[1] = "no newline at the end" end
  local line = text_end + 2
  local first, open
  while line <= n do
    local stop = body:find("\n", line, true) or n + 1
    local sign = body:byte(line) == 0x20 and body:find("=", line, true)
    if sign and sign > line + 1 and sign < stop then
      first = first or line
      open = { at = line + 1, sign = sign, stop = stop - 1 }
      entries[#entries + 1] = open
    elseif open then
      open.stop = stop - 1
    end
    line = stop + 1
  end
  local stray = body:sub(text_end + 2, (first or n + 1) - 1)
  if #stray > 0 then
    stray = decode_text(stray)
    if stray:sub(-1) == "\n" then stray = stray:sub(1, -2) end
    for text in (stray .. "\n"):gmatch("(.-)\n") do odd[#odd + 1] = "line " .. quoted(text) .. " is no KEY=VALUE" end
  end
  for _, entry in ipairs(entries) do
    entry.key = decode_text(body:sub(entry.at, entry.sign - 1))
    entry.value = decode_text(body:sub(entry.sign + 1, entry.stop))
  end
  return { text = decode_text(unescape(body:sub(1, text_end))), text_end = text_end, entries = entries, odd = odd }
end
`;
