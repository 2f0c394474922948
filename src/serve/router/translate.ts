import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../body.ts";
import type { Call } from "../call.ts";
import { unreachable, type Target } from "./forward.ts";
import type { Asked, ServerProtocol, Translation } from "./protocols.ts";
import { refuse, send } from "./reply.ts";

/**
 * Asks a server with words of its own: the body is read, put into them, and its answer put back.
 *
 * @returns the status that the caller got
 * @throws Fault for a body that cannot be put into them, a server that cannot be reached, and what the call is over for
 */
export function translated(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked,
  { url, headers, maxRequestBytes }: Target,
  call: Call,
  protocol: Pick<ServerProtocol, "refusal">,
  translation: Translation,
): Promise<number> {
  const over = new AbortController();
  const ended = new Promise<never>((_, reject) => {
    call.whenOver((fault) => {
      over.abort();
      reject(fault);
    });
  });
  const answer = async (): Promise<number> => {
    const body = await readBody(request, maxRequestBytes);
    const reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: new Uint8Array(translation.request(body)),
      signal: over.signal,
    }).catch((error: unknown) => {
      throw over.signal.aborted ? error : unreachable();
    });
    const content = Buffer.from(await reply.arrayBuffer());
    if (!reply.ok) refuse(response, reply.status, content.toString("utf8"), protocol);
    else send(response, 200, await translation.response(asked, content, body));
    return reply.status;
  };
  const answered = answer();
  // Whichever comes second is nobody's any more.
  answered.catch(() => undefined);
  return Promise.race([answered, ended]);
}
