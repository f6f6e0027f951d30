/** The machine that scenarios run on, and what each operation does to it. */
import { KernelError } from '../errno.js';
import { createKernel, insideOf, type Kernel } from '../kernel/index.js';
import { kstrtobool } from '../modules/netconsole/parse.js';
import type { Interface } from '../net/interface.js';
import { createMemoryDevice, type MemoryDevice } from '../net/memory.js';
import { chooseProfile, type ProfileChoice } from '../profile/index.js';
import { PcapWriter } from '../wire/pcap.js';
import { concatBytes, encodeText } from '../wire/text.js';
import { latin1 } from './bytes.js';
import { bootOptions } from './cmdline.js';
import { datagramFrame } from './datagram.js';
import { Guide } from './guide.js';
import { freeName, ip } from './ip.js';
import { ScenarioModules, spelledOut } from './modules.js';
import { operationFault } from './operations.js';
import { type Outcome, opBytes, type Scenario, ScenarioError, type ScenarioOp } from './scenario.js';

/** Names the kernel that a scenario runs as, and the recorded log that guides its time. */
export interface ScenarioRun {
  /** The kernel. Overrides the scenario's own and the recording's. */
  readonly kernel?: string;
  /** `uname -r` as recorded, sent with records. Names the profile if `version` does not. */
  readonly release?: string;
  /** The kernel's version, where the release does not say it, as in Debian's 5.10.0-46-amd64. */
  readonly version?: string;
  /** /dev/kmsg as recorded; if the kernel died, what `recordsOfFrames` made of it. */
  readonly recorded?: Uint8Array;
}

/** Returns what the recorder writes for an error: mostly its name, for E2BIG a message of `dd`. */
function errnoName(error: KernelError, op: ScenarioOp): string {
  if (error.code === 'EOPNOTSUPP') return 'ENOTSUP';
  if (error.code !== 'E2BIG') return error.code;
  return `dd: error writing '/sys/kernel/config/netconsole/${latin1(encodeText(op.path ?? ''))}': Argument list too long 0+1 records in 0+0 records out`;
}

/** Where time starts without a recorded log, in microseconds: after jiffies wrap at 300 s. */
const START_USEC = 400_000_000;
/** The address of dummy0, which in Linux is random. */
const DUMMY_MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 1);
/** Microseconds that this machine's driver takes from opening to carrier. */
const CARRIER_USEC = 8000;

/** The process that does an operation on a recorded machine, by operation; `init` is its shell. */
const COMM: Record<string, string> = {
  insmod: 'insmod',
  rmmod: 'rmmod',
  mkdir: 'mkdir',
  rmdir: 'rmdir',
  write: 'dd',
  kmsg: 'dd',
  param: 'dd',
  ip: 'ip',
  loglevel: 'dmesg',
  ipv6: 'ip',
  unplug: 'init',
  plug: 'init',
  sysrq: 'init',
};

/** Returns the path of an operation in configfs. */
function below({ module = 'netconsole', path }: ScenarioOp): string {
  return `${module}/${path}`;
}

/** Says whether an operation is on a setting of netoops in sysfs. */
function isSetting({ module, path }: ScenarioOp): boolean {
  return module === 'netoops' && !path?.includes('/');
}

/** The machine of one scenario. The caller must close its `kernel`. */
export class Machine {
  readonly kernel: Kernel;
  readonly guide: Guide | undefined;
  /** The profile that was chosen, and how sure that choice is. */
  readonly choice: ProfileChoice;
  readonly #writer = new PcapWriter();
  readonly #frames: Uint8Array[] = [];
  readonly #modules: ScenarioModules;
  #nic: Interface | undefined;
  #ipv6 = false;
  /** The time until which somebody else has the console lock, in microseconds since boot. */
  #holdUntil: number | undefined;

