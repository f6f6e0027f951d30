import { describe, expect, it } from 'vitest';
import { FEATURES, featuresOf } from '../../../src/profile/features.js';
import { chooseProfile, PROFILE_ALIASES, PROFILES, profile, profileForRelease } from '../../../src/profile/index.js';
import { KERNELS, type KnownKernel } from '../../../src/profile/kernels.js';
import { errno, MODERN } from '../../support/harness.js';

const kernels: readonly KnownKernel[] = KERNELS;
const rows = Object.entries(FEATURES) as [keyof typeof FEATURES, Record<string, unknown>][];

describe('the feature table', () => {
  it.each(rows)('%s begins with the oldest kernel, and names kernels in their order', (_, row) => {
    const names = Object.keys(row);
    expect(names[0]).toBe('4.2');
    const order = names.map((name) => kernels.findIndex((k) => k.name === name));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it.each(rows)('%s says only what changes', (feature, row) => {
    for (const name of Object.keys(row).slice(1)) {
      const kernel = kernels.find((k) => k.name === name)!;
      const before =
        kernel.base ??
        kernels.filter((k) => k.base === undefined)[kernels.filter((k) => k.base === undefined).indexOf(kernel) - 1]!
          .name;
      expect([name, featuresOf(before as '4.2')[feature]]).not.toEqual([name, row[name]]);
    }
  });

  it('a value holds up to the next one named, a stable tree has what its base has', () => {
    const column = (feature: keyof typeof FEATURES) =>
      Object.fromEntries(kernels.map((k) => [k.name, featuresOf(k.name as '4.2')[feature]]));
    expect(column('plainMax')).toMatchObject({
      '4.2': 1024,
      '6.1': 1024,
      '6.1s': 1024,
      '6.3': 2048,
      '6.12s': 2048,
      '7.3': 2048,
    });
    // What a stable tree has of its own says nothing of the kernels after it.
    expect(column('macBinding')).toMatchObject({ '6.12.0': false, '6.12s': true, '6.14': false, '6.16': true });
    expect(column('npinfoLost')).toMatchObject({
      ...{ '5.10': true, '5.10s': false, '5.14': true, '6.1': true, '6.1s': false, '6.3': true },
      ...{ '6.12.0': true, '6.12s': false, '6.14': true, '6.17': true, '6.17s': false, '6.18': false, '7.3': false },
    });
    expect(column('sysdataReleaseShowsTaskname')).toMatchObject({
      '6.14': false,
      '6.16': true,
      '6.19': true,
      '7.0': false,
    });
  });
});

describe('profiles', () => {
  it('are these, oldest first', () => expect(MODERN).toEqual(kernels.map(({ name }) => name)));

  it('are plain data: no functions, nothing missing', () => {
    const keys = Object.keys(profile('7.3')).sort();
    for (const p of PROFILES) {
      for (const value of Object.values(p)) expect(typeof value).toMatch(/^(string|number|boolean)$/);
      expect(Object.keys(p).sort()).toEqual(keys);
    }
    expect(new Set(PROFILES.map(({ name }) => name)).size).toBe(PROFILES.length);
  });

  it('have names, and one is the default', () => {
    expect(profile().name).toBe('7.3');
    expect(profile('6.12').name).toBe('6.12s');
    for (const [name, alias] of Object.entries(PROFILE_ALIASES)) expect(profile(name)).toBe(profile(alias.profile));
  });

  it('an unknown one is EINVAL, and says which there are', () => {
    for (const name of ['banana', '', 'x', '6', 'linux-6.1', '6.1.2.3', 'constructor'])
      expect(errno(() => profile(name))).toBe('EINVAL');
    expect(() => profile('banana')).toThrow(/"banana".*4\.2.*7\.3.*rhel8/);
  });

  it('a release that is too old or too new is EINVAL, and says the nearest', () => {
    expect(errno(() => profile('3.10.0-1160.el7'))).toBe('EINVAL');
    expect(() => profile('3.10.0-1160.el7')).toThrow(/older than 4\.2/);
    expect(() => profile('9.9')).toThrow(/newer than 7\.3.*"7\.3"/);
  });

  it('a release may stand in place of a name, and is what uname prints', () =>
    expect(profile('5.15.0-134-generic')).toMatchObject({ name: '5.15', release: '5.15.0-134-generic' }));
});

describe('the profile of a release', () => {
  it.each([
    ['4.2.8', '4.2'],
    ['4.3', '4.2'],
    ['4.18.0-553.el8_10.x86_64', '4.18'],
    ['4.20.1', '5.4'],
    ['5.0.0', '5.4'],
    ['5.4.0-216-generic', '5.4'],
    ['5.9.1', '5.4'],
    ['5.10.0-32-amd64', '5.10'],
    ['5.10.0-46-amd64', '5.10s'],
    ['5.10.0-46-cloud-amd64', '5.10s'],
    ['5.10.0-46-generic', '5.10'],
    ['5.10.223', '5.10'],
    ['5.10.262', '5.10s'],
    ['5.14.0-570.el9.x86_64', '5.14'],
    ['5.15.0-134-generic', '5.15'],
    ['6.1.0', '6.1'],
    ['6.1.0-50-amd64', '6.1s'],
    ['6.1.0-18-amd64', '6.1'],
    ['6.1.192', '6.1s'],
    ['6.1.50', '6.1'],
    ['6.2.1', '6.1'],
    ['6.5.0', '6.3'],
    ['6.6.9', '6.6'],
    ['6.8.0-31-generic', '6.8'],
    ['6.8.12', '6.8'],
    ['6.12.0', '6.12.0'],
    ['6.12.57+deb12-amd64', '6.12.0'],
    ['6.12.95+deb12-amd64', '6.12s'],
    ['6.13.7', '6.12.0'],
    ['6.15.1', '6.14'],
    ['6.16.12+deb13-amd64', '6.16'],
    ['6.17.0', '6.17'],
    ['6.17.13+deb13-amd64', '6.17s'],
    ['7.2.13+deb14-amd64', '7.2'],
    ['7.3.4+deb13-amd64', '7.3'],
    ['v7.3-rc1', '7.3'],
    ['8.1.0', '7.3'],
  ])('%s is %s', (release, name) => expect(profileForRelease(release).name).toBe(name));

  it('says how sure it is', () => {
    expect(chooseProfile('6.12.57')).toMatchObject({ sure: 'recorded', said: 'Linux 6.12.0, recorded on 6.12.57' });
    expect(chooseProfile('6.8.12')).toMatchObject({
      sure: 'near',
      said: 'Linux 6.8, the nearest to 6.8.12 that is known; recorded on 6.8.1',
    });
    expect(chooseProfile('4.2.8')).toMatchObject({ sure: 'read' });
    expect(chooseProfile('rhel9')).toMatchObject({ sure: 'read' });
    expect(chooseProfile('ubuntu22.04')).toMatchObject({ sure: 'near' });
    expect(chooseProfile('7.4.1').warning).toMatch(/newer than 7\.3/);
    expect(chooseProfile('7.3.99').warning).toBeUndefined();
  });
});
