/**
 * Every option of every exported function, and every other argument, set to each of twenty wrong
 * values: refused at once, by name, and nothing has changed. The compiler names the functions, the
 * arguments and the options, so that a new one is tried here or fails here.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import * as check from '../../src/check/index.js';
import * as main from '../../src/index.js';
import { defaultHeap } from '../../src/memory/heap.js';
import * as receiver from '../../src/receiver/index.js';
import * as replay from '../../src/replay/index.js';
import * as run from '../../src/run/index.js';
import * as scenario from '../../src/scenario/index.js';
import * as storm from '../../src/storm/index.js';
import * as testing from '../../src/testing/index.js';
import { openAfPacket } from '../../src/transport/af-packet.js';
import { openAfXdp } from '../../src/transport/af-xdp.js';
import { openCap } from '../../src/transport/cap.js';
import * as transport from '../../src/transport/index.js';
import { openLibpcap } from '../../src/transport/libpcap.js';
import { openPcapFile } from '../../src/transport/pcap-file.js';
import { openRawSocket } from '../../src/transport/raw-socket.js';
import { openUdp } from '../../src/transport/udp.js';
import { openXdp } from '../../src/transport/xdp.js';
import * as wire from '../../src/wire/index.js';
import * as workload from '../../src/workload/index.js';
import { checker, entries, exportsOf, meant } from '../support/exports.js';

const WRONG: readonly unknown[] = [
  ...[Number.NaN, -1, 1.5, 2 ** 60, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...['', 'x', '6', null, {}, [], [5], true, 5n, Symbol('s'), () => {}, new Map(), new Date(0), Uint8Array.of(1)],
];

/** Right arguments for a function; the trial puts a wrong one in the place of one of them. */
interface Trial {
  // biome-ignore lint/suspicious/noExplicitAny: any function.
  readonly call: (...args: any[]) => unknown;
  readonly right: () => readonly unknown[];
}

const folder = mkdtempSync(join(tmpdir(), 'nce-options-'));
afterAll(() => rmSync(folder, { recursive: true }));
const log = join(folder, 'log');
writeFileSync(log, '6,1,1,-;x\n');
const device = () => main.createMemoryDevice('eth0', { slots: 4 });
const kernel = () => {
  const made = main.createKernel({ profile: '6.12', logBufShift: 12 });
  made.addDevice(device(), { addresses: ['10.0.0.1/24'] });
  return made;
};
const PLAN: storm.Plan = { duration: 0.01, groups: [{ name: 'g', hosts: 1 }] };
const plan = () => storm.compilePlan(PLAN);
const one = (call: Trial['call'], ...right: readonly unknown[]): Trial => ({ call, right: () => right });
const opened = (call: Trial['call'], ...right: readonly unknown[]): Trial => one(call, 'nosuchif0', ...right);

