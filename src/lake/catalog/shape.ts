import { badRequest } from "./error.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

/** Reads one part of a request; `where` names the part in the error. */
export type Reader<T> = (value: Json | undefined, where: string) => T;

function wrong(where: string, expected: string): never {
  throw badRequest(`Malformed request: ${where} must be ${expected}`);
}

export const readObject: Reader<JsonObject> = (value, where) => (isObject(value) ? value : wrong(where, "an object"));

export const readText: Reader<string> = (value, where) => (typeof value === "string" ? value : wrong(where, "a string"));

export const readInteger: Reader<number> = (value, where) =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : wrong(where, "an integer");

/** A 64-bit integer such as a snapshot id. */
export const readId: Reader<number | bigint> = (value, where) =>
  typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value)) ? value : wrong(where, "a 64-bit integer");

export const readBoolean: Reader<boolean> = (value, where) => (typeof value === "boolean" ? value : wrong(where, "true or false"));

export const readTexts: Reader<Readonly<Record<string, string>>> = (value, where) => {
  const object = readObject(value, where);
  for (const [key, item] of Object.entries(object)) readText(item, `${where}['${key}']`);
  return object as Readonly<Record<string, string>>;
};

export function listOf<T>(reader: Reader<T>): Reader<readonly T[]> {
  return (value, where) =>
    Array.isArray(value) ? value.map((item: Json, index) => reader(item, `${where}[${index}]`)) : wrong(where, "a list");
}

/** Absent and null both become undefined. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value, where) => (value === undefined || value === null ? undefined : reader(value, where));
}
