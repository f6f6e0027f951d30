/**
 * Netpoll as it was: how a device was named, found and opened from 2003 on, and what was done with
 * frames that came in.
 *
 *   parseOptions(options, '6666@10.0.2.15/eth0,6666@10.0.2.2/', say)     the text of a target
 *   setupNetpoll(np, host, ERAS['2003'])                                 the device, opened; its address; headers
 *   receive2003(client, dev, frame)                                      ARP answered, UDP given to a hook
 *
 * An era is data: what the netpoll of those years puts into a frame (`NetpollEra`), how it waits
 * for a device, what it says and which error it returns when that fails. Sending itself is `../`.
 *
 * Retries. In 2003 a frame that the driver refused was offered again for ever, with interrupts off;
 * here it waits in the queue and leaves when the driver takes it: the same frames in the same
 * order. From 2005 to 2.6.18 it was given up after 20000 offers, counted per device and only
 * forgotten at a success. From the end of 2006 on it is queued after one jiffy, as today.
 *
 * Linux: net/core/netpoll.c of 12 September 2003 (take 2), 2.6.18 and 2.6.32. Differs: there are no
 * interrupt handlers to look for, so a device that refuses netpoll stands for one without a
 * handler; a frame for which ten polls free no memory is dropped and counted, where these kernels
 * polled for ever.
 */
import { KernelError } from '../../errno.js';
import { formatIpv4 } from '../../wire/address.js';
import type { Netpoll, NetpollEra, NetpollHost } from '../index.js';
import { waitForCarrier } from '../setup.js';

export { parseOptions, printOptions } from './options.js';
export { type Client2003, receive2003 } from './rx.js';

/** How the netpoll of some years was set up. */
export interface Era {
  /** What differs once the device is found: in the frames, and when one is refused. */
  readonly netpoll: NetpollEra;
  /** After a device had to be opened: `two-seconds` whatever happens, or until it has carrier. */
  readonly opening: 'two-seconds' | 'carrier';
  /** Setup fails with -1, which user space reads as EPERM, or with an error of its own. */
  readonly errors: 'EPERM' | 'own';
  /** Whether devices with a master are refused. */
  readonly refusesSlaves: boolean;
  /** What is logged of a device that cannot be polled; %s is its name. */
  readonly unpollable: string;
  /** The default source port of netconsole. */
  readonly localPort: number;
}

const take2: Era = {
  netpoll: { udpChecksum: false, ipIdent: false, zeroSource: false, maxRetries: 0 },
  opening: 'two-seconds',
  errors: 'EPERM',
  refusesSlaves: false,
  unpollable: "couldn't find irq handler for %s, aborting",
  localPort: 6666,
};
const v2618: Era = {
  ...take2,
  netpoll: { ...take2.netpoll, maxRetries: 20000 },
  opening: 'carrier',
  unpollable: "%s doesn't support polling, aborting.",
  localPort: 6665,
};
const v2632: Era = {
  ...v2618,
  netpoll: { ...v2618.netpoll, udpChecksum: true, maxRetries: 0 },
  errors: 'own',
  refusesSlaves: true,
};

/** The name of an era. */
export type EraName = '2003' | '2.6.18' | '2.6.32';
/** The eras, by name. */
export const ERAS: Readonly<Record<EraName, Era>> = { '2003': take2, '2.6.18': v2618, '2.6.32': v2632 };

/**
 * Finds, opens and binds the device that `np.options` names. Takes the device's first IPv4 address
 * if no source is given. Errors are logged and thrown: EPERM where the era returned -1, else
 * ENODEV, EBUSY, ENOTSUPP, EDESTADDRREQ.
 */
export function setupNetpoll(np: Netpoll, host: NetpollHost, era: Era, carrierTimeout = 4): void {
  const { options } = np;
  const fail = (code: KernelError['code'], text: string): KernelError => {
    host.log(3, `${options.name}: ${text}`);
    return new KernelError(era.errors === 'own' ? code : 'EPERM', 'netpoll_setup', text);
  };
  const dev = host.netdevs.byName(options.devName);
  if (dev === undefined) throw fail('ENODEV', `${options.devName} doesn't exist, aborting.`);
  if (era.refusesSlaves && dev.master !== undefined) throw fail('EBUSY', `${dev.name} is a slave device, aborting.`);
  if (!dev.running) {
    host.log(6, `${options.name}: device ${dev.name} not up yet, forcing it`);
    host.netdevs.setUp(dev, true);
    if (era.opening === 'carrier')
      waitForCarrier(host, dev, { prefix: `${options.name}: `, seconds: carrierTimeout, doubts: true });
    else host.sleepUntil(host.now() + 2e6);
  }
  if (options.localIp.subarray(0, 4).every((b) => b === 0)) {
    const own = dev.ipv4[0];
    if (own === undefined) throw fail('EDESTADDRREQ', `no IP address for ${dev.name}, aborting`);
    options.localIp.set(own);
    host.log(6, `${options.name}: local IP ${formatIpv4(own)}`);
  }
  if (dev.disableNetpoll) throw fail('ENOTSUPP', era.unpollable.replace('%s', dev.name));
  np.bind(dev);
}
