import { MillwrightError } from "../../error.ts";

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Lines of a shell that set variables. @throws MillwrightError `bad-variable` for a name or value that no shell can hold. */
export function shellVariables(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (!/^[A-Za-z_]\w*$/.test(name) || value.includes("\0"))
        throw new MillwrightError({
          code: "bad-variable",
          what: `the variable '${name}' of a job cannot be set by a shell`,
          fix: "name it with letters, digits and _, and give it a text without zero bytes",
        });
      return `export ${name}=${shellWord(value)}\n`;
    })
    .join("");
}

/**
 * Sets, for each of the processes of one training, the variables that PyTorch's and other launchers use too: RANK, WORLD_SIZE, LOCAL_RANK,
 * and then becomes the program. The arguments are the names of the variables in which the starter tells them.
 */
export const rankScript: string = 'eval "export RANK=\\$$1 WORLD_SIZE=\\$$2 LOCAL_RANK=\\$$3"; shift 3; exec "$@"';
