// random.mjs SEED [KIND] [OPS]: prints a scenario of random operations, the same one for the same arguments.
//
// KIND: configfs (attributes, several targets), userdata (keys, values, sysdata, long records), kmsg (odd writes), device (addresses,
// links, renames), mixed (the default: all but device), or one of those in `random-machine.mjs`. OPS is how many operations follow the
// prologue (default 45).
// Most values are valid, many are not: what the kernel refuses, and with which errno, is what such a scenario is for.

import { MACHINE_MIX, machineGroups, machinePrologue } from './random-machine.mjs';

const [seedText, kind = 'mixed', countText = '45'] = process.argv.slice(2);
if (!/^\d+$/.test(seedText ?? '') || !/^\d+$/.test(countText)) {
  console.error('usage: random.mjs SEED [KIND] [OPS]');
  process.exit(2);
}

// xorshift32: small, seeded, good enough to pick from lists.
let state = (Number(seedText) * 2654435761 + 0x9e3779b9) >>> 0 || 1;
function next() {
  state ^= state << 13;
  state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state;
}
for (let i = 0; i < 8; i++) next();
const below = (n) => next() % n;
const pick = (list) => list[below(list.length)];
const chance = (percent) => below(100) < percent;

const ops = [];
const write = (path, data) => ops.push({ op: 'write', path, data });
const read = (path) => ops.push({ op: 'read', path });
const line = (text) => (chance(85) ? `${text}\n` : text);
const run = (n, what) => what.repeat(n);

// What the scenario believes to exist; it need not be right, a miss is an ENOENT worth having.
const NAMES = ['a', 'bee', 'cmdline0', 'cmdline1', 'x y'];
const made = new Set();
const keys = new Map();

const BOOLEANS = '1|0|Y|n|on|of|off|o|e|D|t|F|2||true|+1| 1|01|0x1|1 |10|enable|-0'.split('|');
const PORTS = '6666|6667|1|65535|65536|0|+5|05|1 |0x10|-1||99999999999|+|++5|1\n|12a| 7'.split('|');
const V4 =
  '10.0.2.2|10.0.2.3|10.0.2.15|10.0.2.15|192.168.1.1|0.0.0.0|255.255.255.255|127.0.0.1|010.0.2.2|10.0.2.2 | 10.0.2.2|10.0.2.02|10.0.2|10.4|10.0.2.256|10.0.2.2.2|1.2.3.|.1.2.3|10..2.2|bogus||0x0a.0.2.2|167772674|10.0.2.2/24|1.2.3.4x|1.2.3.4\n5|300.1.1.1|-1.2.3.4|10,0,2,2'.split(
    '|',
  );
const V6 =
  'fd00::15|fd00::2|fe80::2|::|::1|::ffff:10.0.2.2|::10.0.2.2|2001:db8:0:0:1:0:0:1|2001:DB8::A|1:2:3:4:5:6:7:8|1:2:3:4:5:6:7|1::2::3|:::|fd00::1%eth0|fd00::1/64|12345::|g::|fe80:0:0:0:0:5efe:10.0.2.2|1:2:3:4:5:6:7::|0:0:0:0:0:0:0:0|:|fd00:|::1 |fd00::00001|::ffff:10.0.2|64:ff9b::1.2.3.4|1:0:0:2::3'.split(
    '|',
  );
const MACS =
  '52:55:0a:00:02:02|52:55:0A:00:02:03|ff:ff:ff:ff:ff:ff|00:00:00:00:00:00|01:00:5e:00:00:01|52:55:0a:00:02|52-55-0a-00-02-02|52:55:0a:00:02:02:01|52:55:0a:00:02:02 |5:5:a:0:2:2|52550a000202||52:55:0a:00:02:gg| 52:55:0a:00:02:02|52:55:0a:00:02:02\n\n|52.55.0a.00.02.02'.split(
    '|',
  );
