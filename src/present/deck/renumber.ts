import { readArchive, writeArchive } from "../archive.ts";

/** Charts and their workbooks, as the library names them. */
const numbered = /(charts\/chart|charts\/_rels\/chart|Microsoft_Excel_Worksheet)(\d+)(?=\.xml|\.xlsx)/g;

/** The same presentation with its charts counted from 1: the library counts them through all presentations of a process. */
export function renumbered(pptx: Uint8Array): Uint8Array {
  const entries = readArchive(pptx);
  const numbers = entries.flatMap(({ name }) => {
    const number = /^ppt\/charts\/chart(\d+)\.xml$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  const order = new Map(numbers.toSorted((a, b) => a - b).map((number, index) => [String(number), String(index + 1)]));
  const counted = (text: string): string =>
    text.replaceAll(numbered, (_all, name: string, number: string) => `${name}${order.get(number) ?? number}`);
  return writeArchive(
    entries.map(({ name, bytes }) => ({
      name: counted(name),
      bytes: /\.(xml|rels)$/.test(name) ? Buffer.from(counted(Buffer.from(bytes).toString("utf8"))) : bytes,
    })),
  );
}
