/** The Lua that makes what Wireshark shows: fields, columns, expert information. */

/** The part of the script that defines the protocol `proto`, its preferences, and `show`. */
export const LUA_TREE: string = `
local proto = Proto("netconsole", "Linux netconsole")
local F = {
  kind = ProtoField.string("netconsole.kind", "Kind"),
  cut = ProtoField.bool("netconsole.cut", "Cut by the capture"),
  release = ProtoField.string("netconsole.release", "Release"),
  prio = ProtoField.uint64("netconsole.prio", "Priority"),
  level = ProtoField.uint8("netconsole.level", "Level", base.DEC, LEVELS),
  facility = ProtoField.uint64("netconsole.facility", "Facility"),
  seq = ProtoField.uint64("netconsole.seq", "Sequence number"),
  ts = ProtoField.uint64("netconsole.ts_usec", "Microseconds since boot"),
  flag = ProtoField.string("netconsole.flag", "Flag"),
  caller = ProtoField.string("netconsole.caller", "Caller"),
  header_field = ProtoField.string("netconsole.field", "Header field"),
  emergency = ProtoField.string("netconsole.emergency", "Emergency transmission"),
  fragment = ProtoField.string("netconsole.fragment", "Fragment"),
  fragment_offset = ProtoField.uint32("netconsole.fragment.offset", "Offset"),
  fragment_total = ProtoField.uint32("netconsole.fragment.total", "Total bytes"),
  fragment_index = ProtoField.uint32("netconsole.fragment.index", "Index"),
  fragment_count = ProtoField.uint32("netconsole.fragment.count", "Count"),
  fragment_body = ProtoField.string("netconsole.fragment.body", "Body"),
  text = ProtoField.string("netconsole.text", "Text"),
  entry = ProtoField.string("netconsole.dict", "Dictionary entry"),
  key = ProtoField.string("netconsole.dict.key", "Key"),
  value = ProtoField.string("netconsole.dict.value", "Value"),
  joined = ProtoField.uint32("netconsole.joined", "Joined from fragments"),
  joined_frame = ProtoField.framenum("netconsole.joined.frame", "Fragment in frame"),
  missing_before = ProtoField.uint64("netconsole.gap", "Records missing before this one"),
  copy_of = ProtoField.framenum("netconsole.copy_of", "Same record as in frame"),
  odd = ProtoField.string("netconsole.odd", "Odd"),
  dialect = ProtoField.string("netconsole.response.dialect", "Dialect"),
  ack = ProtoField.uint64("netconsole.response.ack", "Acknowledged up to"),
  missing = ProtoField.string("netconsole.response.missing", "Asked for"),
  offset = ProtoField.uint32("netconsole.offset", "Offset of the text"),
  netdump_nr = ProtoField.uint32("netconsole.netdump.nr", "Request"),
  netdump_code = ProtoField.uint32("netconsole.netdump.code", "Code", base.DEC, NETDUMP_REPLY),
  netdump_info = ProtoField.uint32("netconsole.netdump.info", "Info"),
  netdump_payload = ProtoField.bytes("netconsole.netdump.payload", "Payload"),
  netoops_dump = ProtoField.uint16("netconsole.netoops.dump_id", "Dump"),
  netoops_type = ProtoField.uint16("netconsole.netoops.type", "Type", base.DEC, { [NETOOPS.hard] = "hard", [NETOOPS.soft] = "soft" }),
  netoops_count = ProtoField.uint32("netconsole.netoops.packet_count", "Packets"),
  netoops_no = ProtoField.uint32("netconsole.netoops.packet_no", "Packet"),
  netoops_boot = ProtoField.uint32("netconsole.netoops.boot_id", "Boot"),
  netoops_version = ProtoField.string("netconsole.netoops.kernel_version", "Kernel"),
  netoops_blob = ProtoField.bytes("netconsole.netoops.user_blob", "User blob"),
  netoops_vendor = ProtoField.uint8("netconsole.netoops.x86_vendor", "x86 vendor"),
  netoops_family = ProtoField.uint8("netconsole.netoops.x86_family", "x86 family"),
  netoops_model = ProtoField.uint8("netconsole.netoops.x86_model", "x86 model"),
  netoops_stepping = ProtoField.uint8("netconsole.netoops.x86_stepping", "x86 stepping"),
  netoops_regs = ProtoField.bytes("netconsole.netoops.regs", "Registers"),
}
local E = {
  odd = ProtoExpert.new("netconsole.expert.odd", "No kernel would have sent this", expert.group.PROTOCOL, expert.severity.WARN),
  fragment = ProtoExpert.new("netconsole.expert.fragment", "Bad fragment", expert.group.REASSEMBLE, expert.severity.WARN),
  gap = ProtoExpert.new("netconsole.expert.gap", "Records are missing", expert.group.SEQUENCE, expert.severity.WARN),
  copy = ProtoExpert.new("netconsole.expert.copy", "Sent again, or captured twice", expert.group.SEQUENCE, expert.severity.NOTE),
  cut = ProtoExpert.new("netconsole.expert.cut", "The capture has cut the datagram", expert.group.UNDECODED, expert.severity.NOTE),
  emergency = ProtoExpert.new("netconsole.expert.emergency", "Sent unasked: nothing was acknowledged", expert.group.SEQUENCE, expert.severity.NOTE),
}
proto.fields, proto.experts = {}, {}
do
  local fields, experts = {}, {}
  for _, one in pairs(F) do fields[#fields + 1] = one end
  for _, one in pairs(E) do experts[#experts + 1] = one end
  proto.fields, proto.experts = fields, experts
end
proto.prefs.ports = Pref.range("More UDP ports", "", "Ports whose datagrams are netconsole's, beside 6665 and 6666", 65535)
proto.prefs.heuristic = Pref.bool("Look at all UDP", true, "Records, stamped lines and other text on any port are shown as netconsole's")

local function u64(value) return UInt64.new(value % 4294967296, math.floor(value / 4294967296)) end

local function add_odd(tree, range, words)
  for _, text in ipairs(words) do
    tree:add(F.odd, range, decode_text(text)):set_generated()
    tree:add_proto_expert_info(E.odd, decode_text(text))
  end
end

local function add_body(tree, tvb, at, parsed)
  tree:add(F.text, tvb(at, parsed.text_end), parsed.text)
  for _, entry in ipairs(parsed.entries) do
    local length = entry.stop - entry.at + 1
    local item = tree:add(F.entry, tvb(at + entry.at - 1, length), entry.key .. "=" .. entry.value)
    item:add(F.key, tvb(at + entry.at - 1, entry.sign - entry.at), entry.key)
    item:add(F.value, tvb(at + entry.sign, entry.stop - entry.sign), entry.value)
  end
end

local function add_fragment(tree, range, record)
  local fragment = record.fragment
  local last = fragment.total or fragment.count
  local words = fragment.index and string.format("%d@%d/%d", fragment.offset, fragment.index, last)
    or string.format("%d/%d", fragment.offset, last)
  local item = tree:add(F.fragment, range, words)
  item:add(F.fragment_offset, range, fragment.offset)
  if fragment.index then
    item:add(F.fragment_index, range, fragment.index)
    item:add(F.fragment_count, range, fragment.count)
  else
    item:add(F.fragment_total, range, fragment.total)
  end
  item:add(F.fragment_body, range, decode_text(record.body))
end

local function add_joined(tree, joined)
  local tvb = ByteArray.new(joined.body, true):tvb("Joined record")
  local item = tree:add(F.joined, tvb(), joined.pieces)
  for _, frame in ipairs(joined.frames) do item:add(F.joined_frame, frame):set_generated() end
  local parsed = parse_body(joined.body)
  add_body(item, tvb, 0, parsed)
  add_odd(item, tvb(), joined.odd)
  add_odd(item, tvb(), parsed.odd)
end

-- What is told of a record once, when its frame is seen first; nothing if there is nothing.
local function news(flow, record, body, pinfo)
  local frame = pinfo.number
  local key = record.part and frame .. ":" .. record.part or frame
  if pinfo.visited then return news_of[key] end
  local found = {}
  if record.fragment then found.fragment = join(flow, record, body, frame) end
  if not record.fragment or joined_by[frame] then found.missing, found.copy = follow(flow, record, frame) end
  if next(found) == nil then return nil end
  news_of[key] = found
  return found
end

local function show_news(tree, told)
  if told.fragment then tree:add_proto_expert_info(E.fragment, told.fragment) end
  if told.missing then
    tree:add(F.missing_before, u64(told.missing)):set_generated()
    tree:add_proto_expert_info(E.gap, string.format("%.0f records are missing before this one", told.missing))
  end
  if told.copy then
    tree:add(F.copy_of, told.copy):set_generated()
    tree:add_proto_expert_info(E.copy)
  end
end

local function show_extended(record, tvb, tree)
  local head = record.body_at and tvb(0, record.body_at - 1) or tvb()
  if record.release then tree:add(F.release, tvb(0, #record.release), record.release) end
  local prio = record.prio_at and tvb(record.prio_at - 1, record.seq_at - record.prio_at - 1) or head
  tree:add(F.prio, prio, u64(record.prio))
  tree:add(F.level, prio, record.prio % 8)
  tree:add(F.facility, prio, u64(math.floor(record.prio / 8)))
  tree:add(F.seq, record.seq_at and tvb(record.seq_at - 1, record.ts_at - record.seq_at - 1) or head, u64(record.seq))
  if record.ts then
    tree:add(F.ts, record.ts_at and tvb(record.ts_at - 1, record.flag_at - record.ts_at - 1) or head, u64(record.ts))
  end
  if record.flag then tree:add(F.flag, record.flag_at and tvb(record.flag_at - 1, 1) or head, record.flag) end
  if record.caller then tree:add(F.caller, head, record.caller) end
  if record.emergency then
    tree:add(F.emergency, head, record.emergency)
    tree:add_proto_expert_info(E.emergency)
  end
  for _, pair in ipairs(record.fields) do tree:add(F.header_field, head, pair[1] .. "=" .. pair[2]) end
  if record.fragment then add_fragment(tree, head, record)
  elseif record.parsed then add_body(tree, tvb, record.body_at - 1, record.parsed) end
  if record.told then show_news(tree, record.told) end
  if record.joined then add_joined(tree, record.joined) end
end

local function show_netoops(found, s, tvb, tree)
  local o = NETOOPS
  tree:add_le(F.netoops_dump, tvb(o.dumpId, 2))
  tree:add_le(F.netoops_type, tvb(o.type, 2))
  tree:add_le(F.netoops_count, tvb(o.packetCount, 4))
  tree:add_le(F.netoops_no, tvb(o.packetNo, 4))
  tree:add(F.netoops_boot, tvb(o.bootId, 4), found.boot_id)
  tree:add(F.netoops_version, tvb(found.version_at, 64), latin1_text(found.kernel_version))
  if found.arch_at > found.blob_at then tree:add(F.netoops_blob, tvb(found.blob_at, found.arch_at - found.blob_at)) end
  for i, field in ipairs({ F.netoops_vendor, F.netoops_family, F.netoops_model, F.netoops_stepping }) do
    tree:add(field, tvb(found.arch_at + i - 1, 1))
  end
  if found.data_at > found.arch_at + 4 then
    tree:add(F.netoops_regs, tvb(found.arch_at + 4, found.data_at - found.arch_at - 4))
  end
  tree:add(F.text, #s > found.data_at and tvb(found.data_at) or tvb(), decode_text(s:sub(found.data_at + 1)))
end

local function show_response(found, tvb, tree)
  tree:add(F.dialect, tvb(), found.dialect)
  if found.ack then tree:add(F.ack, tvb(), u64(found.ack)) end
  for _, seq in ipairs(found.missing) do tree:add(F.missing, tvb(), seq) end
end

local function show_text(found, tvb, tree)
  local at = found.text_at
  if found.kind == "netdump" then
    tree:add(F.netdump_nr, tvb(NETDUMP.nr, 4))
    tree:add(F.netdump_code, tvb(NETDUMP.code, 4))
    tree:add(F.netdump_info, tvb(NETDUMP.info, 4))
    if tvb:len() > at then tree:add(F.netdump_payload, tvb(at)) end
    return
  end
  if found.kind == "netconsole2001" then tree:add(F.offset, tvb(NETCONSOLE2001.offset, 4)) end
  tree:add(F.text, tvb:len() > at and tvb(at) or tvb(), found.words)
end

-- Reads the body, remembers what has to be remembered, and finds the words for the list of packets.
local function read(found, s, pinfo, flow)
  if found.kind == "netoops" then
    found.words = string.format("netoops dump %d, packet %.0f of %.0f", found.dump_id, found.packet_no, found.packet_count)
  elseif found.kind == "response" then
    found.words = found.ack and string.format("ack %.0f", found.ack) or "no ack"
    if #found.missing > 0 then found.words = found.words .. " missing " .. table.concat(found.missing, " ") end
  elseif found.kind ~= "extended" then
    found.text_at = found.kind == "netdump" and NETDUMP.length
      or found.kind == "netconsole2001" and NETCONSOLE2001.length or 0
    found.words = decode_text(s:sub(found.text_at + 1))
  else
    found.words = string.format("seq %.0f", found.seq)
    if not found.body_at then return end
    found.body = s:sub(found.body_at)
    if not found.cut then
      found.told = news(flow, found, found.body, pinfo)
      found.joined = joined_by[pinfo.number]
    end
    if found.fragment then
      found.words = found.words
        .. string.format(" fragment %d-%d", found.fragment.offset, found.fragment.offset + #found.body)
      if found.joined then found.words = found.words .. " " .. parse_body(found.joined.body).text end
    else
      found.parsed = parse_body(found.body)
      for _, odd in ipairs(found.parsed.odd) do found.odd[#found.odd + 1] = odd end
      found.words = found.words .. " " .. found.parsed.text
    end
  end
end

local self

-- Shows one message, and returns its words for the list of packets.
local function show_one(found, s, tvb, pinfo, root, flow)
  read(found, s, pinfo, flow)
  local words = found.words:find("%c") and found.words:gsub("%c+", " ") or found.words
  self = self or Dissector.get("netconsole")
  -- Without a tree that anybody looks at, only expert information needs one.
  local noted = found.told or found.cut or found.emergency or #found.odd > 0
  if not (noted or root.visible or root:referenced(self)) then return words end
  local tree = root:add(proto, tvb())
  tree:append_text(", " .. words)
  tree:add(F.kind, tvb(), found.kind)
  if found.cut then
    tree:add(F.cut, tvb(), true)
    tree:add_proto_expert_info(E.cut)
  end
  if found.kind == "extended" then show_extended(found, tvb, tree)
  elseif found.kind == "netoops" then show_netoops(found, s, tvb, tree)
  elseif found.kind == "response" then show_response(found, tvb, tree)
  else show_text(found, tvb, tree) end
  add_odd(tree, tvb(), found.odd)
  return words
end

-- Shows all messages of a datagram: relays put several records into one.
local function show(found, s, tvb, pinfo, root, flow)
  pinfo.cols.protocol = "NETCONSOLE"
  local words = {}
  while true do
    local whole = found.kind == "extended" and found.body_at and not found.fragment
    local stop, next_at
    if whole then stop, next_at = record_end(s, found.body_at) end
    if not stop then break end
    words[#words + 1] = show_one(found, s:sub(1, stop), tvb(0, stop):tvb(), pinfo, root, flow)
    s, tvb = s:sub(next_at), tvb(next_at - 1):tvb()
    found = parse_extended(s)
    found.part = #words
  end
  words[#words + 1] = show_one(found, s, tvb, pinfo, root, flow)
  pinfo.cols.info = table.concat(words, " | ")
end
`;
