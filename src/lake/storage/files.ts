/** A file in a storage. */
export interface StoredFile {
  readonly location: string;
  /** Its size. */
  readonly bytes: number;
  /** When it was last written, in milliseconds since 1970, by the storage's own clock. */
  readonly modified: number;
}

/** A part of a file: from the byte at `offset`, at most `length` of them. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * What one storage can do with the files whose addresses begin with its location. Everything but `copyTo` is tried again where a
 * failure passes by itself; what fails is a `StorageError`.
 */
export interface StorageDriver {
  read(location: string, range?: ByteRange): Promise<Buffer>;
  /**
   * Writes a new file; once the promise is kept it outlives a power cut. An existing file is refused where the service can.
   *
   * @param options `newFolders`: the folders between the storage's own and the file may be as new as the file is.
   */
  write(location: string, content: string | Uint8Array, options?: { readonly newFolders?: boolean }): Promise<void>;
  /** One that is already gone is fine. */
  remove(location: string): Promise<void>;
  /** With all that it holds. */
  removeFolder(location: string): Promise<void>;
  /** All files below a folder, in no order; none when it is not there. */
  list(location: string): Promise<readonly StoredFile[]>;
  /** Null when there is no such file. */
  stat(location: string): Promise<StoredFile | null>;
  /** Makes folders, where the storage has any. */
  createFolders(locations: readonly string[]): Promise<void>;
  /** Makes files that another program wrote outlive a power cut; a missing one is an error. */
  settle(locations: readonly string[]): Promise<void>;
  /** Copies inside the service, without its bytes passing here; false where it cannot. */
  copyWithin(from: string, to: string, bytes: number): Promise<boolean>;
  /** Writes a file of any size from parts that come in order, in the place of one that may be there; memory stays bounded. */
  writeParts(location: string, parts: AsyncIterable<Buffer>): Promise<void>;
}
