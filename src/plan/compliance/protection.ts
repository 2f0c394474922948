import type { Option } from "../../define/option.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import type { GivenOptions } from "../../systems/catalogue/facts.ts";
import type { Part } from "../vocabulary.ts";
import { bindingOfPart, type ComplianceContext } from "./claim.ts";

/** How one part stands: protected, with what says so, or what must be done. */
export interface Protection {
  readonly part: Part;
  readonly what: string | null;
  readonly source: string;
  readonly remaining: string | null;
  /** Whether it is only not known to be protected, rather than known not to be. @default false */
  readonly uncertain?: boolean;
}

const keeping = ["lake", "warehouse", "catalog", "tracker", "registry", "broker", "journal"];
const told = "the platform file";

/** Every part that keeps data, and whether it lies encrypted there. `ownKeys` asks for keys that one manages oneself. */
export function atRest(context: ComplianceContext, ownKeys: boolean): readonly Protection[] {
  const keepers = context.parts.filter(({ role }) => keeping.includes(role));
  const [inside, outside] = [keepers.filter(({ embedded }) => embedded), keepers.filter(({ embedded }) => !embedded)];
  const [first] = inside;
  return [
    ...outside.map((part) => ({ part, ...rest(part, bindingOfPart(part, context)?.options ?? {}, ownKeys) })),
    ...(first === undefined ? [] : [stateFolder(first, inside, context, ownKeys)]),
  ];
}

/** What is embedded lies in one folder. */
function stateFolder(part: Part, inside: readonly Part[], { environment }: ComplianceContext, ownKeys: boolean): Protection {
  const held = inside.map(({ id }) => id).join(", ");
  if (environment.place?.encryptedDisks === true)
    return ownKeys
      ? {
          part,
          what: null,
          source: told,
          remaining: `say who holds the key of the disk under the state folder, which holds ${held}`,
          uncertain: true,
        }
      : { part, what: "the machines' disks are encrypted", source: told, remaining: null };
  return { part, what: null, source: told, remaining: `encrypt the disk of the state folder, which holds ${held}` };
}

function rest(part: Part, options: GivenOptions, ownKeys: boolean): Omit<Protection, "part"> {
  if (options["kmsKey"] !== undefined || options["encryptionScope"] !== undefined)
    return { what: "objects are encrypted with a key of one's own", source: told, remaining: null };
  if (options["encryption"] === true) return { what: "encryption at rest is declared", source: told, remaining: null };
  const byDefault = defaultEncryption(part.system, options);
  if (byDefault === null) return { what: null, source: told, remaining: `encrypt the disk under ${part.title} (${part.id})` };
  if (ownKeys) return { what: null, source: told, remaining: `give ${part.title} (${part.id}) a key of your own` };
  return { ...byDefault, remaining: null };
}

/** What stores encrypt by themselves. */
function defaultEncryption(system: string, options: GivenOptions): { readonly what: string; readonly source: string } | null {
  if (system === "s3" && options["endpoint"] === undefined)
    return {
      what: "S3 encrypts every object with keys of its own (SSE-S3)",
      source: "Amazon S3 User Guide, default encryption, since 2023-01-05",
    };
  if (system === "gcs") return { what: "Cloud Storage encrypts every object", source: "Google Cloud, default encryption at rest" };
  if (system === "azure") return { what: "Azure Storage encrypts every blob", source: "Azure Storage encryption for data at rest" };
  const known = systemFacts.get(system)?.controls.find(({ control, when }) => control === "SC-28" && (when?.(options) ?? true));
  return known === undefined ? null : { what: known.what, source: known.source };
}

const talking = ["source", "broker", "lake", "catalog", "warehouse", "engine", "launcher", "tracker", "server", "proxy", "bi"];

/** Every part that is reached over a network, and whether what travels there is encrypted. */
export function inTransit(context: ComplianceContext): readonly Protection[] {
  return context.parts.flatMap((part) => {
    const binding = bindingOfPart(part, context);
    if (!talking.includes(part.role) || (binding === undefined && part.role !== "server")) return [];
    const options = binding?.options ?? {};
    if (part.role === "server" && (part.system === "embedded" || binding === undefined)) return [{ part, ...serverTransit(options) }];
    const transit = addressTransit(part, options);
    return transit === null ? [] : [{ part, ...transit }];
  });
}

function serverTransit(options: GivenOptions): Omit<Protection, "part"> {
  if (options["tls"] !== undefined)
    return {
      what: "the server speaks TLS only, 1.2 or newer, and follows its certificates as they change",
      source: "docs/serving.md",
      remaining: null,
    };
  return { what: null, source: "docs/serving.md", remaining: "give the server tls: it speaks in the clear, on this machine only" };
}

function addressTransit(part: Part, options: GivenOptions): Omit<Protection, "part"> | null {
  if (options["tls"] === true || options["encryption"] === true) return { what: "TLS is declared", source: told, remaining: null };
  const addresses = ["url", "endpoint", "webhdfs"].flatMap((name) => (options[name] === undefined ? [] : [options[name]]));
  if (addresses.length === 0)
    return part.status === "described"
      ? { what: null, source: told, remaining: `say tls: true of ${part.title} (${part.id}) when it has it`, uncertain: true }
      : managedTransit(part);
  const open = addresses.flatMap((address) => {
    const what = openAddress(address);
    return what === null ? [] : [{ what, read: typeof address === "string" }];
  });
  if (open.length === 0) return { what: `${part.title} is reached by TLS or on this machine`, source: told, remaining: null };
  const remaining = `${part.title} (${part.id}): ${open.map(({ what }) => what).join("; ")}`;
  return { what: null, source: told, remaining, uncertain: !open.some(({ read }) => read) };
}

function managedTransit(part: Part): Omit<Protection, "part"> | null {
  if (!["s3", "gcs", "azure"].includes(part.system)) return null;
  return { what: `${part.title} is reached over HTTPS`, source: "docs/storage.md", remaining: null };
}

/** What is not known to be encrypted about an address; null when it is. */
function openAddress(address: Option): string | null {
  if (typeof address !== "string") return isReference(address) ? `make sure that ${address.name} asks for TLS` : null;
  if (/^(https|s3|abfss|gs):/.test(address) || /use_ssl=true|[?&](ssl|tls|ssl-mode|sslmode)=/.test(address)) return null;
  return /\/\/(127\.|localhost|\[::1\])/.test(address) ? null : `${address.replace(/\/\/[^@/]*@/, "//")} is in the clear`;
}

function isReference(option: Option): option is { readonly secret: "env"; readonly name: string } {
  return typeof option === "object" && option !== null && "name" in option && typeof option["name"] === "string";
}
