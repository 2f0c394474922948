import { randomUUID } from "node:crypto";
import type { Storages } from "../storage/storages.ts";
import { CatalogError } from "./error.ts";

/** Refuses a location outside of the storages that the catalog may write to. */
export function checkLocation(location: string, storages: Storages): void {
  if (storages.holds(location)) return;
  throw new CatalogError(403, "ForbiddenException", `Location lies outside of the catalog's warehouse: ${location}`);
}

/** A folder of its own for a new table or view, so that a dropped or renamed one never shares files with it. */
export function newLocation(warehouse: string, namespace: readonly string[], name: string): string {
  return `${namespaceLocation(warehouse, [...namespace, name])}-${randomUUID().slice(0, 8)}`;
}

/** The folder below which a namespace's tables are placed. */
export function namespaceLocation(warehouse: string, namespace: readonly string[]): string {
  const parts = namespace.map((part) => part.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 100));
  return `${warehouse}/${parts.join("/")}`;
}
