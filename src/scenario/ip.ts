/** Does to a kernel's interfaces what `ip ARGS` does: addresses and links. */

import { KernelError } from '../errno.js';
import { insideOf, type Kernel } from '../kernel/index.js';
import type { Interface, InterfaceOptions } from '../net/interface.js';
import { createMemoryDevice } from '../net/memory.js';
import { createStackedDevice } from '../net/stacked.js';
import { defined } from '../options.js';
import { parseMac } from '../wire/address.js';

/**
 * Runs `ip ARGS`. `options` are for interfaces that it adds. Throws KernelError: ENODEV for an
 * unknown interface, EINVAL and EOPNOTSUPP for what is not known here, and the change's own errors.
 */
export function ip(kernel: Kernel, args: string, options: InterfaceOptions): void {
  const words = args
    .trim()
    .split(/\s+/)
    .filter((w, i) => !(i === 0 && w.startsWith('-')));
  const find = (name: string | undefined): Interface => {
    const dev = kernel.ip((all) => all.byName(name ?? ''));
    if (dev === undefined) throw new KernelError('ENODEV', 'ip', `there is no interface ${name}`);
    return dev;
  };
  const after = (word: string) => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const [object, verb] = words;
  if (object?.startsWith('a') && (verb === 'add' || verb === 'del')) {
    const dev = find(after('dev'));
    const address = words.slice(2).find((w, i, all) => /[.:]/.test(w) && all[i - 1] !== 'dev')!;
    kernel.ip(() => (verb === 'add' ? dev.addAddress(address, after('scope')) : dev.removeAddress(address)));
    return;
  }
  if (object?.startsWith('a') && verb === 'flush') {
    const dev = find(after('dev'));
    kernel.ip(() => dev.flushAddresses());
    return;
  }
  if (object?.startsWith('l') && verb === 'set') {
    const rest = words.slice(2).filter((w) => w !== 'dev');
    const dev = find(rest.shift());
    kernel.ip((all) => {
      for (let i = 0; i < rest.length; i++) {
        const word = rest[i]!;
        const next = rest[i + 1];
        if (word === 'up' || word === 'down') all.setUp(dev, word === 'up');
        else if (word === 'nomaster') all.free(dev);
        else if (word === 'name' || word === 'master' || word === 'address') {
          i++;
          if (word === 'name') all.rename(dev, next ?? '');
          else if (word === 'master') all.enslave(dev, find(next));
          else all.setMac(dev, macOf(next));
        }
      }
    });
    return;
  }
  if (object?.startsWith('l') && verb === 'add') {
    const [own, peer] = words.join(' ').split(/ peer /);
    const name = /\bname (\S+)/.exec(own!)?.[1] ?? words.slice(2).find((w) => w !== 'dev' && w !== 'link') ?? '';
    const kind = after('type') ?? 'dummy';
    if (kind === 'vlan' || kind === 'bond') {
      addStacked(
        kernel,
        kind === 'vlan'
          ? { name, real: find(words[words.indexOf('link', 2) + 1]), tag: Number(after('id')) }
          : { name },
        options,
      );
      return;
    }
    if (kind !== 'dummy' && kind !== 'veth') {
      throw new KernelError('EOPNOTSUPP', 'ip', `type ${kind}: only dummy, veth, vlan and bond are known here`);
    }
    const dev = addLink(kernel, name, kind, options);
    if (kind !== 'veth') return;
    const other = addLink(kernel, /\bname (\S+)/.exec(peer ?? '')?.[1] ?? freeName(kernel, 'veth'), kind, options);
    dev.peer = other;
    other.peer = dev;
    return;
  }
  if (object?.startsWith('l') && (verb === 'del' || verb === 'delete')) {
    const dev = find(words.slice(2).find((w) => w !== 'dev'));
    if (dev.peer !== undefined) kernel.removeDevice(dev.peer);
    kernel.removeDevice(dev);
    return;
  }
  throw new KernelError('EINVAL', 'ip', `ip ${args}: only "addr add|del|flush" and "link add|del|set" are known here`);
}

function macOf(text: string | undefined): Uint8Array {
  const mac = parseMac(text ?? '');
  if (mac === undefined) throw new KernelError('EINVAL', 'ip', `"${text}" is not a hardware address`);
  return mac;
}

/** Returns `PREFIX0`, or the next such name that is free, as the kernel names interfaces. */
export function freeName(kernel: Kernel, prefix: string): string {
  let index = 0;
  kernel.ip((all) => {
    while (all.byName(`${prefix}${index}`) !== undefined) index++;
  });
  return `${prefix}${index}`;
}

interface StackedLink {
  readonly name: string;
  /** For a VLAN: the interface that it belongs to, and its number, 0 to 4094. */
  readonly real?: Interface;
  readonly tag?: number;
}

/** Adds a VLAN or a bond, whose frames leave through other interfaces. */
function addStacked(kernel: Kernel, { name, real, tag }: StackedLink, options: InterfaceOptions): void {
  if (tag !== undefined && !(Number.isInteger(tag) && tag >= 0 && tag <= 4094))
    throw new KernelError('ERANGE', 'ip', `"${tag}" is not the number of a VLAN: 0 to 4094`);
  const { netpoll, netdevs } = insideOf(kernel);
  const device = createStackedDevice(name, {
    mac: real?.mac ?? Uint8Array.of(0x02, 0, 0, 0, 0xbd, netdevs.list.length & 255),
    ...defined({ tag }),
    lowers: () => netdevs.lowers(dev),
    carries: (lower) => lower.running && lower.carrierAtUsec <= kernel.now(),
    send: (lower, frame) => netpoll.sendFrame(lower, frame),
  });
  const dev: Interface = kernel.addDevice(device, {
    up: false,
    ipv6: options.ipv6 ?? false,
    ...(real === undefined ? { kind: 'bond' } : { real: real.name }),
    carrierDelayUsec: () => (netdevs.lowers(dev).some((lower) => lower.running) ? 0 : Number.POSITIVE_INFINITY),
  });
}

/** Adds a dummy or a veth. The caller must pair veths. */
function addLink(kernel: Kernel, name: string, kind: string, options: InterfaceOptions): Interface {
  // Linux takes a random address; this one is fixed and locally administered, too.
  const index = kernel.ip((all) => all.list.length) + 1;
  const mac = Uint8Array.of(0x02, 0, 0, 0, index >> 8, index & 255);
  const dev: Interface = kernel.addDevice(createMemoryDevice(name, { mac, slots: 4, keep: false }), {
    up: false,
    ipv6: options.ipv6 ?? false,
    pollController: kind !== 'dummy',
    ...(kind === 'veth' && { kind }),
    // A veth has carrier only while its other end is up.
    carrierDelayUsec: () => (kind === 'veth' && !dev.peer?.running ? Number.POSITIVE_INFINITY : 0),
  });
  return dev;
}
