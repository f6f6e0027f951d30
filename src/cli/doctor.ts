/**
 * `doctor`: says which transports work here on which interface and, for each that does not, why and
 * what to do. It sends nothing.
 */
import { KernelError } from '../errno.js';
import { CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW, hasCapability } from '../transport/capabilities.js';
import { defaultRouteInterfaces, interfaceInfo, interfaceNames, linkInfo } from '../transport/interface.js';
import { INTERFACE_TRANSPORTS, OTHER_TRANSPORTS, openDevice } from '../transport/open.js';
import { formatMac } from '../wire/address.js';

/** Options of `doctor`. */
export interface DoctorOptions {
  /** Print one JSON object. */
  readonly json?: boolean;
}

/**
 * Transports that the kernel has several modes of: the mode that is asked for, and why. Zero copy
 * takes a whole queue. Linux: drivers/net/ethernet/intel/ice/ice_xsk.c, ice_xsk_pool_setup.
 */
const MODES: Readonly<Record<string, { readonly mode: string; readonly why: string }>> = {
  'af-xdp': {
    mode: 'copy mode',
    why: "zero copy is not tried unasked, as it takes the NIC's whole queue for the socket: see af-xdp:IF:zerocopy",
  },
};

/** Says whether a transport can be opened; `code` and `reason` say why not and what to do. */
export interface TransportFinding {
  /** The name of the transport, as `--via` takes it. */
  readonly transport: string;
  /** Whether the transport could be opened. */
  readonly works: boolean;
  /** If the transport has several modes: the one that works. */
  readonly mode?: string;
  /** Why that mode is used. */
  readonly modeReason?: string;
  /** The code of the error if it does not work: `EPERM`, `ENOSYS`. */
  readonly code?: string;
  /** Why it does not work and what to do, as a sentence. */
  readonly reason?: string;
}

/** A network interface of this machine, and what works on it. */
export interface InterfaceFinding {
  readonly name: string;
  /** The hardware address, with colons. Absent, as the MTU is, where it cannot be read. */
  readonly mac?: string;
  readonly mtu?: number;
  /** Whether the interface is up; absent where that cannot be read. */
  readonly up?: boolean;
  /** Whether the interface has a default route: then sending there needs `--yes`. */
  readonly defaultRoute: boolean;
  /** The transports that need an interface, as tried on this one. */
  readonly transports: readonly TransportFinding[];
}

/** All that `doctor` has found out. */
export interface Findings {
  /** The version of Node: `v22.15.0`. */
  readonly node: string;
  /** The platform and the processor: `linux x64`. */
  readonly system: string;
  /** Whether this process has CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF. */
  readonly capabilities: { readonly netRaw: boolean; readonly netAdmin: boolean; readonly bpf: boolean };
  /** The interfaces of this machine, and what works on each. */
  readonly interfaces: readonly InterfaceFinding[];
  /** The transports that need no interface. */
  readonly transports: readonly TransportFinding[];
}

/** Prints what works to `out`. Returns 0 always: that something does not work is an answer too. */
export async function doctor(options: DoctorOptions, out: { write(text: string): unknown }): Promise<number> {
  const findings = await examine();
  out.write(options.json ? `${JSON.stringify(findings)}\n` : report(findings));
  return 0;
}

/** Opens and closes every transport on every interface, and returns what came of it. */
async function examine(): Promise<Findings> {
  const interfaces: InterfaceFinding[] = [];
  const routed = defaultRouteInterfaces();
  for (const name of interfaceNames()) {
    const transports: TransportFinding[] = [];
    for (const transport of INTERFACE_TRANSPORTS)
      transports.push(await examineTransport(transport, `${transport}:${name}`));
    interfaces.push({ name, ...(await describe(name)), defaultRoute: routed.has(name), transports });
  }
  const transports: TransportFinding[] = [];
  for (const transport of OTHER_TRANSPORTS) {
    // A file can be tried only once it is named.
    transports.push(transport === 'pcap' ? { transport, works: true } : await examineTransport(transport, transport));
  }
  return {
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    capabilities: {
      netRaw: hasCapability(CAP_NET_RAW),
      netAdmin: hasCapability(CAP_NET_ADMIN),
      bpf: hasCapability(CAP_BPF),
    },
    interfaces,
    transports,
  };
}

async function examineTransport(transport: string, spec: string): Promise<TransportFinding> {
  try {
    await (await openDevice(spec, { yes: true, receive: false })).close();
    const mode = MODES[transport];
    return { transport, works: true, ...(mode !== undefined && { mode: mode.mode, modeReason: mode.why }) };
  } catch (error) {
    const code = error instanceof KernelError ? error.code : 'EIO';
    const text = (error as Error).message;
    return { transport, works: false, code, reason: text.startsWith(`${spec}: `) ? text.slice(spec.length + 2) : text };
  }
}

async function describe(name: string): Promise<{ mac?: string; mtu?: number; up?: boolean }> {
  try {
    const { mac, mtu, up } = await interfaceInfo(name, 'doctor');
    return { mac: formatMac(mac), mtu, up };
  } catch {
    // There is no koffi; `linkInfo` returns what can be known without it.
  }
  try {
    const { mac, mtu } = await linkInfo(name, 'doctor');
    return { mac: formatMac(mac), mtu };
  } catch {
    return {};
  }
}

function report(findings: Findings): string {
  const { netRaw, netAdmin, bpf } = findings.capabilities;
  const have = (name: string, has: boolean) => `${name} ${has ? 'yes' : 'no'}`;
  const lines = [
    `Node ${findings.node} on ${findings.system}; ${have('CAP_NET_RAW', netRaw)}, ${have('CAP_NET_ADMIN', netAdmin)}, ${have('CAP_BPF', bpf)}`,
  ];
  for (const link of findings.interfaces) {
    const facts = [
      link.up === undefined ? undefined : link.up ? 'up' : 'down',
      link.mac,
      link.mtu === undefined ? undefined : `MTU ${link.mtu}`,
      link.defaultRoute ? 'has a default route: needs --yes' : undefined,
    ];
    lines.push('', `${link.name}: ${facts.filter((fact) => fact !== undefined).join(', ')}`);
    for (const finding of link.transports) lines.push(line(finding, `${finding.transport}:${link.name}`));
    const best = link.transports.find((finding) => finding.works);
    if (best) lines.push(`  --via ${link.name} takes ${best.transport}`);
  }
  lines.push('', 'without an interface:');
  for (const finding of findings.transports) {
    lines.push(line(finding, finding.transport === 'pcap' ? 'pcap:FILE' : finding.transport));
  }
  return `${lines.join('\n')}\n`;
}

function line({ works, code, reason, mode, modeReason }: TransportFinding, spec: string): string {
  const working = mode === undefined ? 'works' : `works, in ${mode} (${modeReason})`;
  return `  ${spec.padEnd(18)} ${works ? working : `no (${code}): ${reason}`}`;
}
