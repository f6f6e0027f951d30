/** A command with the groups of options that several commands have, and what reads their values. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { SYSTEMS } from '../modules/index.js';

/** Reads the value of an option as a whole number. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

/** Reads the value of an option as a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

/** Collects the values of an option that is given several times. */
export function repeated(value: string, all: readonly string[] = []): string[] {
  return [...all, value];
}

/**
 * A command. Each of its methods adds a group of options; the help lists options in the order in
 * which they were added.
 */
export class GroupedCommand extends Command {
  /** Makes the subcommands, for commander. */
  override createCommand(name?: string): GroupedCommand {
    return new GroupedCommand(name);
  }

  /** Adds how fast frames leave. `rate` says what --rate is. */
  shaping(rate: string): this {
    return this.option('--rate <n>', rate, positive)
      .option(
        '--burst <n>',
        'frames that may leave at once after a pause (default: those of a millisecond)',
        wholeNumber,
      )
      .option('--ramp <from:to:seconds>', 'frames a second, evenly from one rate to another');
  }

  /** Adds what befalls frames on their way. */
  impairments(): this {
    return this.option('--loss <chance>', 'the chance that a frame is lost on its way, 0 to 1', Number).option(
      '--impair <json>',
      "what the network does to frames: JSON or a file of it, as a plan's `impair`",
    );
  }

  /** Adds the choice of a system before netconsole. `what` says what the choice is for. */
  system(what: string): this {
    return this.addOption(new Option('--as <system>', what).choices(Object.keys(SYSTEMS)));
  }

  /** Adds the consent to send where others may be hurt. */
  consent(): this {
    return this.option('--yes', 'send on an interface that has a default route, too');
  }

  /**
   * Adds how a command is watched while it runs, and what it leaves. `json` says what --json
   * prints, and `summary` where the hosts are named.
   */
  watching(json: string, summary = '--json'): this {
    return this.#page()
      .option('--quiet', 'show nothing while it runs')
      .option(
        '--metrics <port>',
        'serve the counters to Prometheus at http://127.0.0.1:PORT/metrics while it runs; 0 is any free port',
        wholeNumber,
      )
      .option('--worst <n>', `name so many hosts in ${summary}, the worst first (default: 10)`, wholeNumber)
      .option('--json', json);
  }

  /** Adds what a command leaves that is not watched. `json` says what --json prints. */
  reporting(json: string): this {
    return this.#page().option('--json', json);
  }

  #page(): this {
    return this.option('--report <file>', 'write what --json prints as a page to look at, too');
  }
}
