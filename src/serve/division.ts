import type { Journal } from "../run/journal.ts";

/** Which part of an endpoint's requests each version answers: percentages of 100 in all. */
export type Division = Readonly<Record<string, number>>;

/** What the journal tells of an endpoint's requests, as `divisionOf` and `earlierDivision` read it. */
type Told = Pick<Journal, "events">;

/**
 * How an endpoint's requests are to be divided now: as a person last said, for as long as the champion is the one of that moment; else all to
 * the champion. A promotion, or going back with the model, therefore ends every canary.
 */
export function divisionOf(journal: Told, endpoint: string, champion: number): Division {
  const last = journal.events({ type: "endpoint.shared", asset: endpoint }).at(-1)?.body;
  return last?.["champion"] === champion ? sharesIn(last["shares"]) : { [champion]: 100 };
}

/**
 * The division before the present one; null where there was none. Going back again and again leads through all earlier ones, and what
 * was gone back from is no earlier one any more.
 */
export function earlierDivision(journal: Told, endpoint: string, champion: number): Division | null {
  const stack: Division[] = [];
  let last: unknown = null;
  const follow = (now: unknown): void => {
    if (now !== last && now !== undefined) stack.push({ [String(now)]: 100 });
    last = now ?? last;
  };
  for (const { type, body } of journal.events({ asset: endpoint })) {
    if (type === "endpoint.released") follow(body["version"]);
    if (type !== "endpoint.shared") continue;
    follow(body["champion"]);
    if (body["cause"] === "rolled-back") stack.pop();
    else stack.push(sharesIn(body["shares"]));
  }
  follow(champion);
  return stack.at(-2) ?? null;
}

/** `3 90 %, 4 10 %` */
export function divisionText(division: Division): string {
  return Object.entries(division)
    .filter(([, percent]) => percent > 0)
    .map(([version, percent]) => `version ${version} ${percent} %`)
    .join(", ");
}

export function isSameDivision(one: Division, other: Division): boolean {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((version) => (one[version] ?? 0) === (other[version] ?? 0));
}

function sharesIn(shares: unknown): Division {
  const entries = typeof shares === "object" && shares !== null ? Object.entries(shares) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}
