import { unwatchFile, watchFile } from "node:fs";

export interface FileWatch {
  stop(): void;
}

/**
 * Tells when one of the files has changed. It asks for size and time now and then, because what replaces a file by renaming,
 * or switches the link above it as Kubernetes does with its secrets, is not seen by the system's own notifications.
 */
export function watchFiles(files: readonly string[], changed: () => void, intervalMilliseconds = 2000): FileWatch {
  const listener = (
    now: { readonly mtimeMs: number; readonly size: number },
    before: { readonly mtimeMs: number; readonly size: number },
  ): void => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size) changed();
  };
  for (const file of files) watchFile(file, { interval: intervalMilliseconds, persistent: false }, listener);
  return {
    stop() {
      for (const file of files) unwatchFile(file, listener);
    },
  };
}
