/** The values that were used last. */
export interface Cache<Key, Value> {
  /** The value of a key, which then was used last. */
  get(key: Key): Value | undefined;
  /** Keeps a value, in place of the one that was used least recently where there are too many. */
  set(key: Key, value: Value): void;
  /** Forgets the value of a key. */
  delete(key: Key): void;
}

/**
 * A cache of values.
 *
 * @param most how much is kept: so many values, or the sum of their weights
 * @param weightOf 1 by default
 */
export function createCache<Key, Value>(
  most: number,
  weightOf: (value: Value) => number = () => 1,
): Cache<Key, Value> {
  // A Map keeps the order in which keys were set.
  const values = new Map<Key, Value>();
  let weight = 0;
  const remove = (key: Key): void => {
    const value = values.get(key);
    if (value === undefined) return;
    values.delete(key);
    weight -= weightOf(value);
  };
  return {
    get(key) {
      const value = values.get(key);
      if (value !== undefined) {
        values.delete(key);
        values.set(key, value);
      }
      return value;
    },
    delete: remove,
    set(key, value) {
      remove(key);
      values.set(key, value);
      weight += weightOf(value);
      for (const oldest of values.keys()) {
        if (weight <= most || values.size === 1) break;
        remove(oldest);
      }
    },
  };
}
