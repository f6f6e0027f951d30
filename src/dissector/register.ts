/** The Lua that Wireshark calls: for a port, as a heuristic, and when preferences change. */

/** The last part of the script, which registers the protocol. */
export const LUA_REGISTER: string = `
-- What a datagram is; "by_port": its port was said to be netconsole's.
local function look(tvb, pinfo, by_port)
  local s = tvb:raw()
  local src, dst = pinfo.src_port, pinfo.dst_port
  local flow = table.concat({ tostring(pinfo.src), src, tostring(pinfo.dst), dst }, " ")
  local since = known_flows[flow]
  local ours = by_port or src == PORTS["local"] or src == PORTS.remote or dst == PORTS["local"] or dst == PORTS.remote
  local from = { src_port = src, dst_port = dst, ours = ours or (since ~= nil and since < pinfo.number) }
  local length = tvb:reported_len()
  local found
  if length > #s then
    found = classify_cut(s, length, from)
    if found then found.cut = true end
  else
    found = classify(s, from)
  end
  if found and not since and (found.kind == "extended" or is_stamped(s)) then known_flows[flow] = pinfo.number end
  return found, s, flow
end

function proto.dissector(tvb, pinfo, root)
  local found, s, flow = look(tvb, pinfo, true)
  if not found then return 0 end
  show(found, s, tvb, pinfo, root, flow)
  return tvb:len()
end

local function heuristic(tvb, pinfo, root)
  if not proto.prefs.heuristic then return false end
  local found, s, flow = look(tvb, pinfo, false)
  if not found then return false end
  show(found, s, tvb, pinfo, root, flow)
  return true
end

proto.init = forget_all

local udp_ports = DissectorTable.get("udp.port")
udp_ports:add(PORTS["local"], proto)
udp_ports:add(PORTS.remote, proto)
proto:register_heuristic("udp", heuristic)

-- Netconsole is often sent to a syslog server: what is not netconsole's there stays syslog's.
local syslog = udp_ports:get_dissector(SYSLOG_PORT)
local shared = Proto("netconsole_syslog", "Linux netconsole on syslog's port")
function shared.dissector(tvb, pinfo, root)
  if heuristic(tvb, pinfo, root) then return tvb:len() end
  if syslog then return syslog:call(tvb, pinfo, root) end
  return 0
end
udp_ports:add(SYSLOG_PORT, shared)

local ports_before = ""
function proto.prefs_changed()
  if ports_before == proto.prefs.ports then return end
  if ports_before ~= "" then udp_ports:remove(ports_before, proto) end
  if proto.prefs.ports ~= "" then udp_ports:add(proto.prefs.ports, proto) end
  ports_before = proto.prefs.ports
end
`;
