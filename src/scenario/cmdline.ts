/** Reads a kernel's command line, as far as it concerns the log and netconsole. */
import type { KernelOptions } from '../kernel/index.js';
import type { DevkmsgMode } from '../printk/kmsg.js';

/** Returns the options that a kernel's command line sets. */
export function bootOptions(cmdline: string): KernelOptions {
  // If an option is given twice, the last one counts.
  const value = (name: string) => [...cmdline.matchAll(new RegExp(`(?:^|\\s)${name}=(\\S+)`, 'g'))].at(-1)?.[1];
  let loglevel: number | undefined;
  for (const word of cmdline.split(/\s+/)) {
    const number = /^loglevel=(\d+)$/.exec(word)?.[1];
    if (word === 'quiet') loglevel = 4;
    else if (word === 'debug') loglevel = 10;
    else if (number !== undefined) loglevel = Number(number);
  }
  const length = value('log_buf_len');
  const bytes =
    length &&
    Number.parseInt(length, 10) * ({ k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[length.at(-1)!.toLowerCase()] ?? 1);
  const carrier = value('netpoll.carrier_timeout');
  return {
    ignoreLoglevel: /(?:^|\s)ignore_loglevel(?:\s|$)/.test(cmdline),
    ...(carrier === undefined ? {} : { carrierTimeout: Number(carrier) }),
    ...(loglevel === undefined ? {} : { loglevel }),
    ...(bytes ? { logBufShift: Math.max(17, Math.ceil(Math.log2(bytes))) } : {}),
    ...(value('console_msg_format') === 'syslog' ? { syslogFormat: true } : {}),
    ...(value('panic') ? { panicTimeout: Number(value('panic')) } : {}),
    ...(/^(on|off|ratelimit)$/.test(value('printk.devkmsg') ?? '')
      ? { devkmsg: value('printk.devkmsg') as DevkmsgMode }
      : {}),
    ...(/^([0nf]|of)/i.test(value('printk.time') ?? '') ? { time: false } : {}),
  };
}
