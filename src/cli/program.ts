/** The commands and their options, for commander. Each action returns its exit code. */
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { OUTPUT_FORMATS } from '../check/index.js';
import { dissectorLua } from '../dissector/index.js';
import { shortened } from '../errno.js';
import { DEFAULT_TARGET } from '../replay/index.js';
import { DIALECTS } from '../wire/dialects.js';
import { check } from './check.js';
import { GroupedCommand, positive, repeated, wholeNumber } from './command.js';
import { decode } from './decode.js';
import { diff } from './diff.js';
import { doctor } from './doctor.js';
import { explore } from './explore.js';
import type { Stream } from './live.js';
import { merge } from './merge.js';
import { profiles } from './profiles.js';
import { receive } from './receive.js';
import { listFormats, replay } from './replay.js';
import { run } from './run.js';
import { storm } from './storm.js';

/** Where the commands print. */
export interface ProgramStreams {
  /** Takes what the command was asked for. */
  readonly out: Stream;
  /** Takes warnings, errors and the live view. */
  readonly err: Stream;
}

/** Returns the version of the package, as its package.json has it. */
function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

const SPECS = `
What --via takes:
  pcap:FILE       a capture file: no network, no privilege (the default)
  udp             datagrams from this machine's own address: no privilege
  IF              the best way onto interface IF; or one of these:
  xdp:IF  af-xdp:IF  af-packet:IF  libpcap:IF  cap:IF
  raw-socket      IP packets, routed by this machine
  memory          nowhere
"netconsole-emulator doctor" says which of them work here.`;

