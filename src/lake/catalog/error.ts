/** An error that the Iceberg REST specification knows: its HTTP status, its type's name and a sentence. */
export class CatalogError extends Error {
  readonly status: number;
  readonly type: string;
  constructor(status: number, type: string, message: string) {
    super(message);
    this.name = "CatalogError";
    this.status = status;
    this.type = type;
  }
}

export function badRequest(message: string): CatalogError {
  return new CatalogError(400, "BadRequestException", message);
}

/** What a client's own validation calls a ValidationException: well formed, but it makes no valid metadata. */
export function invalid(message: string): CatalogError {
  return new CatalogError(400, "ValidationException", message);
}

export function noSuchNamespace(name: string): CatalogError {
  return new CatalogError(404, "NoSuchNamespaceException", `Namespace does not exist: ${name}`);
}

export function noSuchTable(name: string): CatalogError {
  return new CatalogError(404, "NoSuchTableException", `Table does not exist: ${name}`);
}

export function noSuchView(name: string): CatalogError {
  return new CatalogError(404, "NoSuchViewException", `View does not exist: ${name}`);
}

export function alreadyExists(message: string): CatalogError {
  return new CatalogError(409, "AlreadyExistsException", message);
}

export function commitFailed(message: string): CatalogError {
  return new CatalogError(409, "CommitFailedException", message);
}