const TRIALS: Readonly<Record<string, Trial>> = {
  '. createKernel': one(main.createKernel, {}),
  '. Kernel': one((o) => new main.Kernel(o), {}),
  '. Heap': one((o) => new main.Heap(o), { size: 65536 }),
  '. createMemoryDevice': one(main.createMemoryDevice, 'eth0', {}),
  '. createSlab': one((count, heap) => main.createSlab(count, heap), 4, undefined),
  '. impairDevice': { call: main.impairDevice, right: () => [device(), {}, run.createManualClock()] },
  '. faultDevice': { call: main.faultDevice, right: () => [device(), {}] },
  '. shareDevice': { call: main.shareDevice, right: () => [device(), {}] },
  '. tapDevice': { call: main.tapDevice, right: () => [device(), () => {}] },
  '. wrapDevice': { call: main.wrapDevice, right: () => [device(), {}] },
  '. writing': one(main.writing, () => {}),
  '. profile': one(main.profile, '6.12'),
  '. profileForRelease': one(main.profileForRelease, '6.12'),
  '. chooseProfile': one(main.chooseProfile, '6.12'),
  './wire pcapHeader': one(wire.pcapHeader, {}),
  './wire PcapWriter': one((o) => new wire.PcapWriter(o), {}),
  './wire FragmentJoiner': one(
    (fn) => new wire.FragmentJoiner(fn),
    () => {},
  ),
  './wire IpReassembler': one(
    (fn) => new wire.IpReassembler(fn),
    () => {},
  ),

  './receiver createReceiver': one(receiver.createReceiver, {}),
  './receiver createPlainReceiver': one(receiver.createPlainReceiver, {}),
  './receiver createReceiverSet': one(receiver.createReceiverSet, () => receiver.createReceiver(), {}),
  './receiver AutoReceiver': one((o) => new receiver.AutoReceiver(o), {}),
  './receiver NetoopsReceiver': one((o) => new receiver.NetoopsReceiver(o), {}),
  './receiver Netconsole2001Receiver': one((o) => new receiver.Netconsole2001Receiver(o), {}),
  './replay readLog': one(replay.readLog, log, {}),
  './replay replay': {
    call: replay.replay,
    right: () => [replay.readLog({ text: '6,1,1,-;x\n' }), device(), {}],
  },
  './replay replayFleet': one(replay.replayFleet, { file: log, via: 'memory', open: {}, replay: {}, workers: 2 }),
  './replay lineFormat': one(replay.lineFormat, { name: 'n', description: 'd', match: () => undefined }),
  './replay Pace': one((speed, gap) => new replay.Pace(speed, gap), 1, 1),
  './replay parseSpeed': one(replay.parseSpeed, '1'),
  './run createDriver': { call: run.createDriver, right: () => [kernel(), run.createManualClock()] },
  './run createManualClock': one(run.createManualClock, 0),
  './scenario runScenario': one(scenario.runScenario, { ops: [] }, {}),
  './scenario parseScenario': one(scenario.parseScenario, '{"ops":[]}', 'file'),
  './testing createHarness': one(testing.createHarness, {}),
  './testing createFleet': one(testing.createFleet, { hosts: 1 }),
  './testing ethernet': one(testing.ethernet, {}),
  './testing ipv4': one(testing.ipv4, {}),
  './testing ipv6': one(testing.ipv6, {}),
  './testing udp': one(testing.udp, {}),
  './testing ext': one(testing.ext, {}),
  './testing plain': one(testing.plain, {}),
  './transport openDevice': one(transport.openDevice, 'memory', {}),
  './transport limitDevice': { call: transport.limitDevice, right: () => [device(), {}] },
  './transport parseSpec': one(transport.parseSpec, 'memory'),
  './transport hasCapability': one(transport.hasCapability, 21),
  './transport/af-packet openAfPacket': opened(openAfPacket, {}),
  './transport/af-xdp openAfXdp': opened(openAfXdp, 0, {}),
  './transport/cap openCap': opened(openCap, {}),
  './transport/libpcap openLibpcap': opened(openLibpcap, {}),
  './transport/xdp openXdp': opened(openXdp, {}),
  './transport/pcap-file openPcapFile': one(openPcapFile, join(folder, 'x.pcap'), { now: () => 0 }),
  './transport/raw-socket openRawSocket': one(openRawSocket, {}),
  './transport/udp openUdp': one(openUdp, {}),
  './check check': one(check.check, (async function* () {})(), { outputs: [] }),
  './check outputFormat': one(check.outputFormat, 'extended'),
  './storm compilePlan': one(storm.compilePlan, PLAN),
  './storm runStorm': { call: storm.runStorm, right: () => [plan(), device(), {}] },
  './storm StormEngine': { call: (p, o) => new storm.StormEngine(p, o), right: () => [plan(), {}] },
  './storm Shaper': one((o) => new storm.Shaper(o), { rate: 1 }),
  './storm parseRamp': one(storm.parseRamp, '1:2:3s'),
  './storm manifestHead': { call: storm.manifestHead, right: () => [plan(), { index: 0, count: 1 }] },
  './storm ManifestWriter': {
    call: (path, head) => new storm.ManifestWriter(path, head),
    right: () => [join(folder, 'manifest'), storm.manifestHead(plan())],
  },
  './workload periodic': one(workload.periodic, { everyUsec: 1 }),
  './workload poisson': one(workload.poisson, { meanUsec: 1 }, new workload.Draw(1)),
  './workload bursts': one(workload.bursts, { size: 1, gapUsec: 1, everyUsec: 1 }),
  './workload Draw': one((seed) => new workload.Draw(seed), 1),
  './workload withMark': one(workload.withMark, 'x', { run: 1, host: 1, number: 1 }),
  './workload readMark': one(workload.readMark, 'x'),
  './workload workload': one(workload.workload, { id: 'x', about: 'y', parameters: {}, steps: () => [] }),
};

