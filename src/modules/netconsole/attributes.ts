/**
 * A target's directory in configfs: its attributes, `userdata/` and the keys below that.
 *
 * All parameters but `enabled` can be written only while the target is not enabled. Which writes
 * are valid, and what is logged of a wrong one, differs by version: see `Profile`.
 *
 * Linux: drivers/net/netconsole.c *_show(), *_store(), userdatum_make_item().
 */
import { type ConfigAttribute, type ConfigGroup, configGroup } from '../../configfs/index.js';
import { type Errno, KernelError } from '../../errno.js';
import type { KernelContext } from '../../kernel/context.js';
import type { Heap } from '../../memory/heap.js';
import { IFNAMSIZ } from '../../net/interface.js';
import { cutName } from '../../netpoll/index.js';
import { formatIpv4, formatIpv6, formatMac } from '../../wire/address.js';
import { encodeText } from '../../wire/text.js';
import { in6Pton, inAton, kstrtou16, macPton, parseBool, parseIpInto, utf8 } from './parse.js';
import { MAX_EXTRADATA_ENTRY_LEN } from './send.js';
import type { SysdataFields, Target } from './target.js';
import type { Targets } from './targets.js';

/** The longest value, its terminator included. Linux: MAX_EXTRADATA_VALUE_LEN. */
const MAX_USERDATA_VALUE_LENGTH = 200;
/**
 * The longest key, in bytes: what the longest value leaves for it in a line. Linux:
 * MAX_EXTRADATA_NAME_LEN.
 */
const MAX_USERDATA_NAME_LENGTH: number = MAX_EXTRADATA_ENTRY_LEN - MAX_USERDATA_VALUE_LENGTH - 3;

function check<T>(value: T | Errno, op: string): Exclude<T, Errno> {
  if (typeof value === 'string')
    throw new KernelError(value as Errno, op, `${op}: the value is not one the kernel takes`);
  return value as Exclude<T, Errno>;
}

/** Makes the directory of a target called `name`. */
export function targetGroup(targets: Targets, nt: Target, name: string): ConfigGroup {
  const { profile, reliable } = targets.context;
  const np = nt.np.options;

  const written = (text: string, bytes: number) => (profile.storeReturnsStrlen ? text.length : bytes);
  const whileDisabled = () => {
    if (!nt.enabled) return;
    targets.say(3, `target (${utf8(name)}) is enabled, disable to update parameters`);
    throw new KernelError(
      'EINVAL',
      'store',
      `target ${name} is enabled: write 0 to its "enabled" before changing parameters`,
    );
  };
  const parameter = (show: () => string, set: (text: string) => void): ConfigAttribute => ({
    show: () => `${show()}\n`,
    store(text, bytes) {
      whileDisabled();
      set(text);
      return written(text, bytes);
    },
  });
  const flag = (key: 'extended' | 'release') =>
    parameter(
      () => (nt[key] ? '1' : '0'),
      (text) => {
        nt[key] = check(parseBool(profile, text), key);
      },
    );
  const port = (key: 'localPort' | 'remotePort') =>
    parameter(
      () => String(np[key]),
      (text) => {
        np[key] = check(kstrtou16(text), key);
      },
    );
  const ip = (key: 'localIp' | 'remoteIp') =>
    parameter(
      () => (np.ipv6 ? formatIpv6(np[key]) : formatIpv4(np[key])),
      (text) => storeIp(targets, nt, np[key], text),
    );

  const attributes: Record<string, ConfigAttribute> = {
    enabled: {
      show: () => (nt.enabled ? '1\n' : '0\n'),
      store(text, bytes) {
        storeEnabled(targets, nt, text);
        return written(text, bytes);
      },
    },
    extended: flag('extended'),
    ...(profile.releaseFeature ? { release: flag('release') } : {}),
    dev_name: {
      show: () => `${np.devName}\n`,
      store(text, bytes) {
        const length = text.length === bytes && text.endsWith('\n') ? bytes - 1 : bytes;
        if (profile.devNameTooLong === 'ENAMETOOLONG' && length >= IFNAMSIZ) {
          throw new KernelError('ENAMETOOLONG', 'dev_name', `an interface name of ${length} bytes: 15 at most`);
        }
        whileDisabled();
        np.devName = trimNewline(cutName(text));
        return written(text, bytes);
      },
    },
    local_port: port('localPort'),
    remote_port: port('remotePort'),
    local_ip: ip('localIp'),
    remote_ip: ip('remoteIp'),
    local_mac: { show: () => `${nt.np.dev ? formatMac(nt.np.dev.mac) : 'ff:ff:ff:ff:ff:ff'}\n` },
    remote_mac: parameter(
      () => formatMac(np.remoteMac),
      (text) => {
        const mac = macPton(text);
        if (mac === undefined || (text.length > 17 && text[17] !== '\n')) {
          throw new KernelError('EINVAL', 'remote_mac', 'a hardware address is six hex pairs: 52:54:00:12:34:56');
        }
        np.remoteMac = mac;
      },
    ),
    ...(profile.transmitErrors
      ? { transmit_errors: { show: () => `${nt.stats.xmitDropCount + nt.stats.enomemCount}\n` } }
      : {}),
  };
  if (reliable !== undefined) {
    // Differs: the series did not have this attribute.
    attributes['reliable'] = parameter(
      () => nt.reliable?.dialect.name ?? 'off',
      (text) => targets.setReliable(nt, trimNewline(text)),
    );
  }
  const defaults = profile.userdataItems > 0 ? [userdataGroup(targets.context, nt)] : [];
  return configGroup(name, { attributes, defaults });
}