const DEVS =
  'eth0|eth0|eth0|lo|nonesuch0||fifteen-chars-ok|fifteen-chars-o|sixteen-chars-no-more|eth0 | eth0|eth0\n|dummy0|52:54:00:12:34:56|e/th|ETH0'.split(
    '|',
  );

const ATTRIBUTES = {
  enabled: () => pick(chance(70) ? ['1', '0'] : BOOLEANS),
  extended: () => pick(chance(50) ? ['1', '0'] : BOOLEANS),
  release: () => pick(chance(50) ? ['1', '0'] : BOOLEANS),
  dev_name: () => pick(DEVS),
  local_port: () => pick(PORTS),
  remote_port: () => pick(PORTS),
  local_ip: () => pick(chance(75) ? V4 : V6),
  remote_ip: () => pick(chance(75) ? V4 : V6),
  local_mac: () => pick(MACS),
  remote_mac: () => pick(MACS),
  transmit_errors: () => '0',
  nonesuch: () => '1',
};
const SYSDATA = ['cpu_nr_enabled', 'taskname_enabled', 'release_enabled', 'msgid_enabled'];
const KEYS =
  `k|foo|a=b|two words|Ünicode|${run(53, 'k')}|${run(54, 'k')}|x;y|value|cpu|msgid_enabled|dots.and-dashes`.split('|');
const VALUES = () =>
  pick([
    'bar',
    'a b  c',
    '',
    '\n',
    'two\nlines',
    'two\n',
    '\nfirst empty',
    'tab\tand\u0001control',
    'é',
    'x=1;y=2',
    run(198, 'v'),
    run(199, 'v'),
    run(200, 'v'),
    run(201, 'v'),
    `${run(198, 'w')}\n`,
    `${run(199, 'w')}\n`,
    `${run(200, 'w')}\n`,
    run(199, '\n'),
    run(4096, 'z'),
    ' leading',
    'trailing  ',
    '\u0000after a nul',
    'before\u0000after a nul',
  ]);

const WORDS =
  'eth0: link is up|usb 1-1: new device|a||semi;colon|equals=sign|back\\slash|tab\there|Ünïcode ✓|ctl\u0007\u001b[1m|del\u007f|two\nlines|empty\n\nmiddle|blanks   |   indented|\u00013marker|<3>nested|,ncfrag=0/9;|percent %d %s|\nfirst is empty|cr\r\nlf|\u0001cnot a continuation'.split(
    '|',
  );
const PREFIXES =
  '<6>|<6>|<6>||<0>|<3>|<7>|<4>|<13>|<30>|<191>|<255>|<2047>|<2048>|<4294967295>|<4294967296>|<99999999999999999999>|<>|<6|< 6>|<-1>|<+6>|<0x6>|<6>>|<06>|<6 >|<c>|6>'.split(
    '|',
  );
const LENGTHS = [
  0, 1, 2, 100, 900, 960, 973, 974, 975, 976, 977, 985, 988, 989, 990, 991, 992, 993, 994, 1000, 1016, 1019, 1020, 1021,
  1022, 1023, 1024, 1025, 2000,
];
const FILL = ['x', 'x', 'abcdefghij', '\u0001', 'a\\', 'line\n', 'é'];

const target = () => (made.size > 0 && chance(92) ? pick([...made]) : pick(NAMES));
const show = (t) => {
  for (const a of Object.keys(ATTRIBUTES)) if (chance(45)) read(`${t}/${a}`);
};

