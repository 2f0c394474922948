import { statSync } from "node:fs";
import { stat } from "node:fs/promises";

export interface FileWatch {
  stop(): void;
}

/**
 * Tells when one of the files has changed. It asks for size, time and inode now and then, because what replaces a file by renaming,
 * or switches the link above it as Kubernetes does with its secrets, is not seen by the system's own notifications.
 */
export function watchFiles(files: readonly string[], changed: () => void, intervalMilliseconds = 2000): FileWatch {
  let seen = files.map((file) => markOf(statSync(file, { throwIfNoEntry: false }))).join();
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const marks = await Promise.all(files.map((file) => stat(file).then(markOf, () => markOf(undefined))));
    looking = false;
    if (marks.join() === seen) return;
    seen = marks.join();
    changed();
  };
  const timer = setInterval(() => void look(), intervalMilliseconds);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** A file that is not there has a mark of its own. */
function markOf(stats: { readonly mtimeMs: number; readonly size: number; readonly ino: number } | undefined): string {
  return stats === undefined ? "absent" : `${stats.mtimeMs}:${stats.size}:${stats.ino}`;
}
