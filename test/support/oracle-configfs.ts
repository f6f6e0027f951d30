/**
 * Models netconsole's directory in configfs as a plain table: what each operation answers, and what
 * the attributes then show.
 */
import type { Profile } from '../../src/profile/index.js';

interface OracleTarget {
  enabled: boolean;
  extended: boolean;
  release: boolean;
  dev_name: string;
  local_port: number;
  remote_port: number;
  local_ip: string;
  remote_ip: string;
  remote_mac: string;
  readonly userdata: Map<string, string>;
}

/** An operation on a target, on the entry `key` of its userdata, or on an attribute. */
export type ConfigOp =
  | { readonly op: 'mkdir' | 'rmdir'; readonly target: string; readonly key?: string | undefined }
  | { readonly op: 'write'; readonly target: string; readonly attribute: string; readonly value: string }
  | { readonly op: 'value'; readonly target: string; readonly key: string; readonly value: string };

/**
 * The model. Its machine has one device, eth0 with 10.0.0.1, which takes netpoll. The values of
 * operations are text without NUL.
 */
export class OracleConfigfs {
  /** The targets by name. */
  readonly targets = new Map<string, OracleTarget>();
  readonly #profile: Profile;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** Does an operation, and returns `ok` or the name of the error. */
  do(step: ConfigOp): string {
    const target = this.targets.get(step.target);
    switch (step.op) {
      case 'mkdir':
        return step.key === undefined ? this.#mkdir(step.target) : this.#mkdirKey(target, step.key);
      case 'rmdir':
        return step.key === undefined ? this.#rmdir(step.target) : this.#rmdirKey(target, step.key);
      case 'write':
        return target === undefined ? 'ENOENT' : this.#write(target, step.attribute, step.value);
      case 'value':
        return this.#value(target?.userdata, step.key, step.value);
    }
  }

  #mkdir(name: string): string {
    if (this.targets.has(name)) return 'EEXIST';
    this.targets.set(name, {
      enabled: false,
      extended: false,
      release: false,
      dev_name: 'eth0',
      local_port: 6665,
      remote_port: 6666,
      local_ip: '0.0.0.0',
      remote_ip: '0.0.0.0',
      remote_mac: 'ff:ff:ff:ff:ff:ff',
      userdata: new Map(),
    });
    return 'ok';
  }

  #rmdir(name: string): string {
    const target = this.targets.get(name);
    if (target === undefined) return 'ENOENT';
    if (target.userdata.size > 0) return 'ENOTEMPTY';
    this.targets.delete(name);
    return 'ok';
  }

  #mkdirKey(target: OracleTarget | undefined, key: string): string {
    if (target === undefined || this.#profile.userdataItems === 0) return 'ENOENT';
    if (target.userdata.has(key)) return 'EEXIST';
    if (key.length > 53) return 'ENAMETOOLONG';
    if (target.userdata.size >= this.#profile.userdataItems) return 'ENOSPC';
    target.userdata.set(key, '');
    return 'ok';
  }

  #rmdirKey(target: OracleTarget | undefined, key: string): string {
    return target?.userdata.delete(key) ? 'ok' : 'ENOENT';
  }

  #value(userdata: Map<string, string> | undefined, key: string, value: string): string {
    if (userdata?.get(key) === undefined) return 'ENOENT';
    if (value === '') return 'EFAULT';
    const early = this.#profile.userdataTooLong === 'early';
    if (value.length > 200 || (early && value.length === 200)) return 'EMSGSIZE';
    userdata.set(key, value.length === 200 ? value.slice(0, 199) : value.replace(/\n$/, ''));
    return value.length === 200 ? 'E2BIG' : 'ok';
  }

  #bool(value: string): boolean | undefined {
    if (this.#profile.booleans === 'int')
      return value === '1' || value === '1\n' ? true : value === '0' || value === '0\n' ? false : undefined;
    if (/^([yYtT1]|[oO][nN])/.test(value)) return true;
    if (/^([nNfF0]|[oO][fF])/.test(value)) return false;
    return undefined;
  }

  #write(t: OracleTarget, attribute: string, value: string): string {
    if (attribute === 'release' && !this.#profile.releaseFeature) return 'ENOENT';
    if (value === '') return 'EFAULT';
    if (attribute === 'enabled') return this.#enable(t, value);
    const text = value.replace(/\n$/, '');
    if (attribute === 'dev_name' && text.length > 15 && this.#profile.devNameTooLong === 'ENAMETOOLONG')
      return 'ENAMETOOLONG';
    if (t.enabled) return 'EINVAL';
    if (attribute === 'extended' || attribute === 'release') {
      const on = this.#bool(value);
      if (on === undefined) return 'EINVAL';
      t[attribute] = on;
    } else if (attribute === 'dev_name') {
      t.dev_name = value.slice(0, 15).replace(/\n$/, '');
    } else if (attribute === 'local_port' || attribute === 'remote_port') {
      if (!/^\+?\d+$/.test(text)) return 'EINVAL';
      if (Number(text) > 65535) return 'ERANGE';
      t[attribute] = Number(text);
    } else if (attribute === 'local_ip' || attribute === 'remote_ip') {
      t[attribute] = text;
    } else if (attribute === 'remote_mac') {
      if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) return 'EINVAL';
      t.remote_mac = text.toLowerCase();
    }
    return 'ok';
  }

  #enable(t: OracleTarget, value: string): string {
    const on = this.#bool(value);
    if (on === undefined || on === t.enabled) return 'EINVAL';
    if (on && t.release && !t.extended) return 'EINVAL';
    if (on && t.dev_name !== 'eth0') return 'ENODEV';
    if (on && t.local_ip === '0.0.0.0') t.local_ip = '10.0.0.1';
    t.enabled = on;
    return 'ok';
  }

  /** Returns what reading shows, by path. */
  shown(): Map<string, string> {
    const out = new Map<string, string>();
    for (const [name, { userdata, ...t }] of this.targets) {
      const { release, ...rest } = t;
      const all = this.#profile.releaseFeature ? { ...rest, release } : rest;
      for (const [attribute, value] of Object.entries(all)) {
        out.set(`netconsole/${name}/${attribute}`, `${typeof value === 'boolean' ? Number(value) : value}\n`);
      }
      for (const [key, value] of userdata) out.set(`netconsole/${name}/userdata/${key}/value`, `${value}\n`);
    }
    return out;
  }

  /** Returns what is appended to an extended message of the target. */
  lines(name: string): string {
    const lines = [...this.targets.get(name)!.userdata].filter(([, value]) => value !== '');
    return lines.map(([key, value]) => ` ${key}=${value}\n`).join('');
  }
}
