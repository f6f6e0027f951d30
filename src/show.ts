/**
 * How objects show themselves: short, plain data, in place of their insides. A kernel reaches
 * megabytes of memory, and a test runner or a log that walks all of it takes minutes, or all memory
 * there is.
 *
 *   showAs(Kernel, (kernel) => kernel.inspect());
 *
 * `console.log` and node's assertions ask `util.inspect.custom`; `JSON.stringify`, vitest and jest
 * ask `toJSON`.
 */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * Makes instances of `type` print as what `show` returns. Both methods stay out of its declared
 * members.
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
 * Gives a new object properties that loops over its members, and so comparisons and printers, do
 * not find.
 */
export function hidden<T extends object>(object: T, values: Partial<T>): void {
  for (const [key, value] of Object.entries(values)) Object.defineProperty(object, key, { value });
}
