import { access, chmod, constants } from "node:fs/promises";
import { arch, platform } from "node:os";
import { MillwrightError } from "../../error.ts";
import { wheelFile } from "../../fetch/wheel.ts";

/** The uv that makes the environments. */
const version = "0.13.9";

/** SHA-256 of its PyPI wheels, by operating system and processor. */
const wheels: Readonly<Record<string, string>> = {
  "linux-x64": "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
  "linux-arm64": "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
  "darwin-arm64": "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
};

/** The path of uv's program; downloads it when the cache lacks it. @throws MillwrightError `platform-unsupported` */
export async function uvProgram(): Promise<string> {
  const sha256 = wheels[`${platform()}-${arch()}`];
  if (sha256 === undefined) {
    throw new MillwrightError({
      code: "platform-unsupported",
      what: `Python environments are not made for ${platform()} on ${arch()}`,
      fix: "train on Linux (x86-64, ARM64) or macOS (ARM64)",
    });
  }
  const file = await wheelFile({ package: "uv", version, sha256, path: `uv-${version}.data/scripts/uv` });
  await access(file, constants.X_OK).catch(() => chmod(file, 0o755)); // a wheel unpacked as a plain archive has lost it
  return file;
}
