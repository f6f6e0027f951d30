/** Only `rmmod` unloads a module; what a module is loaded with is checked by name. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createKernel, createMemoryDevice, type LoadedModules, type ModuleName } from '../../../src/index.js';

const ARGS: Readonly<Record<ModuleName, string>> = {
  netconsole: '@/eth0,@10.0.0.2/02:00:00:00:00:02',
  netoops: '@/eth0,@10.0.0.2/02:00:00:00:00:02',
  'netconsole-2001': 'dev=eth0 target_ip=0x0a000002 source_port=6666 target_port=6666',
  'netconsole-2003': '@/eth0,@10.0.0.2/02:00:00:00:00:02',
};
const names = Object.keys(ARGS) as ModuleName[];

function boot() {
  const kernel = createKernel();
  kernel.addDevice(createMemoryDevice('eth0'), { addresses: ['10.0.0.1/24'] });
  return kernel;
}

describe.each(names)('%s', (name) => {
  it('is unloaded by rmmod, once, and by nothing that insmod returns', () => {
    const kernel = boot();
    const loaded = kernel.insmod(name, ARGS[name]);
    for (const organ of ['unload', 'release']) expect(organ in loaded, organ).toBe(false);
    kernel.rmmod(name);
    expect(() => kernel.rmmod(name)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(kernel.insmod(name, ARGS[name])).not.toBe(loaded);
    kernel.rmmod(name);
    expect(kernel.inspect().modules).toEqual([]);
  });

  it.each([
    [{ parms: 'x' }, /parms.*did you mean "params"/],
    [{ params: 5 }, /params is 5, not a string/],
    [null, /options are null/],
    [5, /options are 5/],
  ])('refuses %j by name, and is not loaded', (args, message) => {
    const kernel = boot();
    expect(() => kernel.insmod(name, args as never)).toThrow(message);
    kernel.insmod(name, ARGS[name]);
  });
});

it('what insmod returns shows targets and counts, and none of the parts that send', () => {
  type Targets<N extends 'netconsole' | 'netoops'> = LoadedModules[N]['targets'][number];
  expectTypeOf<keyof LoadedModules['netconsole']>().toEqualTypeOf<'targets' | 'oopsOnly'>();
  expectTypeOf<keyof Targets<'netconsole'>>().toEqualTypeOf<
    'name' | 'state' | 'enabled' | 'extended' | 'release' | 'stats' | 'reliable'
  >();
  expectTypeOf<keyof NonNullable<Targets<'netconsole'>['reliable']>>().toEqualTypeOf<'ackSeq' | 'stats'>();
  expectTypeOf<keyof LoadedModules['netoops']>().toEqualTypeOf<'targets' | 'stats' | 'sysfs'>();
  expectTypeOf<keyof Targets<'netoops'>>().toEqualTypeOf<'state'>();
  const { targets } = boot().insmod('netconsole', ARGS.netconsole);
  const { name, state, extended, release, stats } = targets[0]!;
  expect(JSON.parse(JSON.stringify(targets))).toEqual([{ name, state, extended, release, stats }]);
});

it.each(['netconsole', 'netoops'] as const)('%s is in use while users have directories in it', (name) => {
  const kernel = boot();
  kernel.insmod(name, ARGS[name]);
  kernel.fs.mkdir(`${name}/t1`);
  const inUse = { code: 'EAGAIN', message: expect.stringContaining(`${name} is in use`) };
  expect(() => kernel.rmmod(name)).toThrow(expect.objectContaining(inUse));
  expect(kernel.inspect().modules).toEqual([name]);
  kernel.fs.rmdir(`${name}/t1`);
  kernel.rmmod(name);
  expect(kernel.inspect().modules).toEqual([]);
});

it.each([
  ['netoops', { arch: 'vax' }, /arch is 'vax', not 'x86_64' or/],
  ['netoops', { cpu: 5 }, /cpu is 5/],
  ['netconsole-2001', { version: 'Z' }, /version is 'Z'/],
  ['netconsole-2003', { era: '2005' }, /era is '2005'/],
  ['netconsole-2003', { needArp: 'no' }, /needArp is 'no'/],
] as const)('%s refuses %j', (name, args, message) => {
  expect(() => boot().insmod(name, args as never)).toThrow(message);
});

it('a target of the parameter says how it gets its directory', () => {
  const kernel = createKernel({ profile: '6.12' });
  kernel.addDevice(createMemoryDevice('eth0'), { addresses: ['10.0.0.1/24'] });
  kernel.insmod('netconsole', ARGS.netconsole);
  const hint = /no such file or directory; mkdir netconsole\/cmdline0 makes the directory of the target/;
  expect(() => kernel.fs.write('netconsole/cmdline0/enabled', '0')).toThrow(hint);
  expect(() => kernel.fs.read('netconsole/cmdline0/enabled')).toThrow(hint);
  expect(() => kernel.fs.readdir('netconsole/cmdline0')).toThrow(hint);
  expect(() => kernel.fs.read('netconsole/cmdline1/enabled')).toThrow(/no such file or directory$/);
  kernel.fs.mkdir('netconsole/cmdline0');
  expect(kernel.fs.read('netconsole/cmdline0/enabled')).toBe('1\n');
});