/** Enables or disables a target. Linux: enabled_store(). */
function storeEnabled(targets: Targets, nt: Target, text: string): void {
  const enabled = check(parseBool(targets.context.profile, text), 'enabled');
  if (nt.state === 'deactivated') nt.state = 'disabled';
  if (enabled === nt.enabled) {
    targets.say(6, `network logging has already ${nt.enabled ? 'started' : 'stopped'}`);
    throw new KernelError('EINVAL', 'enabled', `the target is ${nt.enabled ? 'enabled' : 'disabled'} already`);
  }
  if (enabled) targets.enable(nt);
  else targets.disable(nt);
}

function storeIp(targets: Targets, nt: Target, field: Uint8Array, text: string): void {
  const np = nt.np.options;
  const wrong = () => new KernelError('EINVAL', 'ip', 'not an IP address the kernel takes here');
  if (targets.context.profile.strictIp) {
    const family = parseIpInto(text, field);
    if (family === undefined) throw wrong();
    np.ipv6 = family === 6;
    return;
  }
  if (!text.includes(':')) {
    if (np.ipv6) throw wrong();
    field.set(inAton(text));
    return;
  }
  const parsed = in6Pton(text);
  if (parsed === undefined) throw wrong();
  field.set(parsed.bytes);
  const next = text[parsed.end] ?? '';
  if (next !== '' && next !== '\n') {
    targets.say(3, `invalid IPv6 address at: <${next}>`);
    throw wrong();
  }
  np.ipv6 = true;
}

function trimNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function userdataGroup(context: KernelContext, nt: Target): ConfigGroup {
  const { heap, profile } = context;
  const sysdataCount = () => Object.values(nt.sysdataFields).filter(Boolean).length;
  const full = (extra: number) =>
    nt.userdata.size + (profile.sysdataCounts ? sysdataCount() : 0) + extra > profile.userdataItems;
  const sysdata = (field: keyof SysdataFields): ConfigAttribute => ({
    show() {
      const shown = field === 'release' && profile.sysdataReleaseShowsTaskname ? 'taskname' : field;
      return nt.sysdataFields[shown] ? '1\n' : '0\n';
    },
    store(text, bytes) {
      const on = check(parseBool(profile, text), field);
      if (on && !nt.sysdataFields[field] && profile.sysdataCounts && full(1)) {
        throw new KernelError(
          'ENOSPC',
          'sysdata',
          `a target holds ${profile.userdataItems} entries of userdata and sysdata`,
        );
      }
      nt.sysdataFields[field] = on;
      return profile.storeReturnsStrlen ? text.length : bytes;
    },
  });
  return configGroup('userdata', {
    attributes: profile.sysdata
      ? {
          cpu_nr_enabled: sysdata('cpuNr'),
          taskname_enabled: sysdata('taskname'),
          release_enabled: sysdata('release'),
          ...(profile.sysdataMsgid && { msgid_enabled: sysdata('msgid') }),
        }
      : {},
    makeItem(key) {
      const length = encodeText(key).length;
      if (length > MAX_USERDATA_NAME_LENGTH) {
        throw new KernelError(
          'ENAMETOOLONG',
          'mkdir',
          `a userdata key of ${length} bytes: ${MAX_USERDATA_NAME_LENGTH} at most`,
        );
      }
      if (full(1)) throw new KernelError('ENOSPC', 'mkdir', `a target holds ${profile.userdataItems} userdata keys`);
      const datum = { value: '' };
      nt.userdata.set(key, datum);
      return configGroup(key, { attributes: { value: userdatumValue(context, nt, datum) } });
    },
    dropItem(child) {
      nt.userdata.delete(child.name);
      updateUserdata(heap, nt);
    },
  });
}

/** Makes the attribute that holds the value of a key. Linux: userdatum_value_store(). */
function userdatumValue(context: KernelContext, nt: Target, datum: { value: string }): ConfigAttribute {
  const { heap, profile } = context;
  return {
    show: () => `${datum.value}\n`,
    store(text, bytes) {
      const late = profile.userdataTooLong === 'late';
      if (bytes > MAX_USERDATA_VALUE_LENGTH || (!late && bytes === MAX_USERDATA_VALUE_LENGTH)) {
        throw new KernelError(
          'EMSGSIZE',
          'value',
          `a value of ${bytes} bytes: ${MAX_USERDATA_VALUE_LENGTH - 1} at most`,
        );
      }
      if (text.length >= MAX_USERDATA_VALUE_LENGTH) {
        // The kernel stores the value, cut, although it refuses it; what is sent changes with the
        // next update only.
        datum.value = text.slice(0, MAX_USERDATA_VALUE_LENGTH - 1);
        throw new KernelError('E2BIG', 'value', `a value of ${bytes} bytes: ${MAX_USERDATA_VALUE_LENGTH - 1} at most`);
      }
      datum.value = trimNewline(text);
      updateUserdata(heap, nt);
      return bytes;
    },
  };
}

/**
 * Formats the userdata lines of a target anew, in the kernel's heap. Keys without a value have no
 * line. Linux: update_userdata().
 */
function updateUserdata(heap: Heap, nt: Target): void {
  if (nt.userdataAt !== 0) heap.free(nt.userdataAt);
  nt.userdataAt = 0;
  let text = '';
  for (const [key, { value }] of nt.userdata) {
    if (value !== '') text += ` ${utf8(key)}=${value}\n`.slice(0, MAX_EXTRADATA_ENTRY_LEN - 1);
  }
  nt.userdataLength = text.length;
  if (text === '') return;
  nt.userdataAt = heap.alloc(text.length);
  for (let i = 0; i < text.length; i++) heap.bytes[nt.userdataAt + i] = text.charCodeAt(i);
}