/** Makes the program, which calls `done` with the exit code of the command that ran. */
export function createProgram({ out, err }: ProgramStreams, done: (code: number) => void): Command {
  const program = new GroupedCommand('netconsole-emulator');
  program
    .description("The kernel side of Linux netconsole, outside the kernel: logs in, a real kernel's frames out.")
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) })
    .configureOutput({ outputError: (text, write) => write(shortened(text)) })
    .version(version(), '-V, --version', 'print the version')
    .showHelpAfterError('(--help shows the options)')
    .exitOverride();

  program
    .command('replay')
    .description('send a kernel log as the kernel would have sent it')
    .argument(
      '[file]',
      'a kernel log of any kind (--list-formats names them) or a capture, also packed; - is standard input',
    )
    .option('-t, --target <target>', `where to, as in netconsole=; repeatable (default: "${DEFAULT_TARGET}")`, repeated)
    .option('-k, --kernel <profile>', 'the kernel to be; see "profiles" (default: the newest)')
    .option('--release <text>', "what its `uname -r` prints (default: what the log's banner says)")
    .option('--via <spec>', "how the frames leave, see below (default: pcap: and the log's name with .pcap)")
    .option('--speed <n>', 'times as fast as recorded, or max', 'max')
    .option('--max-gap <seconds>', 'wait no longer than this between two records', positive)
    .option('--format <name>', 'what the log is, if it is not recognised')
    .option('--list-formats', 'print the formats that are read, and what writes them')
    .option('--log-buf-len <size>', "size of each host's ring (default: 128K; 4K for more than 64 hosts)")
    .option('--loglevel <n>', 'send records below this level only, 1 to 8 (default: 7)', wholeNumber)
    .option('--hosts <n>', 'so many hosts send the log, each from its own MAC and address', wholeNumber)
    .option('--workers <n>', 'spread the hosts over so many threads', wholeNumber)
    .option('--show <n>', 'print the last n frames, decoded', wholeNumber)
    .shaping('at most so many frames a second')
    .option('--loop <n>', 'send the log so many times', wholeNumber)
    .addOption(
      new Option('--loop-as <how>', 'how it goes on: seqs and stamps that follow, or another boot')
        .choices(['renumbered', 'reboots'])
        .default('renumbered'),
    )
    .impairments()
    .option('--max-frames <n>', 'stop after so many frames', positive)
    .option('--max-seconds <n>', 'stop after so many seconds', positive)
    .option('--reliable <dialect>', 'retransmit what the receiver misses: heo-2015 or netconsd')
    .system('not as netconsole, but as a system before it')
    .option(
      '--linger <seconds>',
      'stay so long after the last record, to answer the receiver; with --reliable until all is acked',
      positive,
    )
    .option('--drop-privileges', 'give up every capability once the device is open')
    .consent()
    .watching('print the summary as one JSON object')
    .addHelpText('after', SPECS)
    .action(async (file: string | undefined, options, command: Command) => {
      if (file === undefined && !options.listFormats) {
        command.error("error: missing required argument 'file': name the log, or - for standard input");
      }
      if (options.listFormats) out.write(listFormats());
      done(options.listFormats ? 0 : await replay(file!, options, out, err));
    });

  program
    .command('storm')
    .description('emulate a fleet of hosts: what they log on bad days, and the network between them and a collector')
    .argument('[plan]', 'a JSON or YAML file; without it the options below make a simple fleet')
    .option('--hosts <n>', 'so many hosts (default: 10)', wholeNumber)
    .option('--duration <seconds>', 'how long the plan lasts (default: 10)', positive)
    .option('--seed <n>', 'of all that is drawn (default: 1)', wholeNumber)
    .option('-k, --kernel <profile>', 'the kernel of all hosts; see "profiles" (default: the newest)')
    .option('--plain', 'plain targets, not extended ones')
    .option('--workload <name>', 'what happens on each host; repeatable (default: boot, chatter)', repeated)
    .impairments()
    .option('--mark', 'a mark at the end of each message, by which it verifies itself')
    .option('--collector <ip:port/mac>', 'where to (default: 192.0.2.2:6666/02:00:00:00:00:02)')
    .option('--via <spec>', 'how the frames leave, as for replay (default: pcap:storm.pcap)')
    .option('--speed <n>', 'times as fast as planned, or max (default: 1 on a network, max into a file)')
    .shaping('at most so many frames a second, of all hosts together')
    .option('--shard <i/n>', 'run the i-th of n parts of the hosts')
    .option('--workers <n>', 'make frames in so many threads', wholeNumber)
    .option('--manifest <file>', 'write what a perfect receiver must print; .gz and .zst compress it')
    .option('--linger <seconds>', 'stay so long after the end, to answer the collector', positive)
    .option('--schema', 'print the JSON Schema of a plan, and do nothing else')
    .consent()
    .watching('print the summary as one JSON object')
    .action(async (file: string | undefined, options) => done(await storm(file, options, out, err)));

  program
    .command('merge')
    .description("add up the summaries of a storm's parts (storm --shard I/N --json)")
    .argument('<summary...>', 'files; - is standard input')
    .reporting('print the sum as one JSON object')
    .action((files: string[], options) => done(merge(files, options, out)));

  program
    .command('check')
    .description('hold what a receiver printed against what it must have printed: exit code 1 if something is missing')
    .argument('<truth>', "storm's manifest, or its plan, which gives the same truth again")
    .argument('<output...>', 'what the receiver printed: files of lines, or captures; - is standard input')
    .option(
      '--format <name>',
      `of the outputs: ${OUTPUT_FORMATS.map(({ name }) => name).join(', ')}, capture, or a pattern`,
    )
    .option('--shard <i/n>', 'with a plan: only this part of its hosts was run')
    .option('--worst <n>', 'name so many hosts, the worst first (default: 10)', wholeNumber)
    .reporting('print the report as one JSON object')
    .action(async (truth: string, outputs: string[], options) =>
      done(await check(truth, outputs, options, { out, err })),
    );

  program
    .command('receive')
    .description("listen, and print what hosts log, each host's records in order")
    .option('-p, --port <n>', 'UDP port (default: 6666, of netoops 2004)', wholeNumber)
    .option('--host <address>', 'listen on this address only (default: all)')
    .option('--ack', 'acknowledge records and ask for missing ones')
    .addOption(new Option('--dialect <name>', 'of acks and fragments').choices(Object.keys(DIALECTS)))
    .option('--plain', 'take every datagram for text (default: text or record, told of each source)')
    .option('--extended', 'take every datagram for a record')
    .system('what sends is a system before netconsole')
    .option('--server <address>', 'with --as 2001: listen to this server only, sending from the same port')
    .option('--workers <n>', 'so many sockets on the port, each read by a thread; Linux, with koffi', wholeNumber)
    .option('--max-seconds <n>', 'stop after so many seconds', positive)
    .option('--max-records <n>', 'stop after so many records', wholeNumber)
    .watching('one JSON object a line', 'the summary of --json')
    .action(async (options) => done(await receive(options, out, err)));

  program
    .command('decode')
    .description('print a capture, one line a frame, with the netconsole fields and the checksums judged')
    .argument('<file>', 'pcap or pcapng, packed with gzip or zstd if you like; - is standard input')
    .option(
      '-p, --port <n>',
      "a port that is netconsole's beside 6665 and 6666; repeatable",
      (text: string, all: number[] = []) => [...all, wholeNumber(text)],
    )
    .option('--json', 'one JSON object a line')
    .action(async (file: string, options) => done(await decode(file, options, out, err)));

  program
    .command('dissector')
    .description('print a Lua script with which Wireshark and tshark read netconsole')
    .addHelpText(
      'after',
      '\nFor example: netconsole-emulator dissector > netconsole.lua; tshark -X lua_script:netconsole.lua -r wire.pcap',
    )
    .action(() => {
      out.write(dissectorLua());
      done(0);
    });

  program
    .command('run')
    .description('run a scenario: operations on a kernel, and what came of them')
    .argument('<path>', 'a scenario file, or the folder of a recording (scenario.json, kmsg, meta.json)')
    .requiredOption('-o, --out <dir>', 'where wire.pcap, kmsg and outcomes.json go (required)')
    .option('-k, --kernel <profile>', 'the kernel to be, instead of the one named there')
    .reporting('print the summary as one JSON object')
    .action((path: string, options) => done(run(path, options, out)));

  program
    .command('diff')
    .description('say what two kernels do differently with a scenario or a log: exit code 1 if something differs')
    .argument('<path>', 'a scenario, the folder of a recording, or a log or capture as for replay; - is a log')
    .option('-k, --kernel <profile>', 'a kernel; give two, the first is A and the second B', repeated)
    .option(
      '-t, --target <target>',
      `of a log: where to, as in netconsole=; repeatable (default: "${DEFAULT_TARGET}")`,
      repeated,
    )
    .option('--format <name>', 'of a log: what it is, if it is not recognised')
    .option('--loglevel <n>', 'of a log: send records below this level only, 1 to 8 (default: 7)', wholeNumber)
    .option('--json', 'print all as one JSON object')
    .action(async (path: string, options) => done(await diff(path, options, out, err)));

  program
    .command('explore')
    .description(
      'write a page, with the kernel in it, that shows what becomes of log lines: byte by byte, version by version',
    )
    .argument(
      '[path]',
      'a log or capture as for replay, a scenario, the folder of a recording, the address of such a page; - is a log (default: an example)',
    )
    .option('-o, --out <file>', 'the page; - is standard output', 'explore.html')
    .option('-k, --kernel <profile>', 'a kernel; give up to four, which are compared with the first', repeated)
    .option('--format <name>', 'of a log: what it is, if it is not recognised')
    .option('--from <n>', 'of a log: begin with its n-th record (default: 1; 500 are shown)', wholeNumber)
    .action(async (path: string | undefined, options) => done(await explore(path, options, { out, err })));

  program
    .command('doctor')
    .description('say which transports work on which interface, and what to do about the others')
    .option('--json', 'one JSON object')
    .action(async (options) => done(await doctor(options, out)));

  program
    .command('profiles')
    .description('list the kernels there are, and what each of them has')
    .option('--json', 'one JSON object a kernel')
    .action((options) => {
      profiles(options, out);
      done(0);
    });

  return program;
}
