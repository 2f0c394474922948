import { MillwrightError } from "../error.ts";

/** The packages that documents and decks are written with; whoever uses the package of Millwright installs them once. */
const install = "npm install --save-dev @myriaddreamin/typst-ts-node-compiler docx pptxgenjs @expo-google-fonts/arimo";

/** Loads a library that is installed only by those who present. @throws MillwrightError `peer-missing` with the line that installs all of them. */
export async function loadPresenter<Library>(name: string, load: () => Promise<Library>): Promise<Library> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || (error.code !== "ERR_MODULE_NOT_FOUND" && error.code !== "MODULE_NOT_FOUND"))
      throw error;
    throw new MillwrightError(
      { code: "peer-missing", what: `design needs the package ${name}, which is not installed`, fix: install },
      { cause: error },
    );
  }
}
