/** Every entry point loads with `require`. */
const { exports: entries } = require('netconsole-emulator/package.json');
const names = Object.keys(entries).filter((name) => !/[*]|json$|vitest$/.test(name));
const loaded = names.filter((name) => Object.keys(require(`netconsole-emulator${name.slice(1)}`)).length > 0);
console.log(loaded.length === names.length ? 'all' : names.filter((name) => !loaded.includes(name)).join(' '));