/** What takes no options, and why it looks at nothing else that it is given. */
const EXEMPT: readonly (readonly [why: string, names: RegExp])[] = [
  ['is an error class', /Error$/],
  [
    'is made by another export, which checks',
    /^\. (Interface|KmsgFile|Netcon|Netoops|SysfsSettings)|^\.\/receiver (Receiver|PlainReceiver|ReceiverSet)$|Device$/,
  ],
  [
    'takes nothing',
    /Pcap(ng)?Reader|CaptureReader|RecordTokens|LogHead|LogProblems|Checker|interfaceNames|dropCapabilities/,
  ],
  [
    'works on bytes or on what another export gave, as often as there are packets',
    /^\.\/wire (parse|emit|format|unescape|escape|begins|decode|dictionary|ethernet|internet|ipv4|is|linktype|netoops|next|pcapRecord|reads|recordEnd|skip|tokenize|truncated|udp|unread|verify)|^\.\/receiver (dictionary|net\w+(Json|Lines)|parse|plainLines|printable|record|unescape)|^\.\/replay (Batch|format|keep)|recordsOfFrames|tallyOf|trouble|mergeSummaries|mixSeed|playSteps|printMessage/,
  ],
  ['reads a file or a value that has a schema', /readPlan|checkPlan|readTruth/],
  ['has complaints as its result', /checkFrame/],
];

interface Exported {
  readonly name: string;
  readonly signature: ts.Signature;
}

function exported(): Exported[] {
  return entries.flatMap(([entry, file]) =>
    (exportsOf(file) ?? []).flatMap((symbol): Exported[] => {
      const { flags, valueDeclaration } = meant(symbol);
      if (!(flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Function)) || valueDeclaration === undefined) return [];
      const type = checker.getTypeOfSymbolAtLocation(meant(symbol), valueDeclaration);
      const [signature] = flags & ts.SymbolFlags.Class ? type.getConstructSignatures() : type.getCallSignatures();
      return signature === undefined ? [] : [{ name: `${entry} ${symbol.name}`, signature }];
    }),
  );
}

/** Whether a value may be of a type. NaN is never a number that anybody means. */
function fits(type: ts.Type, value: unknown): boolean {
  const { Any, Unknown, Void, Undefined, Null, NumberLike, StringLike, BooleanLike, Never } = ts.TypeFlags;
  if (type.flags & (Any | Unknown | Void)) return true;
  if (type.flags & Never) return false;
  if (type.isUnion()) return type.types.some((member) => fits(member, value));
  if (type.isIntersection()) return type.types.every((member) => fits(member, value));
  if (type.isLiteral()) return value === type.value;
  if (type.flags & Undefined) return value === undefined;
  if (type.flags & Null) return value === null;
  if (type.flags & NumberLike) return typeof value === 'number' && !Number.isNaN(value);
  if (type.flags & StringLike) return typeof value === 'string';
  if (type.flags & BooleanLike) return typeof value === 'boolean';
  if (type.flags & ts.TypeFlags.TypeParameter) return true;
  if (type.getCallSignatures().length > 0) return typeof value === 'function';
  if (type.getConstructSignatures().length > 0) return false;
  if (checker.isArrayLikeType(type)) {
    const [element] = checker.getTypeArguments(type as ts.TypeReference);
    return Array.isArray(value) && value.every((one) => element === undefined || fits(element, one));
  }
  const name = type.symbol?.name;
  if (name === 'Uint8Array' || name === 'RegExp') return (value as object)?.constructor?.name === name;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return type.getProperties().every((property) => {
    const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    return (optional && !(property.name in value)) || fits(typeOf(property), (value as never)[property.name]);
  });
}

function typeOf(symbol: ts.Symbol): ts.Type {
  const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
  return declaration === undefined
    ? checker.getTypeOfSymbol(symbol)
    : checker.getTypeOfSymbolAtLocation(symbol, declaration);
}

