import { describe, expect, it } from 'vitest';
import { PROFILE_ALIASES, PROFILES, type Profile, profile, profileForRelease } from '../../../src/profile/index.js';
import { errno, MODERN } from '../../support/harness.js';

const COLUMNS = [
  '4.2',
  '6.1',
  '6.1s',
  '6.3',
  '6.6',
  '6.12.0',
  '6.12s',
  '6.14',
  '6.17',
  '6.18',
  '6.19',
  '7.0',
  '7.1',
  '7.2',
  '7.3',
];

describe('profiles', () => {
  it('are these, oldest first', () => expect(MODERN).toEqual(COLUMNS));

  // One letter a column, as the table of what each kernel has: Y yes, - no.
  it.each<[string, string, (p: Profile) => boolean]>([
    ['ring of descriptors', '-YYYYYYYYYYYYYY', (p) => p.ring === 'prb'],
    [
      'records of 1024, output of 2048',
      '---YYYYYYYYYYYY',
      (p) => p.recordMax === 1024 && p.plainMax === 2048 && p.extMax === 2048,
    ],
    [
      'records of 992, output of 1024 and 8192',
      'YYY------------',
      (p) => p.recordMax === 992 && p.plainMax === 1024 && p.extMax === 8192,
    ],
    ['dropped notice in one write with the message', 'Y--YYYYYYYYYYYY', (p) => p.droppedNotice !== 'own-write'],
    ['release', '----YYYYYYYYYYY', (p) => p.releaseFeature],
    ['booleans by kstrtobool', '----YYYYYYYYYYY', (p) => p.booleans !== 'int'],
    ['booleans e and d', '--------YYYYYYY', (p) => p.booleans === 'kstrtobool-ed'],
    ['cmdlineN', '-----YYYYYYYYYY', (p) => p.cmdlineTargets],
    ['userdata', '-----YYYYYYYYYY', (p) => p.userdataItems > 0],
    ['256 items of userdata', '----------YYYYY', (p) => p.userdataItems === 256],
    ['cleanup list', '-----YYYYYYYYYY', (p) => p.cleanupList],
    ['transmit_errors', '-------YYYYYYYY', (p) => p.transmitErrors],
    ['sysdata', '--------YYYYYYY', (p) => p.sysdata],
    ['device chosen by MAC', '------Y-YYYYYYY', (p) => p.macBinding],
    ['consoles on demand', '--------YYYYYYY', (p) => p.consolesOnDemand],
    ['banner of netconsole', '--------YYYYYYY', (p) => p.bannerPrefix === 'netconsole: netconsole: '],
    ['setup messages of netconsole', '--------------Y', (p) => p.setupPrefix === 'netconsole: netconsole: '],
    ['strict IP parsing', '---------YYYYYY', (p) => p.strictIp],
    ['printer threads', '-----------YYYY', (p) => p.nbcon],
    ['resume', '-----------YYYY', (p) => p.resume],
    ['sysdata of who logged', '-----------YYYY', (p) => p.executionContext],
    ['bug at 1000 bytes', '----YYYYYYYYY--', (p) => p.edgeBug],
    ['untrustworthy carrier', 'YYY------------', (p) => p.untrustworthyCarrier],
    ['dev_name too long is an error', '--Y---Y-----YYY', (p) => p.devNameTooLong === 'ENAMETOOLONG'],
    ['identification begins anew with the module', '-------------YY', (p) => p.idPerModule],
    ['half a ring at most', '---------YYYYYY', (p) => p.recordShare === 'half'],
    ['a perfect fit does not wrap', '----------YYYYY', (p) => p.perfectFit],
    ['::1 is a source address', '------Y------YY', (p) => p.unsetSource === 'family'],
    ['release_enabled shows taskname', '--------YYY----', (p) => p.sysdataReleaseShowsTaskname],
    ['a hardware address loses a character', '--------YYYY---', (p) => p.macCut],
    ['a value of 200 bytes is refused whole', '------------YYY', (p) => p.userdataTooLong === 'early'],
  ])('%s', (_, row, has) => {
    expect(COLUMNS.map((name) => (has(profile(name)) ? 'Y' : '-')).join('')).toBe(row);
  });

  it('are plain data: no functions, nothing missing', () => {
    const keys = Object.keys(profile('7.3')).sort();
    for (const p of PROFILES) {
      for (const value of Object.values(p)) expect(typeof value).toMatch(/^(string|number|boolean|object)$/);
      if (MODERN.includes(p.name)) expect(Object.keys(p).sort()).toEqual(keys);
    }
    expect(new Set(PROFILES.map(({ name }) => name)).size).toBe(PROFILES.length);
  });

  it('have names, and one is the default', () => {
    expect(profile().name).toBe('7.3');
    expect(profile('6.12').name).toBe('6.12s');
    for (const [alias, name] of Object.entries(PROFILE_ALIASES)) expect(profile(alias)).toBe(profile(name));
  });

  it('an unknown one is EINVAL, and says which there are', () => {
    expect(errno(() => profile('9.9'))).toBe('EINVAL');
    expect(() => profile('9.9')).toThrow(/"9\.9".*4\.2.*7\.3/);
  });
});

describe('the profile of a release', () => {
  it.each([
    ['4.2.8', '4.2'],
    ['5.10.0-30-amd64', '4.2'],
    ['6.1.0', '6.1'],
    ['6.1.0-50-amd64', '6.1s'],
    ['6.1.192', '6.1s'],
    ['6.2.1', '6.1'],
    ['6.5.0', '6.3'],
    ['6.6.9', '6.6'],
    ['6.12.0', '6.12.0'],
    ['6.12.95+deb12-amd64', '6.12s'],
    ['6.13.7', '6.12.0'],
    ['6.17.0', '6.17'],
    ['7.2.13+deb14-amd64', '7.2'],
    ['7.3.4+deb13-amd64', '7.3'],
    ['8.1.0', '7.3'],
  ])('%s is %s', (release, name) => expect(profileForRelease(release).name).toBe(name));
  it.each(['', 'x', '6', 'linux-6.1'])('%j is none', (release) =>
    expect(errno(() => profileForRelease(release))).toBe('EINVAL'),
  );
});
