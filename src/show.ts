/**
 * Makes objects show themselves as short, plain data, in place of their insides. From a kernel,
 * megabytes of memory can be reached, and a test runner or a log that walks all of them takes
 * minutes, or all memory there is.
 *
 *   showAs(Kernel, (kernel) => kernel.inspect());
 *
 * `console.log` and node's assertions ask `util.inspect.custom`; `JSON.stringify`, vitest and jest
 * ask `toJSON`.
 */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * Makes instances of `type` print as what `show` returns. The two methods that do so do not appear
 * among the declared members of `type`.
 */
export function showAs<T extends object>(type: { readonly prototype: T }, show: (instance: T) => unknown): void {
  const method = {
    value(this: T): unknown {
      return show(this);
    },
  };
  Object.defineProperties(type.prototype, { toJSON: method, [INSPECT]: method });
}

/**
 * Gives a new object properties that are not enumerable: loops over its members do not find them,
 * and so comparisons and printers do not either.
 */
export function hidden<T extends object>(object: T, values: Partial<T>): void {
  for (const [key, value] of Object.entries(values)) Object.defineProperty(object, key, { value });
}
