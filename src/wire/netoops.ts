/**
 * Parses and emits the datagram of netoops, third posting (2010): a fixed header, an x86 block and
 * 1,024 bytes of kernel log.
 *
 * All integers are little-endian. There is no magic number, so version and lengths have to agree.
 * The layout existed in three forms while the series was half applied. They differ in the length of
 * the header, which `arch_offset` tells: 84 bytes; 88 with `boot_id`; 216 with `user_blob`, too.
 */

/** Offsets of the header's fields, in bytes. */
export const NETOOPS = {
  version: 0,
  dumpId: 2,
  dataOffset: 4,
  arch: 6,
  archOffset: 8,
  type: 10,
  packetCount: 12,
  packetNo: 16,
  bootId: 20,
  kernelVersion: 24,
  userBlob: 88,
  archData: 216,
} as const;

/** The version of the format. */
export const NETOOPS_VERSION = 3;
/** The type of a dump after an oops or a panic. */
export const NETOOPS_TYPE_PRINTK_BUFFER = 1;
/** The type of a dump that somebody asked for, from a machine that goes on running. */
export const NETOOPS_TYPE_PRINTK_BUFFER_SOFT = 3;
/** The UDP port that packets go to. */
export const NETOOPS_PORT = 2004;
/** How many bytes of the log each packet carries. */
export const NETOOPS_DATA_BYTES = 1024;
/** How many bytes the user may put into the header. */
export const NETOOPS_BLOB_BYTES = 128;
/** The architecture x86. */
export const NETOOPS_ARCH = 2;

const KERNEL_VERSION_BYTES = 64;
/** The size of vendor, family, model and stepping. */
const CPU_BYTES = 4;

/** What a packet's header says. */
export interface NetoopsHeader {
  /** The number of the dump, 16 bits: the seconds on the kernel's tick counter when it began. */
  readonly dumpId: number;
  /** The type of the dump, NETOOPS_TYPE_*. */
  readonly type: number;
  /** How many packets the dump has. */
  readonly packetCount: number;
  /** The number of the packet, from 0. */
  readonly packetNo: number;
  /** What user space chose for this boot, 32 bits; 0 in the form without `boot_id`. */
  readonly bootId: number;
  /** The kernel's `uname -r`, cut to 64 bytes of ASCII. */
  readonly kernelVersion: string;
  /** What the user put into the header, up to 128 bytes. */
  readonly userBlob: Uint8Array;
  /** The vendor of the processor in the kernel's numbers: 0 is Intel, 2 is AMD. */
  readonly x86Vendor: number;
  /** The processor's family. */
  readonly x86Family: number;
  /** The processor's model. */
  readonly x86Model: number;
  /** The processor's stepping. */
  readonly x86Stepping: number;
  /** The registers as `struct pt_regs`: 168 bytes on x86_64, 68 on i386. */
  readonly regs: Uint8Array;
}

/** A packet: its header, and its piece of the log. */
export interface NetoopsPacket extends NetoopsHeader {
  /** The packet's piece of the log, 1024 bytes, padded with zeros. */
  readonly data: Uint8Array;
}

/** Returns how many bytes `emitNetoops` writes, which is also where the data begins. */
export function netoopsLength(header: NetoopsHeader): number {
  return NETOOPS.archData + CPU_BYTES + header.regs.length;
}

/**
 * Parses a packet; blob, registers and data are views. Returns undefined if anything about version,
 * type or lengths does not agree.
 */
export function parseNetoops(payload: Uint8Array): NetoopsPacket | undefined {
  if (payload.length < 84 + NETOOPS_DATA_BYTES) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const u16 = (at: number) => view.getUint16(at, true);
  const u32 = (at: number) => view.getUint32(at, true);
  if (u16(NETOOPS.version) !== NETOOPS_VERSION || u16(NETOOPS.arch) !== NETOOPS_ARCH) return undefined;
  const type = u16(NETOOPS.type);
  if (type !== NETOOPS_TYPE_PRINTK_BUFFER && type !== NETOOPS_TYPE_PRINTK_BUFFER_SOFT) return undefined;
  const dataOffset = u16(NETOOPS.dataOffset);
  const archOffset = u16(NETOOPS.archOffset);
  if (payload.length !== dataOffset + NETOOPS_DATA_BYTES || dataOffset < archOffset + CPU_BYTES) return undefined;
  if (archOffset !== 84 && archOffset !== 88 && archOffset !== 216) return undefined;
  const versionAt = archOffset === 84 ? NETOOPS.bootId : NETOOPS.kernelVersion;
  return {
    dumpId: u16(NETOOPS.dumpId),
    type,
    packetCount: u32(NETOOPS.packetCount),
    packetNo: u32(NETOOPS.packetNo),
    bootId: archOffset === 84 ? 0 : u32(NETOOPS.bootId),
    kernelVersion: cString(payload.subarray(versionAt, versionAt + KERNEL_VERSION_BYTES)),
    userBlob: payload.subarray(Math.min(NETOOPS.userBlob, archOffset), archOffset),
    x86Vendor: payload[archOffset]!,
    x86Family: payload[archOffset + 1]!,
    x86Model: payload[archOffset + 2]!,
    x86Stepping: payload[archOffset + 3]!,
    regs: payload.subarray(archOffset + CPU_BYTES, dataOffset),
    data: payload.subarray(dataOffset),
  };
}

/**
 * Writes header and x86 block at `at` and returns their length; the caller puts the data behind
 * them. Never reads `bytes`.
 */
export function emitNetoops(header: NetoopsHeader, bytes: Uint8Array, at = 0): number {
  const length = netoopsLength(header);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  view.setUint16(NETOOPS.version, NETOOPS_VERSION, true);
  view.setUint16(NETOOPS.dumpId, header.dumpId, true);
  view.setUint16(NETOOPS.dataOffset, length, true);
  view.setUint16(NETOOPS.arch, NETOOPS_ARCH, true);
  view.setUint16(NETOOPS.archOffset, NETOOPS.archData, true);
  view.setUint16(NETOOPS.type, header.type, true);
  view.setUint32(NETOOPS.packetCount, header.packetCount, true);
  view.setUint32(NETOOPS.packetNo, header.packetNo, true);
  view.setUint32(NETOOPS.bootId, header.bootId, true);
  bytes.fill(0, at + NETOOPS.kernelVersion, at + NETOOPS.archData);
  for (let i = 0; i < header.kernelVersion.length && i < KERNEL_VERSION_BYTES; i++) {
    bytes[at + NETOOPS.kernelVersion + i] = header.kernelVersion.charCodeAt(i);
  }
  bytes.set(header.userBlob.subarray(0, NETOOPS_BLOB_BYTES), at + NETOOPS.userBlob);
  const cpu = [header.x86Vendor, header.x86Family, header.x86Model, header.x86Stepping];
  bytes.set(cpu, at + NETOOPS.archData);
  bytes.set(header.regs, at + NETOOPS.archData + CPU_BYTES);
  return length;
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  let text = '';
  for (const byte of end < 0 ? bytes : bytes.subarray(0, end)) text += String.fromCharCode(byte);
  return text;
}