  constructor(scenario: Scenario, options: ScenarioRun) {
    const named = options.kernel ?? scenario.kernel;
    this.choice = chooseProfile(named ?? options.version ?? options.release);
    const chosen = this.choice.profile;
    const cmdline = scenario.cmdline ?? '';
    this.kernel = createKernel({
      profile: chosen,
      ...(options.release ? { release: options.release } : {}),
      HZ: scenario.hz ?? 250,
      startUsec: options.recorded ? 0 : (scenario.start ?? START_USEC),
      ...(scenario.reliable ? { reliable: scenario.reliable } : {}),
      // The recorder's command line has panic=-1 in front of the scenario's own options.
      panicTimeout: -1,
      ...bootOptions(cmdline),
    });
    this.#modules = new ScenarioModules(this.kernel);
    this.kernel.current = { pid: 100, comm: 'dd', cpu: 0 };
    if (options.recorded) this.guide = new Guide(this.kernel, options.recorded);
    this.kernel.addDevice(createMemoryDevice('lo', { mac: new Uint8Array(6), slots: 4, keep: false }), {
      loopback: true,
      addresses: ['127.0.0.1/8'],
    });
    this.#plug();
    this.kernel.ip((all) => all.setUp(this.#nic!, true));
    this.kernel.addDevice(createMemoryDevice('dummy0', { mac: DUMMY_MAC, slots: 4, keep: false }), {
      up: false,
      pollController: false,
    });
  }

  #plug(): void {
    const device = createMemoryDevice('eth0', {
      padding: 'zero60',
      onFrame: (frame) =>
        this.#frames.push(this.#writer.record(frame, Math.max(this.guide?.now ?? 0, this.kernel.now()))),
    });
    this.#nic = this.kernel.addDevice(device, {
      name: freeName(this.kernel, 'eth'),
      up: false,
      ipv6: this.#ipv6,
      carrierDelayUsec: () => this.guide?.carrierDelayUsec() ?? CARRIER_USEC,
    });
  }

  pcap(): Uint8Array {
    return concatBytes([this.#writer.header(), ...this.#frames]);
  }

  /** Runs one operation and returns its outcome. Throws ScenarioError if it makes no sense. */
  run(given: ScenarioOp, index: number): Outcome {
    const op = spelledOut(given);
    const at = `operation ${index}`;
    const fault = operationFault(op);
    if (fault !== undefined) throw new ScenarioError(`${at}: ${fault}`);
    const does = this.#ops[op.op]!;
    const comm = COMM[op.op];
    if (comm !== undefined) {
      // Every operation that the shell does not do itself has a process of its own.
      this.kernel.current = { pid: comm === 'init' ? 1 : 100 + index, comm, cpu: 0 };
      // The guide finds what others logged at the next marker; it belongs to the operation before.
      if (this.guide !== undefined && op.op !== 'kmsg') this.guide.task = this.kernel.current;
    }
    try {
      return does(op);
    } catch (error) {
      if (error instanceof ScenarioError || error instanceof RangeError)
        throw new ScenarioError(`${at}: ${error.message}`, { cause: error });
      if (error instanceof KernelError) return errnoName(error, op);
      throw error;
    }
  }

  #advance(usec: number): void {
    const inside = insideOf(this.kernel);
    const until = this.kernel.now() + usec;
    if (this.#holdUntil !== undefined && this.#holdUntil <= until) {
      // The lock becomes free at exactly that time, so that a timer that is due then can take it.
      this.kernel.advanceTo(Math.max(this.kernel.now(), this.#holdUntil - 1));
      this.#holdUntil = undefined;
      inside.call(() => inside.consoles.unlock());
    }
    this.kernel.advanceTo(until);
  }

  readonly #ops: Record<string, (op: ScenarioOp) => Outcome> = {
    insmod: (op) => {
      try {
        this.#modules.insmod(op);
      } catch (error) {
        if (op.module !== undefined) throw error;
        // insmod has two system calls, and tries the other one before it gives up.
        this.#modules.insmod(op);
      }
      return 'ok';
    },
    rmmod: (op) => {
      this.#modules.rmmod(op);
      return 'ok';
    },
    memory: (op) => {
      this.#modules.memory(op);
      return 'ok';
    },
    mkdir: (op) => {
      this.kernel.fs.mkdir(below(op));
      return 'ok';
    },
    rmdir: (op) => {
      this.kernel.fs.rmdir(below(op));
      return 'ok';
    },
    read: (op) => (isSetting(op) ? this.#modules.readSetting(op) : { data: this.kernel.fs.read(below(op)) }),
    write: (op) => {
      if (op.module === undefined) return this.#write(below(op), opBytes(op));
      if (isSetting(op)) this.#modules.writeSetting(op);
      else this.kernel.fs.write(below(op), opBytes(op));
      return 'ok';
    },
    kmsg: (op) => {
      const bytes = opBytes(op);
      if (bytes.length > 0) this.kernel.kmsg.write(bytes);
      return 'ok';
    },
    ip: (op) => {
      ip(this.kernel, op.args ?? '', { ipv6: this.#ipv6 });
      return 'ok';
    },
    param: (op) => this.#param(op),
    loglevel: (op) => {
      const level = op.level ?? 0;
      if (level < 1 || level > 8) return 'EINVAL';
      this.kernel.kmsg.loglevel = level;
      return 'ok';
    },
    ipv6: () => {
      this.#ipv6 = true;
      const nic = this.#nic;
      if (nic === undefined) return 'ENOENT';
      this.kernel.ip((all) => {
        for (const dev of all.list) all.setIpv6(dev);
      });
      this.kernel.ip((all) => all.setUp(nic, false));
      this.kernel.ip((all) => all.setUp(nic, true));
      this.kernel.ip(() => nic.addAddress('fd00::15/64'));
      return 'ok';
    },
    unplug: () => {
      if (this.#nic === undefined) return this.guide ? 'ok' : 'ENOENT'; // the recorder's shell ignores it
      this.kernel.removeDevice(this.#nic);
      this.#nic = undefined;
      return 'ok';
    },
    plug: () => {
      if (this.#nic === undefined) this.#plug();
      const eth0 = this.kernel.ip((all) => all.byName('eth0'));
      if (eth0 !== undefined) this.kernel.ip((all) => all.setUp(eth0, true));
      return 'ok';
    },
    sysrq: (op) => {
      const { guide } = this;
      this.kernel.sysrq(op.key ?? '', {
        header: () => guide?.injectSysrq(),
        trace: () => (this.choice.profile.sysrqCrash === 'oops' ? guide?.injectOops() : guide?.injectForeign()),
        after: () => guide?.injectForeign(),
      });
      return 'ok';
    },
    sh: () => null,
    settle: (op) => {
      if (this.guide === undefined) this.#advance((op.seconds ?? 0) * 1e6);
      return null;
    },
    holdconsole: (op) => {
      if (!insideOf(this.kernel).consoles.trylock()) return 'EBUSY';
      this.#holdUntil = this.kernel.now() + (op.ms ?? 0) * 1000;
      return 'ok';
    },
    datagram: (op) => {
      const frame = datagramFrame(op, this.#nic?.mac ?? new Uint8Array(6));
      if (this.#nic === undefined) return 'ENODEV';
      (this.#nic.device as MemoryDevice).inject(frame);
      return 'ok';
    },
    advance: (op) => {
      this.#advance((op.ms ?? 0) * 1000);
      return 'ok';
    },
  };

  /** Writes as `dd` does: it creates no file, and repeats the write for bytes not taken. */
  #write(path: string, bytes: Uint8Array): Outcome {
    const kind = this.kernel.fs.kind(path);
    if (kind === 'group') return 'EISDIR';
    if (kind === undefined)
      return this.kernel.fs.kind(path.slice(0, path.lastIndexOf('/'))) === 'group' ? 'EACCES' : 'ENOENT';
    if (!this.kernel.fs.writable(path)) return 'EACCES';
    for (let at = 0; at < bytes.length; ) {
      const taken = this.kernel.fs.write(path, bytes.subarray(at));
      if (taken === 0) break;
      at += taken;
    }
    return 'ok';
  }

  #param(op: ScenarioOp): Outcome {
    const netconsole = this.#modules.get('netconsole');
    if (netconsole === undefined) return 'ENOENT';
    if (op.name !== 'oops_only') return 'EACCES';
    if (opBytes(op).length === 0) return 'ok';
    const value = kstrtobool(this.choice.profile, latin1(opBytes(op)).replace(/\0.*/s, ''));
    if (typeof value === 'string') return value;
    netconsole.oopsOnly = value;
    return 'ok';
  }
}
