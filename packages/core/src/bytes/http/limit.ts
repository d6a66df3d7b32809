/** Runs work so that no more than `most` of it goes on at once; the rest waits in line. */
export function createLimit(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Handed over to who waits longest: it is not free in between for whoever comes just then.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
