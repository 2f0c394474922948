/** What is used of jsdom, which brings no types. */
declare module "jsdom" {
  export class JSDOM {
    constructor(html: string, options: { readonly runScripts: "outside-only"; readonly pretendToBeVisual: boolean });
    readonly window: { eval(program: string): unknown; close(): void };
  }
}
