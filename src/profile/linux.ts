/** Linux 4.2 to 7.3: each generation says only what it changed. */
import type { Profile } from './profile.js';

const v42: Profile = {
  name: '4.2',
  release: '4.2.8',
  ring: 'log',
  recordShare: 'whole',
  perfectFit: false,
  recordMax: 992,
  callerTakesRecord: false,
  plainMax: 1024,
  extMax: 8192,
  droppedNotice: 'inline',
  kmsgWriteMax: 992,
  kmsgRatelimit: false,
  nbcon: false,
  executionContext: false,
  registerFlushesFirst: true,
  consolePrefix: 'console',
  printkTime: true,
  releaseFeature: false,
  booleans: 'int',
  cmdlineTargets: false,
  userdataItems: 0,
  userdataTooLong: 'late',
  sysdataCounts: false,
  sysdata: false,
  sysdataReleaseShowsTaskname: false,
  transmitErrors: false,
  cleanupList: false,
  macBinding: false,
  consolesOnDemand: false,
  bannerPrefix: 'netpoll: netconsole: ',
  setupPrefix: 'netpoll: netconsole: ',
  modulePrefix: 'netconsole: ',
  strictIp: false,
  resume: false,
  edgeBug: false,
  startedBeforeEnabled: true,
  startedPrefixTwice: true,
  storeReturnsStrlen: true,
  devNameTooLong: 'cut',
  liveRename: false,
  vethRefuses: false,
  untrustworthyCarrier: true,
  unsetSource: 'first4',
  ipv6Source: 'not-linklocal',
  idPerModule: false,
  restoreSource: false,
  macCut: false,
  skbLimit: false,
};

const v61: Profile = {
  ...v42,
  name: '6.1',
  release: '6.1.0',
  ring: 'prb',
  callerTakesRecord: true,
  droppedNotice: 'own-write',
  kmsgRatelimit: true,
  consolePrefix: 'printk: console',
  startedPrefixTwice: false,
  ipv6Source: 'scope',
};
const v61s: Profile = { ...v61, name: '6.1s', release: '6.1.0-50-amd64', devNameTooLong: 'ENAMETOOLONG' };

const v63: Profile = {
  ...v61,
  name: '6.3',
  release: '6.3.8',
  callerTakesRecord: false,
  recordMax: 1024,
  plainMax: 2048,
  extMax: 2048,
  kmsgWriteMax: 1024,
  droppedNotice: 'prepended',
  registerFlushesFirst: false,
  untrustworthyCarrier: false,
  liveRename: true,
};

const v66: Profile = {
  ...v63,
  name: '6.6',
  release: '6.6.9',
  releaseFeature: true,
  booleans: 'kstrtobool',
  edgeBug: true,
};

const v612: Profile = {
  ...v66,
  name: '6.12.0',
  release: '6.12.0',
  consolePrefix: 'printk: legacy console',
  cmdlineTargets: true,
  userdataItems: 16,
  cleanupList: true,
  startedBeforeEnabled: false,
  restoreSource: true,
};
const v612s: Profile = {
  ...v612,
  name: '6.12s',
  release: '6.12.95+deb12-amd64',
  macBinding: true,
  devNameTooLong: 'ENAMETOOLONG',
  unsetSource: 'family',
  vethRefuses: true,
};

const v614: Profile = { ...v612, name: '6.14', release: '6.14.0', transmitErrors: true };

const v617: Profile = {
  ...v614,
  name: '6.17',
  release: '6.17.0',
  booleans: 'kstrtobool-ed',
  sysdata: true,
  sysdataCounts: true,
  sysdataReleaseShowsTaskname: true,
  macBinding: true,
  macCut: true,
  vethRefuses: true,
  consolesOnDemand: true,
  bannerPrefix: 'netconsole: netconsole: ',
};
const v618: Profile = { ...v617, name: '6.18', release: '6.18.2', recordShare: 'half', strictIp: true };
const v619: Profile = {
  ...v618,
  name: '6.19',
  release: '6.19.0',
  perfectFit: true,
  userdataItems: 256,
  sysdataCounts: false,
};

const v70: Profile = {
  ...v619,
  name: '7.0',
  release: '7.0.0',
  consolePrefix: 'printk: console',
  nbcon: true,
  executionContext: true,
  resume: true,
  sysdataReleaseShowsTaskname: false,
};
const v71: Profile = {
  ...v70,
  name: '7.1',
  release: '7.1.3',
  userdataTooLong: 'early',
  storeReturnsStrlen: false,
  devNameTooLong: 'ENAMETOOLONG',
  macCut: false,
};
const v72: Profile = {
  ...v71,
  name: '7.2',
  release: '7.2.13+deb14-amd64',
  edgeBug: false,
  unsetSource: 'family',
  idPerModule: true,
  skbLimit: true,
};
const v73: Profile = {
  ...v72,
  name: '7.3',
  release: '7.3.4+deb13-amd64',
  setupPrefix: 'netconsole: netconsole: ',
};

export const LINUX: readonly Profile[] = [
  v42,
  v61,
  v61s,
  v63,
  v66,
  v612,
  v612s,
  v614,
  v617,
  v618,
  v619,
  v70,
  v71,
  v72,
  v73,
];
