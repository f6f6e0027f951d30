/**
 * Reads what a serial console or a console server has recorded. Records may stand anywhere in a
 * line, between the words of boot loaders, login prompts and init systems.
 *
 *   U-Boot 2020.01
 *   09:44:16  [    0.000000] text                a console server's time
 *   host login: [   35.123456][ T8403] text      a record behind a prompt
 */
import type { LogFormat, LogHead } from './format.js';
import { isJson } from './json-tokens.js';
import { type KernelLineRules, KernelLines } from './kernel-lines.js';
import { STAMP_TEXT } from './stamp.js';

const STAMP = new RegExp(STAMP_TEXT);
/** Lowers this format's share, so that one that reads the same lines and knows their front wins. */
const HANDICAP = 0.9;
const RULES: KernelLineRules = { wraps: false, reason: 'no "[seconds.microseconds] " in it' };

/** Recorded consoles: any lines, as long as some of them hold a stamp somewhere. */
export const consoleLog: LogFormat = {
  name: 'console',
  description: 'a recorded console: records between other lines, and behind prompts, tags or times',
  recognise: (head: LogHead) => HANDICAP * head.share((line) => STAMP.test(line) && !isJson(line)),
  open: (head: LogHead) => new KernelLines(head, RULES),
};
