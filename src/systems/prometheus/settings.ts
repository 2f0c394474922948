import { parseDuration } from "../../define/duration.ts";
import type { BindingNode } from "../../define/node.ts";
import { optionError, textOption, textOr, textsOr } from "../../extract/options.ts";
import { secretFile } from "../secret-file.ts";

/** What a Prometheus is told; secrets are files on its machine. */
export interface PrometheusSettings {
  /** Null: where the embedded server is. */
  readonly targets: readonly string[] | null;
  readonly gpus: readonly string[];
  /** Seconds. */
  readonly interval: number;
  /** Seconds; null: as the platform's schedule says. */
  readonly stale: number | null;
  readonly keyFile: string | null;
  readonly authority: string | null;
  /** The folder of secrets. */
  readonly secrets: string;
}

const name = "prometheus";

/** @param options of a binding, with references in place of secrets. @throws MillwrightError `bad-option`, `bad-duration` */
export function prometheusSettings({ options }: Pick<BindingNode, "options">): PrometheusSettings {
  const seconds = (option: string): number => {
    const value = parseDuration(textOption(name, options, option));
    if (value <= 0) throw optionError(name, option, "longer than nothing");
    return value;
  };
  const addresses = (option: string): readonly string[] => {
    const given = textsOr(name, options, option, []);
    if (!given.every((address) => /^(?:[\w.-]+|\[[\da-f:]+\]):\d+$/i.test(address)))
      throw optionError(name, option, 'a list of addresses with their ports, as in ["10.0.0.5:8443"]');
    return given;
  };
  const secrets = textOr(name, options, "secrets", "/etc/prometheus/secrets").replace(/\/+$/, "");
  return {
    targets: options["targets"] === undefined ? null : addresses("targets"),
    gpus: addresses("gpus"),
    interval: options["interval"] === undefined ? 15 : seconds("interval"),
    stale: options["stale"] === undefined ? null : seconds("stale"),
    keyFile: secretFile(name, options, "key", secrets),
    authority: options["authority"] === undefined ? null : textOption(name, options, "authority"),
    secrets,
  };
}