/** Whether an argument is an object of options, and not a thing that has methods. */
function options(type: ts.Type): readonly ts.Symbol[] {
  const object = checker.getNonNullableType(type);
  if (object.isUnion() || object.getCallSignatures().length > 0 || checker.isArrayLikeType(object)) return [];
  if (!(object.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) || object.isClass()) return [];
  const properties = object.getProperties();
  const isThing = ({ name, flags }: ts.Symbol) =>
    name.startsWith('__@') || (flags & ts.SymbolFlags.Method && !(flags & ts.SymbolFlags.Optional));
  return type.symbol?.name !== 'LineFormatOptions' && properties.some(isThing) ? [] : properties;
}

async function refusal(call: () => unknown): Promise<unknown> {
  try {
    const made = (await call()) as { close?: () => unknown } | undefined;
    if (typeof made === 'object' && made !== null && 'close' in made) await made.close?.();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** An option of the argument at `index`, or, without one, the argument. */
interface Place {
  readonly index: number;
  readonly option?: string;
  /** What a refusal may name it by. */
  readonly names: readonly string[];
  readonly type: ts.Type;
}

function places(signature: ts.Signature): Place[] {
  return signature.getParameters().flatMap((parameter, index): Place[] => {
    const type = typeOf(parameter);
    const bag = options(type);
    const names = [parameter.name, ...bag.map(({ name }) => name)];
    return [
      { index, names, type },
      ...bag.map((property) => ({
        ...{ index, option: property.name, names: [property.name], type: typeOf(property) },
      })),
    ];
  });
}

const all = exported();

it('every exported function is tried, or says why not', () => {
  const unknown = all.filter(({ name }) => TRIALS[name] === undefined && !EXEMPT.some(([, names]) => names.test(name)));
  expect(unknown.map(({ name }) => name)).toEqual([]);
  expect(Object.keys(TRIALS).filter((name) => !all.some((one) => one.name === name))).toEqual([]);
});

describe.each(all.filter(({ name }) => TRIALS[name] !== undefined))('$name', ({ name, signature }) => {
  const { call, right } = TRIALS[name]!;
  const tried = places(signature);
  it.each(tried)('$option of argument $index', async ({ index, option, names, type }) => {
    const what = names[0];
    const args = right();
    if (args[index] === undefined && option === undefined) return;
    for (const wrong of WRONG) {
      // Where a file is made, it is made in the folder of this test.
      const value = what === 'path' && typeof wrong === 'string' && wrong !== '' ? join(folder, wrong) : wrong;
      const fresh = [...right()];
      fresh[index] = option === undefined ? value : { ...(fresh[index] as object), [option]: value };
      const before = defaultHeap().used;
      const error = await refusal(() => call(...fresh));
      const shown = `${what}: ${typeof value} ${String(value)}`;
      if (error === undefined) {
        expect(fits(type, value) ? shown : 'taken', shown).toBe(shown);
        continue;
      }
      const known = [main.KernelError, RangeError, TypeError].some((kind) => error instanceof kind);
      expect(known ? 'known' : error, shown).toBe('known');
      // A value of the right kind may be refused for what it stands for.
      if (error instanceof main.KernelError && fits(type, value)) continue;
      expect((error as Error).message, shown).toMatch(
        new RegExp(`${names.join('|')}|options are|the log is|operation 0`),
      );
      expect(defaultHeap().used, shown).toBeLessThanOrEqual(before);
    }
  });

  const bags = [...new Set(tried.filter(({ option }) => option !== undefined).map(({ index }) => index))];
  it.each(bags)('argument %i, whose options throw when they are read', async (index) => {
    class Mine extends Error {}
    const fail = () => {
      throw new Mine();
    };
    const given = () => ({ ...(right()[index] as object) });
    const wrong = tried.flatMap(({ index: at, option }) =>
      at === index && option !== undefined
        ? [Object.defineProperty(given(), option, { get: fail, enumerable: true })]
        : [],
    );
    for (const value of [...wrong, new Proxy(given(), { get: fail }), new Proxy(given(), { ownKeys: fail })]) {
      const args = [...right()];
      args[index] = value;
      const before = defaultHeap().used;
      expect(await refusal(() => call(...args))).toBeInstanceOf(Mine);
      expect(defaultHeap().used).toBeLessThanOrEqual(before);
    }
  });

  it.each(bags)('an unknown option of argument %i', async (index) => {
    const args = [...right()];
    args[index] = { ...(args[index] as object), nosuchoption: 1 };
    expect(String(await refusal(() => call(...args)))).toMatch(/nosuchoption/);
  });
});
