/**
 * The number of rows of `--rows N` or, without it, of MILLWRIGHT_SAMPLE; undefined when neither is given: all rows.
 * Anything but a whole number from 1 is an error.
 */
export function sampleSize(option: string | undefined): number | undefined {
  const text = option ?? process.env["MILLWRIGHT_SAMPLE"];
  if (text === undefined || text === "") return undefined;
  if (!/^[1-9]\d*$/.test(text))
    throw new RangeError(`${option === undefined ? "MILLWRIGHT_SAMPLE" : "--rows"} takes a number of rows, not '${text}'`);
  return Number(text);
}
