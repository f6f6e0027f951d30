// The kinds of random scenarios that are about the machine around the targets: its addresses, its links, its boot.
//
//   subnet   IPv4 addresses of eth0, dummy0 and lo: subnets, scopes, secondaries; a target takes its source from them
//   ipv6     the same with IPv6, and remote addresses of every scope
//   links    dummy, veth, VLAN and bond interfaces that come, go, are renamed and enslaved under their targets
//   plug     the NIC goes and comes back, under targets bound by name and by hardware address
//   boot     parameters, well formed and not, and what configfs shows of them
//   edges    extended messages of about 1000 and 2000 bytes, with release, userdata and sysdata
//   levels   console levels, SysRq keys, consoles that come and go
//   nuls     attributes written with NULs; from 7.1 on, for before the guest's dd writes what is left of such a write for ever
//   bytes    attributes written with odd bytes and too much; directories with odd names
//   many     a dozen targets, made, switched and removed in any order

const DEVICES = ['eth0', 'eth0', 'eth0', 'dummy0', 'lo'];
const ADDRESSES = '10.0.2.15|10.0.2.16|10.0.2.17|10.0.2.129|10.0.3.1|172.16.0.1|127.0.0.5|169.254.1.1'.split('|');
const SCOPES = ['', '', '', '', ' scope link', ' scope host', ' scope global', ' scope site'];
const ADDRESSES6 =
  'fd00::16/64|fd00::17/64|fd00:1::1/48|fe80::99/64|fe80::98/10|fec0::1/64|2001:db8::1/128|2001:db8::1/64|::2/128'.split(
    '|',
  );
const REMOTES6 = 'fd00::2|fe80::2|ff02::1|ff05::1|fec0::2|::1|2001:db8::2|::ffff:10.0.2.2'.split('|');
const MAC = '52:54:00:12:34:56';

