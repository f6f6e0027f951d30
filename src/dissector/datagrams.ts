/**
 * The Lua that reads datagrams without an extended header and tells all kinds of datagrams apart.
 * It does what `wire/message.ts` does.
 */

/** The part of the script that defines `classify` and `classify_cut`. */
export const LUA_DATAGRAMS: string = String.raw`
local function u16le(s, at) return s:byte(at + 1) + s:byte(at + 2) * 256 end
local function u32le(s, at) return u16le(s, at) + u16le(s, at + 2) * 65536 end
local function u32be(s, at)
  local a, b, c, d = s:byte(at + 1, at + 4)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- Whether bytes are what a console prints; the first and the last character may be cut.
local function is_text(s)
  local n = #s
  if n == 0 or s:find("[%z\1-\6\11\14-\26\28-\31\127]") then return false end
  local at = s:find("[\128-\255]")
  if not at then return true end
  if at == 1 then while at <= 3 and at <= n and s:find("^[\128-\191]", at) do at = at + 1 end end
  while at <= n do
    local b = s:byte(at)
    local length = 1
    if b >= 0xf5 then return false
    elseif b >= 0xf0 then length = 4
    elseif b >= 0xe0 then length = 3
    elseif b >= 0xc2 then length = 2
    elseif b >= 0x80 then return false end
    for i = at + 1, math.min(at + length - 1, n) do
      if not s:find("^[\128-\191]", i) then return false end
    end
    at = at + length
  end
  return true
end

local function is_stamped(s)
  if s:byte(1) ~= 0x5b then return false end
  local blanks, seconds, micros = s:sub(1, 32):match("^%[( *)(%d+)%.(%d+)%]")
  return blanks ~= nil and #blanks <= 11 and #seconds <= 12 and #micros == 6
end

local function is_syslog(s)
  local number, at = s:match("^<(%d+)>()")
  if not number or #number > 3 then return false end
  return s:find("^1 ", at) ~= nil or s:find("^%u%l%l [ %d]%d ", at) ~= nil or s:find("^%d%d%d%d%-", at) ~= nil
end

-- What another protocol's datagram is called; nothing if none is known by its port.
local function service(s, from)
  if is_syslog(s) then return "syslog" end
  local number = s:match("^<(%d+)>")
  if from.dst_port == SYSLOG_PORT and number and #number <= 3 then return "syslog" end
  return SERVICES[from.dst_port] or SERVICES[from.src_port]
end

local function parse_netoops(s)
  local o = NETOOPS
  if #s < 84 + o.dataBytes then return nil end
  if u16le(s, o.version) ~= o.wireVersion or u16le(s, o.arch) ~= o.wireArch then return nil end
  local kind = u16le(s, o.type)
  if kind ~= o.hard and kind ~= o.soft then return nil end
  local data_at, arch_at = u16le(s, o.dataOffset), u16le(s, o.archOffset)
  if #s ~= data_at + o.dataBytes or data_at < arch_at + 4 then return nil end
  if arch_at ~= 84 and arch_at ~= 88 and arch_at ~= 216 then return nil end
  local version_at = arch_at == 84 and o.bootId or o.kernelVersion
  return {
    kind = "netoops", odd = {}, dump_id = u16le(s, o.dumpId), type = kind, data_at = data_at, arch_at = arch_at,
    packet_count = u32le(s, o.packetCount), packet_no = u32le(s, o.packetNo),
    boot_id = arch_at == 84 and 0 or u32le(s, o.bootId), version_at = version_at,
    kernel_version = s:sub(version_at + 1, version_at + 64):match("^[^%z]*"),
    blob_at = math.min(o.userBlob, arch_at),
  }
end

local function parse_netdump(s)
  if #s < NETDUMP.length or s:byte(1) ~= NETDUMP.wireVersion then return nil end
  local code = u32be(s, NETDUMP.code)
  if not NETDUMP_REPLY[code] then return nil end
  return { kind = "netdump", odd = {}, nr = u32be(s, NETDUMP.nr), code = code, info = u32be(s, NETDUMP.info) }
end

local function parse_netconsole2001(s)
  local n = #s
  if n < NETCONSOLE2001.length or n > NETCONSOLE2001.length + NETCONSOLE2001.maxText then return nil end
  if s:byte(1) ~= NETCONSOLE2001.wireVersion then return nil end
  return { kind = "netconsole2001", odd = {}, offset = u32be(s, NETCONSOLE2001.offset) }
end

local function parse_response(s)
  if s:sub(1, 2) ~= "nc" or #s > MAX_RESPONSE_BYTES or #s < 4 then return nil end
  local prefix, ack, list = s:match("^(nc%l+)(%d*)([ %d]*)$")
  local dialect = RESPONSE_DIALECTS[prefix or ""]
  if not dialect or #ack > DIGITS_MAX or (ack == "" and list == "") then return nil end
  local missing, used = {}, 0
  for number in list:gmatch(" (%d+)") do
    if #number > DIGITS_MAX then return nil end
    missing[#missing + 1] = number
    used = used + 1 + #number
  end
  if used ~= #list then return nil end
  local value = tonumber(ack)
  if value and value > SAFE_MAX then value = nil end
  return { kind = "response", odd = {}, dialect = dialect, ack = value, missing = missing }
end

local function by_header(s, ours)
  local found = parse_netoops(s)
  if found then return found end
  found = parse_netdump(s)
  if found and (ours or (NETDUMP_REPLY[found.code] == "LOG" and is_text(s:sub(NETDUMP.length + 1)))) then return found end
  found = parse_netconsole2001(s)
  if found and (ours or is_text(s:sub(NETCONSOLE2001.length + 1))) then return found end
  return parse_response(s)
end

-- What a payload is; nothing and a name if it is another protocol's.
local function classify(s, from)
  local found = by_header(s, from.ours)
  if found then return found end
  local extended, why = parse_extended(s)
  if extended then return extended end
  local plain = { kind = "plain", odd = { why } }
  if from.ours or is_stamped(s) then return plain end
  local name = service(s, from)
  if name then return nil, name end
  if is_text(s) then return plain end
  return nil, "UDP, not text"
end

-- The fields of a header that are there whole.
local function cut_record(s)
  local at, release = 1, nil
  local before, after, next_at = s:match("^([^,;]-)%.([^,;]*),()")
  if before and #before + #after <= 256 then
    release = before .. "." .. after
    at = next_at
  end
  local prio, seq
  prio, seq, next_at = s:match("^(%d+),(%d+),()", at)
  if not prio or #prio > 4 or #seq > 16 or tonumber(seq) > SAFE_MAX then return nil end
  local record = { kind = "extended", odd = {}, fields = {}, release = release, prio = tonumber(prio), seq = tonumber(seq) }
  local ts, flag, caller
  ts, at = s:match("^(%d+),()", next_at)
  if not ts or #ts > 16 then return record end
  if tonumber(ts) > SAFE_MAX then return nil end
  record.ts = tonumber(ts)
  flag, at = s:match("^([-c+]),()", at)
  if not flag then return record end
  record.flag = flag
  record.caller = s:match("^caller=([TC]%d+),", at)
  return record
end

-- Whether bytes may be the beginning of a header, or of a text.
local function is_header_or_text(s)
  if s == "" then return true end
  local begin, prio = s:match("^%d([%w_.+~-]*),?(%d*)$")
  return begin ~= nil and #begin <= 63 and #prio <= 4
end

-- The same of the first bytes of a payload of "length".
local function classify_cut(s, length, from)
  local netoops = parse_netoops(s .. string.rep("\0", length - #s))
  if netoops and #s >= netoops.data_at then return netoops end
  local found, name = classify(s, from)
  if not found or found.kind == "plain" then
    local record = cut_record(s)
    if record then return record end
    if found and is_header_or_text(s) then return nil, "a datagram cut too early to tell" end
    return found, name
  end
  if found.kind == "response" then return { kind = "plain", odd = {} } end
  return found
end
`;
