/** Statistics of several receivers, added up. */

/** Adds the numbers of `from` to those of `into` by name, at every depth. */
export function addUp(into: Record<string, unknown>, from: object): void {
  for (const [name, value] of Object.entries(from)) {
    const old = into[name];
    if (typeof value === 'number') into[name] = (typeof old === 'number' ? old : 0) + value;
    else if (typeof value === 'object' && value !== null) {
      const nested: Record<string, unknown> =
        typeof old === 'object' && old !== null ? (old as Record<string, unknown>) : {};
      into[name] = nested;
      addUp(nested, value);
    }
  }
}
