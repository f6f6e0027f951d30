import { it } from 'vitest';
import { bench, errno } from '/work/main/test/support/harness.js';

it('x', () => {
  const b = bench('6.12');
  b.kernel.insmod();
  b.kernel.fs.mkdir('netconsole/ä');
  b.kernel.fs.write('netconsole/ä/dev_name', Buffer.from('c3a4', 'hex'));
  console.log(
    errno(() => b.kernel.fs.write('netconsole/ä/enabled', '1')),
    b.texts().at(-1),
  );
  b.kernel.fs.write('netconsole/ä/dev_name', 'eth0');
  b.kernel.fs.write('netconsole/ä/remote_ip', '10.0.0.2');
  b.kernel.fs.write('netconsole/ä/extended', '1');
  b.kernel.fs.write('netconsole/ä/enabled', '1');
  console.log(
    errno(() => b.kernel.fs.write('netconsole/ä/dev_name', '1')),
    b.texts().at(-1),
  );
  b.kernel.fs.mkdir('netconsole/ä/userdata/ö');
  b.kernel.fs.write('netconsole/ä/userdata/ö/value', 'ü');
  b.take();
  b.kernel.printk('x\n');
  console.log(
    JSON.stringify(b.take()),
    errno(() => b.kernel.fs.mkdir('netconsole/ä/userdata/' + 'ö'.repeat(30))),
  );
  console.log(JSON.stringify(b.kernel.fs.read('netconsole/ä/userdata/ö/value')));
  for (const p of [
    'netconsole/a\0b',
    'netconsole/..',
    'netconsole/.',
    'netconsole//',
    'netconsole/x/../y',
    'netconsole/' + 'n'.repeat(300),
    '',
    '/',
    'netconsole/ä/enabled/x',
    'netconsole/__proto__',
    'netconsole/constructor',
  ])
    console.log(
      JSON.stringify(p.slice(0, 40)),
      errno(() => b.kernel.fs.mkdir(p)),
      errno(() => b.kernel.fs.rmdir(p)),
      errno(() => b.kernel.fs.read(p)),
      errno(() => b.kernel.fs.write(p, '1')),
    );
});
