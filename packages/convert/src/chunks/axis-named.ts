/**
 * The name of an axis as an image has it. iohub calls the axes `T`, `C`, `Z`, `Y` and `X`, where most others have small
 * letters: unless there is an axis of just that name, one that differs in nothing else is meant.
 *
 * @returns the name that was asked for where the image has no such axis
 */
export function axisNamed(asked: string, names: Iterable<string>): string {
  const all = [...names];
  if (all.includes(asked)) return asked;
  const [alike, ...others] = all.filter((name) => name.toLowerCase() === asked.toLowerCase());
  return alike === undefined || others.length > 0 ? asked : alike;
}

/** Values by the names of axes as an image has them: see {@link axisNamed}. */
export function byAxisNames<Value>(
  asked: Readonly<Record<string, Value>>,
  names: Iterable<string>,
): Readonly<Record<string, Value>> {
  const all = [...names];
  return Object.fromEntries(Object.entries(asked).map(([name, value]) => [axisNamed(name, all), value]));
}