/** The groups of operations, for a generator: `{ ops, pick, below, chance, write, read, say }`. */
export function machineGroups({ ops, pick, below, chance, write, read, say }) {
  const ip = (args) => ops.push({ op: 'ip', args });
  const mkdir = (path) => ops.push({ op: 'mkdir', path });
  const kmsg = (text) => ops.push({ op: 'kmsg', data: `<6>${text}\n` });
  const links = new Set(['dummy0']);
  const targets = ['a', 'bee'];
  const target = () => pick(targets);
  const look = (t) => {
    for (const name of ['enabled', 'dev_name', 'local_ip', 'local_mac', 'remote_ip', 'transmit_errors'])
      if (chance(60)) read(`${t}/${name}`);
  };
  const made = (t, remote) => {
    mkdir(t);
    write(`${t}/remote_ip`, `${remote}\n`);
    if (t === 'a') write(`${t}/extended`, '1\n');
  };
  /** The source is looked up anew. */
  const source = (t, unset, device) => {
    write(`${t}/enabled`, '0\n');
    write(`${t}/local_ip`, `${unset}\n`);
    write(`${t}/dev_name`, `${device}\n`);
    write(`${t}/enabled`, '1\n');
    look(t);
    say();
  };
  const device = () => pick([...links, 'eth0', 'eth0', 'nonesuch']);
  let count = 0;

  return {
    address() {
      const dev = pick(DEVICES);
      const prefix = pick([24, 24, 24, 16, 25, 32, 8]);
      const scope = pick(SCOPES);
      ip(`addr ${pick(['add', 'add', 'add', 'del'])} ${pick(ADDRESSES)}/${prefix}${scope} dev ${dev}`);
    },
    flush: () => ip(`addr flush dev ${pick(DEVICES)}`),
    source: () => source(target(), '0.0.0.0', pick(DEVICES)),
    updown() {
      const dev = pick(['eth0', 'dummy0', 'lo']);
      ip(`link set ${dev} ${pick(['up', 'down'])}`);
      say();
    },
    address6: () =>
      ip(`addr ${pick(['add', 'add', 'add', 'del'])} ${pick(ADDRESSES6)} dev ${pick(['eth0', 'eth0', 'dummy0'])}`),
    source6() {
      const t = target();
      write(`${t}/enabled`, '0\n');
      write(`${t}/remote_ip`, `${pick(REMOTES6)}\n`);
      source(t, pick(['::', '::', '::', '::1', 'fd00::15', '0:0:1::']), pick(['eth0', 'eth0', 'dummy0', 'lo']));
    },
    addLink() {
      const n = ++count;
      const kind = pick(['dummy', 'veth', 'vlan', 'bond']);
      const name = pick([`${kind}${n}`, `${kind}${n}`, `${'l'.repeat(13)}${n}`, 'eth0']);
      if (kind === 'vlan')
        ip(`link add link ${pick(['eth0', ...links])} name ${name} type vlan id ${pick([1, 5, 100, 4094])}`);
      else if (kind === 'veth') ip(`link add ${name} type veth peer name p${n}`);
      else ip(`link add ${name} type ${kind}`);
      if (kind !== 'vlan') ip(`link set ${name} address 02:00:00:00:00:${10 + n}`);
      if (kind === 'veth') {
        ip(`link set p${n} address 02:00:00:00:01:${10 + n}`);
        links.add(`p${n}`);
      }
      links.add(name);
      if (chance(80)) ip(`addr add 10.0.${10 + n}.1/24 dev ${name}`);
      if (chance(60)) ip(`link set ${name} up`);
    },
    delLink() {
      const name = pick([...links].slice(1).concat('nonesuch'));
      ip(`link del ${name}`);
      look(target());
      say();
    },
    renameLink() {
      const name = device();
      const to = pick(['wan0', 'eth0', 'dummy0', 'x'.repeat(15), 'x'.repeat(16), 'a/b', 'lo']);
      ip(`link set ${name} down`);
      ip(`link set ${name} name ${to}`);
      if (chance(50)) ip(`link set ${to} up`);
      look(target());
      say();
    },
    liveRename() {
      ip(`link set ${device()} name ${pick(['wan0', 'eth0'])}`);
      look(target());
      say();
    },
    enslave() {
      const dev = device();
      const bonds = [...links].filter((name) => name.startsWith('bond'));
      if (bonds.length === 0 || chance(30)) ip(`link set ${dev} nomaster`);
      else {
        ip(`link set ${dev} down`);
        ip(`link set ${dev} master ${pick(bonds)}`);
      }
      for (const t of targets) look(t);
      say();
    },
    linkUpdown() {
      ip(`link set ${device()} ${pick(['up', 'up', 'down'])}`);
      say();
    },
    onLink: () => source(target(), '0.0.0.0', device()),
    replug() {
      ops.push({ op: 'unplug' });
      for (const t of targets) look(t);
      kmsg('while gone');
      if (chance(30)) write(`${target()}/enabled`, `${below(2)}\n`);
      if (chance(20)) ip(`link set ${pick(['dummy0', 'wan0'])} name eth0`);
      ops.push({ op: 'plug' });
      if (chance(50)) ip('addr add 10.0.2.15/24 dev eth0');
      for (const t of targets) look(t);
      say();
    },
    toggle() {
      const t = target();
      write(`${t}/enabled`, `${below(2)}\n`);
      read(`${t}/enabled`);
      say();
    },
    reload() {
      ops.push({ op: 'rmmod' });
      for (const t of targets) ops.push({ op: 'rmdir', path: t });
      ops.push({ op: 'rmmod' });
      ops.push({ op: 'insmod', params: parameters({ pick, below, chance }) });
      for (let n = 0; n < 3; n++) if (chance(60)) targets.push(`cmdline${n}`);
      for (const t of [...new Set(targets)]) {
        if (chance(70)) mkdir(t);
        look(t);
      }
      say();
    },
    series() {
      const middle = pick([940, 955, 960, 965, 970, 975, 980, 985, 990, 1000, 1010, 1015]) - below(5);
      const fill = pick(['x', 'x', 'x', 'a\\', 'é', '\u0001', 'l\n']);
      for (let n = middle; n < middle + 5; n++) ops.push({ op: 'kmsg', data: `<6>${fill.repeat(n).slice(0, n)}\n` });
    },
    room() {
      const t = target();
      const key = pick(['k', 'foo', 'q'.repeat(20), 'q'.repeat(53)]);
      mkdir(`${t}/userdata/${key}`);
      write(`${t}/userdata/${key}/value`, `${'v'.repeat(1 + below(199))}\n`);
    },
    decorate() {
      const t = target();
      const [dir, name] = pick([
        ['', 'release'],
        ['', 'release'],
        ['userdata/', 'cpu_nr_enabled'],
        ['userdata/', 'taskname_enabled'],
        ['userdata/', 'release_enabled'],
        ['userdata/', 'msgid_enabled'],
      ]);
      if (dir === '') write(`${t}/enabled`, '0\n');
      write(`${t}/${dir}${name}`, `${below(3) > 0 ? 1 : 0}\n`);
      if (dir === '') write(`${t}/enabled`, '1\n');
      read(`${t}/${dir}${name}`);
    },
    level() {
      ops.push({ op: 'loglevel', level: 1 + below(8) });
      for (const level of [below(8), below(8), below(8)]) ops.push({ op: 'kmsg', data: `<${level}>at ${level}\n` });
    },
    sysrq: () => ops.push({ op: 'sysrq', key: pick(['0', '1', '4', '6', '7', '8', '9', 'h', 'm', 'q', '!']) }),
    oopsOnly() {
      ops.push({ op: 'param', name: 'oops_only', data: pick(['1\n', '0\n', 'Y', 'n\n', 'x\n', '', 'on\n']) });
      say();
      ops.push({ op: 'param', name: 'oops_only', data: '0\n' });
    },
    extended() {
      const t = target();
      write(`${t}/enabled`, '0\n');
      write(`${t}/extended`, `${below(2)}\n`);
      write(`${t}/enabled`, '1\n');
      say();
    },
    remake() {
      const t = target();
      ops.push({ op: 'rmdir', path: t });
      say();
      made(t, `10.0.3.${targets.indexOf(t)}`);
      if (chance(80)) write(`${t}/enabled`, '1\n');
      say();
    },
    unmake() {
      ops.push({ op: 'rmdir', path: target() });
      say();
    },
    another() {
      const t = `t${++count}`;
      targets.push(t);
      mkdir(t);
      write(`${t}/remote_ip`, `10.0.3.${count}\n`);
      write(`${t}/remote_port`, `${7000 + count}\n`);
      write(`${t}/extended`, `${below(2)}\n`);
      if (chance(80)) write(`${t}/enabled`, '1\n');
      say();
    },
    oddWrite() {
      const t = target();
      const name = pick([
        'enabled',
        'extended',
        'dev_name',
        'local_port',
        'remote_port',
        'local_ip',
        'remote_ip',
        'remote_mac',
        'release',
      ]);
      if (chance(70)) write(`${t}/enabled`, '0\n');
      const good = { enabled: '1', extended: '1', dev_name: 'eth0', remote_mac: '52:55:0a:00:02:02', release: '0' };
      const value = good[name] ?? (name.endsWith('port') ? `${6000 + below(999)}` : `10.0.2.${below(20)}`);
      const text = pick([
        `${value}\n\n`,
        `${value}\r\n`,
        `${value} \n`,
        `\n${value}`,
        `${value}\n${value}`,
        '\n',
        '\n\n',
        value + ' '.repeat(4090 - value.length),
        value.padEnd(4095, '\n'),
        value.padEnd(4096, ' '),
        `${value}\n`.padEnd(5000, `${value}\n`),
        value.repeat(40),
        'é'.repeat(8),
        'é'.repeat(7),
      ]);
      if (chance(20))
        ops.push({ op: 'write', path: `${t}/${name}`, hex: pick(['ff', '80 0a', '31 ff', '65 74 68 30 ff 0a']) });
      else write(`${t}/${name}`, text);
      read(`${t}/${name}`);
      if (chance(40)) write(`${t}/enabled`, '1\n');
      if (chance(40)) say();
    },
    nulWrite() {
      const t = target();
      const name = pick(['enabled', 'dev_name', 'local_port', 'remote_ip', 'userdata/k/value']);
      write(`${t}/enabled`, '0\n');
      if (name.startsWith('userdata')) mkdir(`${t}/userdata/k`);
      const value = { enabled: '1', dev_name: 'eth0', local_port: '6665', remote_ip: '10.0.2.7' }[name] ?? 'text';
      write(
        `${t}/${name}`,
        pick([`${value}\0`, `${value}\0\n`, `\0${value}`, `${value}\n\0${value}\n`, value.padEnd(4094, '\0'), '\0']),
      );
      read(`${t}/${name}`);
      say();
    },
    oddName() {
      const name = pick([
        'é'.repeat(127),
        'é'.repeat(128),
        'n'.repeat(255),
        'n'.repeat(256),
        '\u0001\u007f',
        "it's",
        'a"b',
        'enabled',
        'userdata',
        'tail/',
        'new\nline',
        '✓',
        '.',
        '..',
        'cmdline',
        'cmdline00',
      ]);
      mkdir(name);
      read(`${name}/remote_port`);
      if (chance(40)) write(`${name}/enabled`, 'x\n');
      if (chance(40)) {
        write(`${name}/remote_ip`, '10.0.2.9\n');
        write(`${name}/enabled`, '1\n');
        write(`${name}/local_port`, '1\n');
      }
      ops.push({ op: 'rmdir', path: name });
    },
    oddPath() {
      const t = target();
      const path = pick([
        'nonesuch',
        `${t}/enabled/x`,
        `${t}/nonesuch`,
        `${t}/sub`,
        `${t}/userdata`,
        `${t}/userdata/k`,
        `${t}/userdata/k/value`,
        `${t}/userdata/k/value/x`,
        `${t}/userdata/${'k'.repeat(54)}`,
        `${t}/userdata/${'é'.repeat(27)}`,
        `${t}/userdata/${'é'.repeat(26)}`,
        `${t}/`,
        `nonesuch/x`,
      ]);
      const op = pick(['mkdir', 'rmdir', 'read', 'write']);
      ops.push({ op, path, ...(op === 'write' ? { data: '1\n' } : {}) });
    },
    made,
  };
}

