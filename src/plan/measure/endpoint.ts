import type { JournalEvent } from "../../run/journal.ts";
import { unknown } from "../figure.ts";
import type { EndpointMeasurements } from "../vocabulary.ts";
import { measured, numberOf, partOf, type Told } from "./told.ts";

/**
 * Latency, rate and processor time of an endpoint as its release measured them (src/serve/rehearse.ts); null before that. The processor time is that of
 * real serving instead, once more predictions than the release's were answered.
 */
export function measuredEndpoint(name: string, told: Told): EndpointMeasurements | null {
  const released = told.latest("endpoint.released").get(name);
  const figures = released === undefined ? null : partOf(released.body, "measured");
  if (released === undefined || figures === null) return null;
  const version = String(released.body["version"]);
  const { failed } = figures;
  if (typeof failed === "string") return notMeasured(version, `its release could not measure it: ${failed}`);
  const machine = `${numberOf(figures["cores"]) ?? "?"} cores of ${String(figures["processor"])}`;
  const by = { what: `the release of ${name}, version ${version}, on ${machine}${told.where}`, run: released.run, time: released.time };
  const one = `one row a request, one request at a time; ${by.what}`;
  return Object.freeze<EndpointMeasurements>({
    version,
    cores: measured("cores", "count", figures["cores"], by),
    processorSeconds:
      servingSeconds(told.latest("inference.costed").get(name), numberOf(figures["requests"]) ?? 0, told) ??
      measured("processor time of a prediction", "seconds", figures["processorSeconds"], by),
    p50: measured("median latency", "seconds", figures["p50"], { ...by, what: one }),
    p99: measured("latency that 99 of 100 requests keep", "seconds", figures["p99"], { ...by, what: one }),
    rate: measured("rate of one replica", "1/second", figures["rate"], {
      ...by,
      what: `one row a request, ${String(figures["connections"])} requests at once; ${by.what}`,
    }),
  });
}

function notMeasured(version: string, why: string): EndpointMeasurements {
  return Object.freeze<EndpointMeasurements>({
    version,
    cores: unknown("cores", "count", why),
    processorSeconds: unknown("processor time of a prediction", "seconds", why),
    p50: unknown("median latency", "seconds", why),
    p99: unknown("latency that 99 of 100 requests keep", "seconds", why),
    rate: unknown("rate of one replica", "1/second", why),
  });
}

/** The processor time that `up` told when it ended; null when it answered fewer requests than the release. */
function servingSeconds(event: JournalEvent | undefined, requests: number, told: Told) {
  const perThousand = numberOf(event?.body["cpuSecondsPerThousand"]);
  const inferences = numberOf(event?.body["inferences"]) ?? 0;
  if (event === undefined || perThousand === null || inferences < requests) return null;
  const what = `${inferences.toLocaleString("en-US")} predictions that were served${told.where}`;
  return measured("processor time of a prediction", "seconds", perThousand / 1000, { what, run: event.run, time: event.time });
}
