import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { SecureContextOptions } from "node:tls";
import { MillwrightError } from "../error.ts";
import { watchFiles } from "./watch-files.ts";

/** Files in PEM. */
export interface TlsFiles {
  /** The server's certificate, then those that lead to its authority. */
  readonly certificate: string;
  readonly key: string;
  /** Authorities: a client must show a certificate of one of them. */
  readonly clientCertificates?: string;
}

/** What Node's servers take. */
export interface TlsSettings extends SecureContextOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  readonly minVersion: "TLSv1.2";
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

export interface Tls {
  current(): TlsSettings;
  /** Told of each change; a changed file that is no good is warned of, and what was read before stays. */
  onChange(told: (settings: TlsSettings) => void): void;
  stop(): void;
}

/**
 * Reads certificate and key, and again whenever the files change, as renewals do.
 * @throws MillwrightError `bad-certificate` when they cannot be read or do not belong together
 */
export function openTls(files: TlsFiles, intervalMilliseconds?: number): Tls {
  let settings = readTls(files);
  const listeners: ((settings: TlsSettings) => void)[] = [];
  const watch = watchFiles(
    [files.certificate, files.key, ...(files.clientCertificates === undefined ? [] : [files.clientCertificates])],
    () => {
      try {
        settings = readTls(files);
      } catch (error) {
        // The key may still be on its way behind its certificate; that file's own change is seen later.
        process.emitWarning(`the certificate stays as it was: ${error instanceof Error ? error.message : String(error)}`);
        return;
      }
      for (const told of listeners) told(settings);
    },
    intervalMilliseconds,
  );
  return { current: () => settings, onChange: (told) => void listeners.push(told), stop: () => watch.stop() };
}

function readTls(files: TlsFiles): TlsSettings {
  try {
    const settings: TlsSettings = {
      cert: readFileSync(files.certificate),
      key: readFileSync(files.key),
      ...(files.clientCertificates === undefined ? {} : { ca: readFileSync(files.clientCertificates) }),
      minVersion: "TLSv1.2",
      requestCert: files.clientCertificates !== undefined,
      rejectUnauthorized: files.clientCertificates !== undefined,
    };
    createSecureContext(settings);
    return settings;
  } catch (error) {
    throw new MillwrightError(
      {
        code: "bad-certificate",
        what: `the certificate cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        where: files.certificate,
        fix: "give files in PEM, the key being the certificate's own",
      },
      { cause: error },
    );
  }
}