/** A parameter of netconsole: up to four targets, most of them good. */
function parameters({ pick, below, chance }) {
  const part = (good, bad) => pick(chance(85) ? good : bad);
  const one = () =>
    [
      pick(['', '+', '+', '+r', 'r', ' ', '++'].slice(0, chance(80) ? 4 : 7)),
      part(['', '', '6665', '1'], ['0', '65536', 'x', '-1', ' 7', '+7', '66 ']),
      part(['@'], ['', '@@']),
      part(['', '10.0.2.15', '10.0.2.15'], ['10.0.2', 'fd00::15', '::', '::1', '10.0.2.256', '0.0.0.0', '010.0.2.15']),
      part(['/'], ['', '//']),
      part(
        ['', 'eth0', MAC, 'eth0'],
        [
          'nonesuch',
          'lo',
          'dummy0',
          'sixteen-chars-no',
          '52:54:00:12:34:57',
          '52:54:0:12:34:56',
          MAC.toUpperCase(),
          'ff:ff:ff:ff:ff:ff',
          'eth0 ',
        ],
      ),
      part([','], ['', ',,', ', ']),
      part(['', '6666', '514'], ['65536', 'y', ' 514', '']),
      part(['@'], ['', '@@']),
      `10.0.3.${below(9)}`.slice(0, chance(92) ? 9 : 5),
      part(['/'], ['', '//']),
      part(['', '52:55:0a:00:02:02'], ['52:55', '52:55:0a:00:02:02x', '01:00:5e:00:00:01', '00:00:00:00:00:00', 'zz']),
    ].join('');
  const list = Array.from({ length: 1 + below(3) }, one);
  if (chance(10)) list.splice(below(list.length), 0, '');
  return list.join(';') + (chance(8) ? ';' : '') + (chance(6) ? ' oops_only=1' : '');
}

