import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianPackages } from "./debian-own.ts";

export interface OpenMPI {
  /** The path of its mpirun. */
  readonly mpirun: string;
  /** Variables by which a program finds its libraries. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Debian's Open MPI, unpacked into the cache: a program to run rather than a server. */
export async function openMPI(): Promise<OpenMPI> {
  const root = await debianPackages("openmpi", ["openmpi-bin"]);
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  const folder = await mkdtemp(join(tmpdir(), "openmpi-"));
  const variables = {
    // Where a run that is killed leaves its things.
    OMPI_MCA_orte_tmpdir_base: folder,
    OPAL_PREFIX: join(libraries, "openmpi"),
    OPAL_PKGLIBDIR: join(libraries, "openmpi/lib/openmpi3"),
    OPAL_DATADIR: join(root, "usr/share"),
    OPAL_PKGDATADIR: join(root, "usr/share/openmpi"),
    // It says that it cannot compress, as it is not where it was built for.
    PMIX_MCA_pcompress_base_silence_warning: "1",
    // Nor are the drivers of networks that no test has.
    OMPI_MCA_mca_base_component_show_load_errors: "0",
    LD_LIBRARY_PATH: `${libraries}:${join(root, "lib/x86_64-linux-gnu")}`,
  };
  const mpirun = join(folder, "mpirun");
  const settings = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  await writeFile(mpirun, `#!/bin/sh\nexport ${settings.join(" ")}\nexec '${join(root, "usr/bin/orterun")}' "$@"\n`, { mode: 0o755 });
  return { mpirun, variables, stop: () => rm(folder, { recursive: true, force: true }) };
}
