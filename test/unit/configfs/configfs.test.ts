import { describe, expect, it } from 'vitest';
import { ConfigFs, type ConfigGroup, configGroup } from '../../../src/configfs/index.js';
import { KernelError } from '../../../src/errno.js';
import { errno } from '../../support/harness.js';

function tree() {
  const stored: [string, number][] = [];
  const dropped: string[] = [];
  const make = (name: string): ConfigGroup => {
    if (name === 'refused') throw new KernelError('ENOSPC', 'test', 'no');
    return configGroup(name, {
      attributes: {
        value: {
          show: () => 'v\n',
          store: (text, count) => {
            stored.push([text, count]);
            return count;
          },
        },
        fixed: { show: () => 'f\n' },
        trigger: { store: () => 1 },
      },
      defaults: [
        configGroup('sub', { makeItem: (child) => configGroup(child), dropItem: (child) => dropped.push(child.name) }),
      ],
    });
  };
  const fs = new ConfigFs();
  const subsystem = configGroup('driver', { makeItem: make, dropItem: (child) => dropped.push(child.name) });
  fs.register(subsystem);
  return { fs, subsystem, stored, dropped };
}

describe('the tree', () => {
  it('is made by users where drivers let them', () => {
    const { fs, dropped } = tree();
    fs.mkdir('driver/a');
    fs.mkdir('driver/b/');
    fs.mkdir('driver/a/sub/x');
    expect(fs.readdir('driver')).toEqual(['a', 'b']);
    expect(fs.readdir('/driver//a')).toEqual(['value', 'fixed', 'trigger', 'sub']);
    expect(fs.readdir('driver/a/sub')).toEqual(['x']);
    fs.rmdir('driver/a/sub/x');
    fs.rmdir('driver/a');
    expect(dropped).toEqual(['x', 'a']);
    expect(fs.readdir('')).toEqual(['driver']);
  });

  it.each([
    ['in the root', 'other', 'EPERM'],
    ['what exists', 'driver/a', 'EEXIST'],
    ['what exists as a file', 'driver/a/value', 'EEXIST'],
    ['what exists as a default', 'driver/a/sub', 'EEXIST'],
    ['below nothing', 'driver/none/x', 'ENOENT'],
    ['below a file', 'driver/a/value/x', 'ENOTDIR'],
    ['where the driver lets nobody', 'driver/a/x', 'EPERM'],
    ['what the driver refuses', 'driver/refused', 'ENOSPC'],
    ['a name over 255 bytes', `driver/${'x'.repeat(256)}`, 'ENAMETOOLONG'],
  ])('mkdir %s', (_, path, code) => {
    const { fs } = tree();
    fs.mkdir('driver/a');
    const before = fs.readdir('driver');
    expect(errno(() => fs.mkdir(path))).toBe(code);
    expect(fs.readdir('driver')).toEqual(before);
  });

  it('255 bytes are a name', () => expect(errno(() => tree().fs.mkdir(`driver/${'x'.repeat(255)}`))).toBe('ok'));

  it.each([
    ['a default directory', 'driver/a/sub', 'EPERM'],
    ['the driver', 'driver', 'EPERM'],
    ['a file', 'driver/a/value', 'ENOTDIR'],
    ['nothing', 'driver/none', 'ENOENT'],
    ['what is not empty, however deep', 'driver/a', 'ENOTEMPTY'],
  ])('rmdir %s', (_, path, code) => {
    const { fs } = tree();
    fs.mkdir('driver/a');
    fs.mkdir('driver/a/sub/x');
    expect(errno(() => fs.rmdir(path))).toBe(code);
    expect(fs.readdir('driver/a/sub')).toEqual(['x']);
  });

  it('a driver hangs in once, and leaves with all that is its own', () => {
    const { fs, subsystem } = tree();
    expect(errno(() => fs.register(subsystem))).toBe('EEXIST');
    fs.unregister(subsystem);
    expect(errno(() => fs.readdir('driver'))).toBe('ENOENT');
    fs.register(subsystem);
  });
});

describe('files', () => {
  it('kinds', () => {
    const { fs } = tree();
    fs.mkdir('driver/a');
    expect(['driver', 'driver/a/value', 'driver/a/none', '', 'none'].map((path) => fs.kind(path))).toEqual([
      'group',
      'attribute',
      undefined,
      'group',
      undefined,
    ]);
  });

  it.each([
    ['read', 'driver/a/value', 'v\n'],
    ['read', 'driver/a/trigger', 'EACCES'],
    ['read', 'driver/a', 'EISDIR'],
    ['read', 'driver/a/none', 'ENOENT'],
    ['write', 'driver/a/fixed', 'EACCES'],
    ['write', 'driver/a', 'EISDIR'],
    ['write', 'driver/a/none', 'ENOENT'],
  ] as const)('%s %s: %s', (what, path, want) => {
    const { fs } = tree();
    fs.mkdir('driver/a');
    let got: string | number = '';
    const code = errno(() => (got = what === 'read' ? fs.read(path) : fs.write(path, 'x')));
    expect(code === 'ok' ? got : code).toBe(want);
  });

  it('one write is one store: up to a NUL as text, a page less one byte in all', () => {
    const { fs, stored } = tree();
    fs.mkdir('driver/a');
    expect(fs.write('driver/a/value', Buffer.from('a\xff\nb', 'latin1'))).toBe(4);
    fs.write('driver/a/value', 'x\0y');
    fs.write('driver/a/value', 'z'.repeat(5000));
    fs.write('driver/a/value', `${'z'.repeat(4095)}\0`);
    expect(stored).toEqual([
      ['a\xff\nb', 4],
      ['x', 3],
      ['z'.repeat(4095), 4095],
      ['z'.repeat(4095), 4095],
    ]);
    expect(errno(() => fs.write('driver/a/value', ''))).toBe('EFAULT');
  });

  it('names of objects are names like any other', () => {
    const { fs } = tree();
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(fs.kind(`driver/${name}`)).toBeUndefined();
      fs.mkdir(`driver/${name}`);
      expect(fs.kind(`driver/${name}/constructor`)).toBeUndefined();
      fs.rmdir(`driver/${name}`);
    }
  });
});
