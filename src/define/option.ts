/** A secret by reference: its value is read when it is used and never stored, printed or rendered. */
export interface SecretReference {
  readonly secret: "env";
  readonly name: string;
}

export type Option = string | number | boolean | null | SecretReference | readonly Option[] | { readonly [name: string]: Option };