const everywhere = { toggle: 4, remake: 1 };
export const MACHINE_MIX = {
  subnet: { ...everywhere, address: 14, flush: 1, source: 7, updown: 2 },
  ipv6: { ...everywhere, address6: 10, source6: 9, updown: 1 },
  links: { ...everywhere, addLink: 5, delLink: 2, renameLink: 1, liveRename: 1, enslave: 4, linkUpdown: 3, onLink: 8 },
  plug: { ...everywhere, replug: 3, liveRename: 1, renameLink: 1, source: 2, updown: 1 },
  boot: { reload: 8, toggle: 4, replug: 1 },
  edges: { series: 8, room: 4, decorate: 5, toggle: 1, extended: 1 },
  levels: { level: 8, sysrq: 5, oopsOnly: 3, extended: 3, toggle: 4, another: 1, unmake: 1 },
  nuls: { nulWrite: 1 },
  bytes: { oddWrite: 12, oddName: 4, oddPath: 6, toggle: 2 },
  many: { another: 8, unmake: 2, toggle: 6, remake: 2, extended: 2 },
};

/** What a scenario of a kind needs of its machine. */
export const MACHINE = {
  links: { modules: ['tls', 'bonding max_bonds=0', 'llc', 'stp', 'garp', 'mrp', '8021q'] },
};

/** The operations that a kind begins with. */
export function machinePrologue(kind, { ops, pick, chance, write, below }, { made }) {
  const cmdline =
    kind === 'levels'
      ? pick(['', '', 'quiet', 'loglevel=5', 'ignore_loglevel', 'printk.time=0', 'console_msg_format=syslog', 'debug'])
      : '';
  // The guest's own is random.
  ops.push({ op: 'ip', args: 'link set dummy0 address 02:00:00:00:00:01' });
  if (kind === 'ipv6') ops.push({ op: 'ipv6' });
  if (kind !== 'subnet' && kind !== 'ipv6') ops.push({ op: 'ip', args: 'addr add 10.0.2.15/24 dev eth0' });
  const boot = kind === 'plug' || kind === 'boot' || chance(15);
  ops.push({ op: 'insmod', params: boot ? parameters({ pick, below, chance }) : '' });
  const remotes = kind === 'ipv6' ? ['fd00::2', 'fd00::3'] : ['10.0.2.2', '10.0.2.3'];
  for (const [i, t] of ['a', 'bee'].entries()) {
    made(t, remotes[i]);
    if (kind !== 'subnet') write(`${t}/enabled`, '1\n');
  }
  return { ...MACHINE[kind], ...(cmdline ? { cmdline } : {}) };
}