const GROUPS = {
  make() {
    const t = pick(NAMES);
    ops.push({ op: 'mkdir', path: t });
    made.add(t);
    if (chance(60)) {
      // A remote address of its own: frames to one address from two printing threads (7.0 on) come in no fixed order.
      write(`${t}/remote_ip`, `10.0.3.${NAMES.indexOf(t)}\n`);
      if (chance(50)) write(`${t}/local_ip`, '10.0.2.15\n');
      if (chance(50)) write(`${t}/extended`, `${below(2)}\n`);
      write(`${t}/enabled`, '1\n');
    }
    show(t);
  },
  unmake() {
    const t = target();
    ops.push({ op: 'rmdir', path: t });
    if (!keys.get(t)?.size) made.delete(t);
  },
  attribute() {
    const t = target();
    if (chance(50)) write(`${t}/enabled`, '0\n'); // an enabled target refuses everything alike
    for (let n = 1 + below(4); n > 0; n--) {
      const a = pick(Object.keys(ATTRIBUTES));
      write(`${t}/${a}`, line(ATTRIBUTES[a]()));
      read(`${t}/${a}`);
    }
    if (chance(20)) show(t);
    if (chance(30)) write(`${t}/enabled`, '1\n');
    if (chance(30)) GROUPS.say();
  },
  repair() {
    const t = target();
    write(`${t}/enabled`, '0\n');
    write(`${t}/dev_name`, 'eth0\n');
    write(`${t}/local_ip`, '10.0.2.15\n');
    write(`${t}/remote_ip`, `10.0.3.${NAMES.indexOf(t)}\n`);
    write(`${t}/enabled`, '1\n');
    GROUPS.say();
  },
  toggle() {
    const t = target();
    write(`${t}/enabled`, `${below(2)}\n`);
    read(`${t}/enabled`);
    GROUPS.say();
  },
  key() {
    const t = target();
    const k = pick(KEYS);
    if (chance(70)) {
      ops.push({ op: 'mkdir', path: `${t}/userdata/${k}` });
      keys.set(t, (keys.get(t) ?? new Set()).add(k));
      write(`${t}/userdata/${k}/value`, VALUES());
      read(`${t}/userdata/${k}/value`);
    } else {
      ops.push({ op: 'rmdir', path: `${t}/userdata/${k}` });
      keys.get(t)?.delete(k);
    }
    GROUPS.say();
  },
  value() {
    const t = target();
    const k = keys.get(t)?.size ? pick([...keys.get(t)]) : pick(KEYS);
    write(`${t}/userdata/${k}/value`, VALUES());
    read(`${t}/userdata/${k}/value`);
    GROUPS.say();
  },
  sysdata() {
    const t = target();
    const a = pick(SYSDATA);
    write(`${t}/userdata/${a}`, line(pick(chance(70) ? ['1', '1', '0'] : BOOLEANS)));
    for (const s of SYSDATA) if (chance(60)) read(`${t}/userdata/${s}`);
    GROUPS.say();
  },
  say() {
    for (let n = 1 + below(3); n > 0; n--)
      ops.push({ op: 'kmsg', data: `<${below(8)}>${pick(WORDS)} ${below(1000)}\n` });
  },
  odd() {
    ops.push({
      op: 'kmsg',
      data: pick(PREFIXES) + pick(WORDS) + pick(['\n', '\n', '\n', '', '\n\n', '\u0000', '\u0000tail\n', '\r\n']),
    });
  },
  long() {
    const body = run(1100, pick(FILL)).slice(0, pick(LENGTHS));
    ops.push({ op: 'kmsg', data: pick(['<6>', '<6>', '<30>', '', '<191>']) + body + pick(['\n', '\n', '']) });
  },
  hex() {
    ops.push({
      op: 'kmsg',
      hex: `3c363e${Array.from({ length: 1 + below(40) }, () => below(256).toString(16).padStart(2, '0')).join('')}0a`,
    });
  },
  level() {
    ops.push({ op: 'loglevel', level: 1 + below(8) });
    GROUPS.say();
    if (chance(70)) ops.push({ op: 'loglevel', level: 7 });
  },
  oops() {
    ops.push({ op: 'param', name: 'oops_only', data: line(pick(chance(60) ? ['1', '0', '0'] : BOOLEANS)) });
    GROUPS.say();
    if (chance(80)) ops.push({ op: 'param', name: 'oops_only', data: '0\n' });
  },
  link() {
    ops.push({
      op: 'ip',
      args: pick([
        'link set eth0 down',
        'link set eth0 up',
        'link set lo down',
        'link set lo up',
        'addr add 10.0.2.16/24 dev eth0',
        'addr add 172.16.0.1/16 dev eth0',
        'addr del 10.0.2.15/24 dev eth0',
        'addr add 10.0.2.15/24 dev eth0',
        'addr flush dev eth0',
      ]),
    });
    GROUPS.say();
    GROUPS.toggle();
  },
  rename() {
    ops.push({ op: 'ip', args: `link set ${pick(['eth0', 'wan0'])} name ${pick(['eth0', 'wan0'])}` });
    read(`${target()}/dev_name`);
    GROUPS.say();
  },
};
const MIX = {
  configfs: { make: 6, repair: 5, unmake: 3, attribute: 24, toggle: 8, say: 2, key: 2 },
  userdata: { make: 2, repair: 1, key: 10, value: 10, sysdata: 8, toggle: 2, long: 8, say: 2, attribute: 2 },
  kmsg: { odd: 20, long: 16, hex: 6, say: 4, level: 3, oops: 2, toggle: 1 },
  device: { repair: 4, link: 10, rename: 4, toggle: 6, attribute: 6, make: 3, unmake: 1, say: 2 },
};
MIX.mixed = { make: 5, repair: 4, unmake: 2, attribute: 14, toggle: 6, ...MIX.userdata, ...MIX.kmsg };
const mix = MIX[kind] ?? MACHINE_MIX[kind];
if (!mix) {
  console.error(`unknown kind '${kind}': one of ${[...Object.keys(MIX), ...Object.keys(MACHINE_MIX)].join(', ')}`);
  process.exit(2);
}
const bag = Object.entries(mix).flatMap(([name, weight]) => Array(weight).fill(name));

