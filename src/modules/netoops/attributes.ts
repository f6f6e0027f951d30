/**
 * A target's directory in configfs. All parameters but `enabled` can be written only while the
 * target is disabled; otherwise a write throws EBUSY.
 *
 * Source: net/core/netpoll_targets.c of the netoops series.
 */
import { type ConfigAttribute, type ConfigGroup, configGroup } from '../../configfs/index.js';
import { KernelError } from '../../errno.js';
import type { KernelContext } from '../../kernel/context.js';
import { inAton } from '../../netpoll/aton.js';
import { hexByte, simpleStrtol } from '../../netpoll/eras/options.js';
import { cutName } from '../../netpoll/index.js';
import { formatIpv4, formatMac } from '../../wire/address.js';
import { NetpollState, type Target } from './target.js';

/** Makes the directory of a target called `name`. */
export function targetGroup(context: KernelContext, target: Target, name: string): ConfigGroup {
  const np = target.np.options;
  const complain = (text: string): KernelError => {
    context.log(3, `netoops: ${text}`);
    return new KernelError('EINVAL', 'store', text);
  };
  const invalid = () => complain('invalid input');
  const ranged = (text: string, max: number): number => {
    const { value, end } = simpleStrtol(text);
    if (text[end] !== undefined && text[end] !== '\n') throw invalid();
    if (value < 0n || value > BigInt(max)) throw complain(`input ${value} must be between 0 and ${max}`);
    return Number(value);
  };
  const parameter = (show: () => string, set: (text: string) => void): ConfigAttribute => ({
    show: () => `${show()}\n`,
    store(text, count) {
      if (target.state !== NetpollState.DISABLED) {
        context.log(3, `netoops: target (${name}) is enabled, disable to update parameters`);
        throw new KernelError(
          'EBUSY',
          'store',
          `target ${name} is enabled: write 0 to its "enabled" before changing parameters`,
        );
      }
      set(text);
      return count;
    },
  });
  const port = (key: 'localPort' | 'remotePort') =>
    parameter(
      () => String(np[key]),
      (text) => {
        np[key] = ranged(text, 65535);
      },
    );
  const ip = (key: 'localIp' | 'remoteIp') =>
    parameter(
      () => formatIpv4(np[key]),
      (text) => np[key].set(inAton(text)),
    );
  const attributes: Record<string, ConfigAttribute> = {
    enabled: {
      show: () => (target.state === NetpollState.ENABLED ? '1\n' : '0\n'),
      store(text, count) {
        if (ranged(text, 1) === 1) target.enable();
        else target.disable();
        return count;
      },
    },
    dev_name: parameter(
      () => np.devName,
      (text) => {
        np.devName = cutName(text).replace(/\n$/, '');
      },
    ),
    local_port: port('localPort'),
    remote_port: port('remotePort'),
    local_ip: ip('localIp'),
    remote_ip: ip('remoteIp'),
    local_mac: {
      show: () => `${target.np.dev === undefined ? 'ff:ff:ff:ff:ff:ff' : formatMac(target.np.dev.mac)}\n`,
    },
    remote_mac: parameter(
      () => formatMac(np.remoteMac),
      (text) => {
        const mac = parseMac(text);
        if (mac === undefined) throw invalid();
        np.remoteMac = mac;
      },
    ),
  };
  return configGroup(name, { attributes });
}

/**
 * Reads six hexadecimal numbers with colons between them, each of which is cut to a byte. A newline
 * may follow.
 */
function parseMac(text: string): Uint8Array | undefined {
  const mac = new Uint8Array(6);
  let at = 0;
  for (let i = 0; i < 6; i++) {
    const { value, end } = hexByte(text.slice(at));
    mac[i] = value;
    at += end;
    const next = text[at];
    if (i < 5 ? next !== ':' : next !== undefined && next !== '\n') return undefined;
    at++;
  }
  return mac;
}
