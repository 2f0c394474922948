import { appendFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Definition, EnvironmentNode } from "../define/node.ts";
import { readHeads } from "../lake/catalog/heads.ts";
import { readJournal } from "../run/journal.ts";
import { statePaths } from "../run/state.ts";
import { openLineageEvents, type OpenLineageEvent } from "./openlineage.ts";

export interface SendOptions {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly directory: string;
  readonly run: string;
  /**
   * A file, which gets one event a line, after those it has; or the URL of a server: events are posted one by one,
   * to `/api/v1/lineage` when the URL has no path of its own. Its user and password, or the variable OPENLINEAGE_API_KEY, become the request's credentials.
   */
  readonly target: string;
  /** Where to tell what could not be sent. */
  note(text: string): void;
}

export interface Sent {
  readonly events: number;
  readonly sent: number;
}

/** Sends a finished run as OpenLineage events. A target that does not take them is told by `note`, and never undoes the run. */
export async function sendOpenLineage(options: SendOptions): Promise<Sent> {
  const { definition, environment, directory, run, target, note } = options;
  const paths = statePaths(directory, environment.name);
  using journal = readJournal(paths.journal);
  const events =
    journal === null
      ? []
      : openLineageEvents({ definition, environment, directory, run, journal, heads: readHeads(paths.state, definition.name) });
  const server = /^https?:\/\//.test(target) && URL.canParse(target);
  const { sent, reason } = server ? await postAll(events, target) : await appendAll(events, target);
  if (reason !== null)
    note(
      `${events.length - sent} of ${events.length} OpenLineage events could not be ${server ? "posted" : "written"} to ${server ? addressOf(target).host : target}: ${reason}`,
    );
  return { events: events.length, sent };
}

interface Outcome {
  readonly sent: number;
  /** Why the others were not; null when all were. */
  readonly reason: string | null;
}

async function appendAll(events: readonly OpenLineageEvent[], file: string): Promise<Outcome> {
  try {
    await appendFile(resolve(file), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    return { sent: events.length, reason: null };
  } catch (error) {
    return { sent: 0, reason: messageOf(error) };
  }
}

/** In order. A server that refuses an event is given the next one; one that cannot be reached is given up. */
async function postAll(events: readonly OpenLineageEvent[], target: string): Promise<Outcome> {
  const address = addressOf(target);
  const headers = { "content-type": "application/json", ...credentials(target) };
  let sent = 0;
  let reason: string | null = null;
  for (const event of events) {
    try {
      const response = await fetch(address, { method: "POST", headers, body: JSON.stringify(event), signal: AbortSignal.timeout(10_000) });
      const answer = (await response.text()).replaceAll(/\s+/g, " ").trim().slice(0, 200);
      if (response.ok) sent += 1;
      else reason ??= `it answered ${response.status}${answer === "" ? "" : ` ${answer}`}`;
    } catch (error) {
      return { sent, reason: messageOf(error) };
    }
  }
  return { sent, reason };
}

function addressOf(target: string): URL {
  const address = new URL(target);
  if (address.pathname === "/") address.pathname = "/api/v1/lineage";
  address.username = "";
  address.password = "";
  return address;
}

function credentials(target: string): Record<string, string> {
  const { username, password } = new URL(target);
  const key = process.env["OPENLINEAGE_API_KEY"];
  if (username !== "")
    return { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}` };
  return key ? { authorization: `Bearer ${key}` } : {};
}

/** `fetch failed` says nothing; its cause does. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : error.message);
}
