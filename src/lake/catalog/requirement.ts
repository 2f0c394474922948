import { badRequest, commitFailed } from "./error.ts";
import type { JsonObject } from "./json.ts";
import { sameId, type TableMetadata, type ViewMetadata } from "./model.ts";
import { optional, readId, readInteger, readText } from "./shape.ts";

/** True when the change is meant for a table that does not exist yet. */
export function requiresCreate(requirements: readonly JsonObject[]): boolean {
  return requirements.some((requirement) => requirement["type"] === "assert-create");
}

/**
 * Checks what a commit expects of the table as it stands now; null when there is no table.
 *
 * @throws CatalogError CommitFailedException when it no longer holds: somebody else has committed meanwhile.
 */
export function checkTable(requirements: readonly JsonObject[], metadata: TableMetadata | null): void {
  for (const requirement of requirements) {
    const type = readText(requirement["type"], "requirement.type");
    if (type === "assert-create") {
      if (metadata !== null) throw commitFailed("Requirement failed: table already exists");
      continue;
    }
    if (metadata === null) throw badRequest(`Invalid create requirements: ${type}`);
    checkOne(type, requirement, metadata);
  }
}

function checkOne(type: string, requirement: JsonObject, metadata: TableMetadata): void {
  const number = (key: string): number => readInteger(requirement[key], `${type}.${key}`);
  switch (type) {
    case "assert-table-uuid":
      return checkUuid(readText(requirement["uuid"], `${type}.uuid`), metadata["table-uuid"], "UUID");
    case "assert-ref-snapshot-id":
      return checkReference(requirement, metadata);
    case "assert-last-assigned-field-id":
      return equal("last assigned field id", number("last-assigned-field-id"), metadata["last-column-id"]);
    case "assert-current-schema-id":
      return equal("current schema", number("current-schema-id"), metadata["current-schema-id"]);
    case "assert-last-assigned-partition-id":
      return equal("last assigned partition id", number("last-assigned-partition-id"), metadata["last-partition-id"]);
    case "assert-default-spec-id":
      return equal("default partition spec", number("default-spec-id"), metadata["default-spec-id"]);
    case "assert-default-sort-order-id":
      return equal("default sort order", number("default-sort-order-id"), metadata["default-sort-order-id"]);
    default:
      throw badRequest(`Unknown requirement: ${type}`);
  }
}

function equal(what: string, expected: number, actual: number): void {
  if (expected !== actual) throw commitFailed(`Requirement failed: ${what} changed: expected id ${expected} != ${actual}`);
}

function checkUuid(expected: string, actual: string, what: string): void {
  if (expected.toLowerCase() !== actual.toLowerCase())
    throw commitFailed(`Requirement failed: ${what} does not match: expected ${actual} != ${expected}`);
}

function checkReference(requirement: JsonObject, metadata: TableMetadata): void {
  const name = readText(requirement["ref"], "assert-ref-snapshot-id.ref");
  const expected = optional(readId)(requirement["snapshot-id"], "assert-ref-snapshot-id.snapshot-id");
  const reference = metadata.refs[name];
  if (reference === undefined) {
    if (expected !== undefined) throw commitFailed(`Requirement failed: branch or tag ${name} is missing, expected ${expected}`);
  } else if (expected === undefined) {
    throw commitFailed(`Requirement failed: ${reference.type} ${name} was created concurrently`);
  } else if (!sameId(expected, reference["snapshot-id"])) {
    throw commitFailed(`Requirement failed: ${reference.type} ${name} has changed: expected id ${expected} != ${reference["snapshot-id"]}`);
  }
}

/** The same for a view, which knows one requirement only. */
export function checkView(requirements: readonly JsonObject[], metadata: ViewMetadata): void {
  for (const requirement of requirements) {
    const type = readText(requirement["type"], "requirement.type");
    if (type !== "assert-view-uuid") throw badRequest(`Unknown requirement of a view: ${type}`);
    checkUuid(readText(requirement["uuid"], `${type}.uuid`), metadata["view-uuid"], "view UUID");
  }
}
