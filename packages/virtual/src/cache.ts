/** The values that were used last. */
export interface Cache<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

/** @param size how many values are kept */
export function createCache<Key, Value>(size: number): Cache<Key, Value> {
  // A Map keeps the order in which keys were set.
  const values = new Map<Key, Value>();
  return {
    get(key) {
      const value = values.get(key);
      if (value !== undefined) {
        values.delete(key);
        values.set(key, value);
      }
      return value;
    },
    delete(key) {
      values.delete(key);
    },
    set(key, value) {
      values.delete(key);
      values.set(key, value);
      if (values.size <= size) return;
      const [oldest] = values.keys();
      if (oldest !== undefined) values.delete(oldest);
    },
  };
}
