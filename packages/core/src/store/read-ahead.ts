/**
 * Runs `work` on some items at once and yields the results in the items' order, so that a source whose reads
 * take long (a network, a cold disk) is kept busy. When one fails, its turn throws.
 */
export async function* readAhead<In, Out>(
  items: Iterable<In> | AsyncIterable<In>,
  atOnce: number,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const waiting: Promise<Out>[] = [];
  for await (const item of items) {
    const result = work(item);
    // A later failure must not count as unhandled while an earlier item is still waited for.
    result.catch(() => {});
    waiting.push(result);
    if (waiting.length >= atOnce) yield await (waiting.shift() as Promise<Out>);
  }
  for (const result of waiting) yield await result;
}
