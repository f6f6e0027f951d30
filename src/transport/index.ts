/**
 * Devices that leave the process: `openDevice` turns "af-packet:eth0" into one. Each transport also
 * has an entry point of its own, such as `netconsole-emulator/transport/udp`.
 *
 * @module
 */
export { CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW, dropCapabilities, hasCapability } from './capabilities.js';
export { interfaceNames } from './interface.js';
export { type Limits, limitDevice } from './limit.js';
export {
  INTERFACE_TRANSPORTS,
  type InterfaceTransport,
  type OpenedDevice,
  type OpenOptions,
  OTHER_TRANSPORTS,
  openDevice,
  type ParsedSpec,
  parseSpec,
  type Transport,
} from './open.js';