/** Operations of a kind's groups, until there are as many as asked for. */
function operate(groups) {
  for (const end = ops.length + Number(countText); ops.length < end; ) groups[pick(bag)]();
}

/** An address, the module (often with targets of its own), one target of each format. */
function prologue() {
  if (chance(80)) ops.push({ op: 'ip', args: 'addr add 10.0.2.15/24 dev eth0' });
  const boot = pick([
    '',
    '',
    '+6665@10.0.2.15/eth0,6666@10.0.2.2/52:55:0a:00:02:02',
    '@/,@10.0.2.9/',
    '+@10.0.2.15/eth0,@10.0.2.7/;@10.0.2.15/eth0,6667@10.0.2.8/',
  ]);
  ops.push({ op: 'insmod', params: boot });
  for (const [name, extended] of [
    ['a', 1],
    ['bee', 0],
  ]) {
    if (name === 'bee' && chance(30)) continue;
    ops.push({ op: 'mkdir', path: name });
    made.add(name);
    write(`${name}/local_ip`, '10.0.2.15\n');
    write(`${name}/remote_ip`, `10.0.2.${name.length + 1}\n`);
    write(`${name}/remote_mac`, `52:55:0a:00:02:0${name.length + 1}\n`);
    write(`${name}/extended`, `${extended}\n`);
    write(`${name}/enabled`, '1\n');
  }
}

let machine = {};
if (kind in MACHINE_MIX) {
  const generator = { ops, pick, below, chance, write, read, say: GROUPS.say };
  const groups = machineGroups(generator);
  machine = machinePrologue(kind, generator, groups);
  operate(groups);
} else {
  prologue();
  operate(GROUPS);
}
for (const t of made) for (const a of Object.keys(ATTRIBUTES)) if (a !== 'nonesuch') read(`${t}/${a}`);
ops.push({ op: 'kmsg', data: '<6>the last one\n' });

const head = Object.entries({ about: `random operations: ${kind}, seed ${seedText}`, ...machine });
console.log(
  `{ ${head.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')},\n  "ops": [\n${ops.map((op) => `    ${JSON.stringify(op)}`).join(',\n')}\n  ] }`,
);
