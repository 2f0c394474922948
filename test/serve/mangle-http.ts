import { Agent } from "node:http";
import { connect } from "node:net";
import { jsonRequest, rowOf } from "./model.ts";
import { mangleBytes, type Random } from "./random.ts";
import { send } from "./raw.ts";

const odd: readonly [unknown, ...unknown[]] = [
  null,
  true,
  -1,
  0,
  1e308,
  2 ** 53,
  "",
  "x",
  [],
  [[]],
  {},
  [null],
  "__proto__",
  { length: 3 },
];
const words = ["null", "1e999", "-", "[", "]", "{", "}", '"', ",", ":", "NaN", "\\u0000", "99999999999999999999", "true"] as const;

/** A body with something wrong in it, or, now and then, still right. */
function mangledBody(random: Random): { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> } {
  const request = jsonRequest([rowOf(random.below(50)), rowOf(1)], { id: "mangled", outputs: [{ name: "label" }] });
  const way = random.below(6);
  if (way <= 1) {
    const owner: Record<string, unknown> = random.next() < 0.7 ? (request.inputs[random.below(request.inputs.length)] ?? request) : request;
    const [first = "shape", ...rest] = [...Object.keys(owner), "parameters", "data", "shape"];
    const size = { binary_data_size: random.pick([0, 1, 8, -1, 2 ** 40, "8"]), binary_data: random.pick(odd), timeout: random.pick(odd) };
    owner[random.pick([first, ...rest])] = random.next() < 0.3 ? size : random.pick(odd);
  }
  let body: Buffer = Buffer.from(JSON.stringify(request));
  const headers: Record<string, string> = {};
  if (way === 2) {
    const at = random.below(body.length);
    body = Buffer.concat([body.subarray(0, at), Buffer.from(random.pick(words)), body.subarray(at + random.below(20))]);
  }
  if (way === 3) body = mangleBytes(body, random);
  if (way === 4) {
    headers["inference-header-content-length"] = String(
      random.pick([0, 1, body.length, body.length - 1, body.length + 1, -5, "1e3", 2 ** 60]),
    );
    if (random.next() < 0.5) body = Buffer.concat([body, Buffer.alloc(random.below(64), 1)]);
  }
  if (way === 5)
    headers[random.pick(["timeout", "grpc-timeout", "traceparent", "content-encoding", "content-type", "authorization"])] = random.pick([
      "",
      "x",
      "-1",
      "9".repeat(20),
      "1H",
      "00-0-0-0",
      "gzip",
    ]);
  return { body, headers };
}

/** Status codes and how often they came. */
export type Statuses = Map<number, number>;

/** What is no proper answer to a mangled request. */
export const properStatuses: ReadonlySet<number> = new Set([200, 400, 401, 404, 405, 408, 411, 413, 414, 415, 417, 422, 431, 504]);

/** Sends mangled bodies over a few kept connections. @throws Error for a refusal without its reason */
export async function mangleBodies(url: string, count: number, random: Random): Promise<Statuses> {
  const statuses: Statuses = new Map();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const { status, body } = await send(url, { ...mangledBody(random), agent });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status !== 200) requireReason(body.toString());
    }
  };
  try {
    await Promise.all(Array.from({ length: 8 }, client));
  } finally {
    agent.destroy();
  }
  return statuses;
}

function requireReason(body: string): void {
  const { error }: { readonly error?: unknown } = JSON.parse(body);
  if (typeof error !== "string" || error === "") throw new Error(`no reason in ${body}`);
}

const good = JSON.stringify(jsonRequest([rowOf(3)]));
const requests: readonly [string, ...string[]] = [
  `POST /v2/models/delay/infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${good.length}\r\n\r\n${good}`,
  `POST /v2/models/delay/infer HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${good.length.toString(16)}\r\n${good}\r\n0\r\n\r\n`,
  `POST /v2/models/delay/infer HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: ${good.length}\r\n\r\n${good}`,
  "GET /v2/models/delay/versions/1/ready HTTP/1.1\r\nhost: x\r\n\r\n",
  "GET /metrics HTTP/1.0\r\n\r\n",
  "POST /v2/repository/index HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}",
  "HEAD /v2/health/ready HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
];

/** Sends mangled bytes, each over a connection of its own, which it then closes on its side; gives the status of each first reply, 0 for none. */
export async function mangleConnections(port: number, count: number, random: Random): Promise<Statuses> {
  const statuses: Statuses = new Map();
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const reply = await exchange(port, mangleBytes(Buffer.from(random.pick(requests), "latin1"), random));
      // 100: "go on", the reply comes after it.
      const last = reply.replace(/^HTTP\/1\.1 100 .*\r\n\r\n/, "");
      const [, status = "0"] = /^HTTP\/1\.1 (\d{3}) /.exec(last) ?? [];
      if (last !== "" && status === "0") throw new Error(`this is no reply: ${last.slice(0, 200)}`);
      statuses.set(Number(status), (statuses.get(Number(status)) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return statuses;
}

/** Sends bytes and no more, and reads until the server closes too. */
export function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    socket.on("data", (chunk) => (received += chunk.toString("latin1")));
    // A reset is an end like another: what counts is that the server goes on.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(received));
  });
}
