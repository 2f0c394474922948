import type { ColumnType, Columns } from "./column.ts";
import type { Duration } from "./duration.ts";
import type { Numeric, Row } from "./expression-types.ts";
import type { PlainValue } from "./literal.ts";

/** One readable object type instead of a chain of intersections. */
export type Simplify<T> = { readonly [K in keyof T]: T[K] };
/** The columns of `A` with those of `B` added or replaced. */
export type Merge<A, B> = Simplify<Omit<A, keyof B> & B>;

/** Columns of which nothing is known yet. */
export type Open<T> = [ColumnType] extends [T] ? true : false;

/** The name itself, or a sentence that says that there is no such column. While nothing is typed yet, editors are offered all columns. */
export type Known<C extends Columns, N extends string, K extends string> = K extends keyof C ? K : Missing<C, N, K>;
type Missing<C extends Columns, N extends string, K extends string> = K extends "" ? keyof C & string : `${N} has no column '${K}'`;

/** The name of a column of a type, or a sentence. */
export type KnownAs<
  C extends Columns,
  N extends string,
  K extends string,
  T extends ColumnType,
  Word extends string = T,
> = K extends keyof C
  ? Open<C[K]> extends true
    ? K
    : C[K] extends T
      ? K
      : `'${K}' is ${C[K]}, but a ${Word} is needed`
  : Missing<C, N, K>;

/** The object as given; a key that is no column gets a sentence as its type. */
export type OnlyKnown<C extends Columns, N extends string, O> = {
  readonly [K in keyof O]: K extends keyof C ? O[K] : `${N} has no column '${K & string}'`;
};

type PlainOf<T extends ColumnType> =
  Open<T> extends true
    ? PlainValue
    : T extends Numeric
      ? number | bigint
      : T extends "text"
        ? string
        : T extends "boolean"
          ? boolean
          : T extends "date" | "timestamp"
            ? Date | string
            : never;

type Constant<T extends ColumnType> = { readonly constant: PlainOf<T> };
type Forward<C extends Columns> = { readonly forward: { readonly by?: OneOrMore<keyof C & string>; readonly order: keyof C & string } };
export type OneOrMore<T> = T | readonly T[];

/** What can fill a column of a type. */
export type FillOf<C extends Columns> = {
  readonly [K in keyof C & string]?:
    | Constant<C[K]>
    | Forward<C>
    | "mode"
    | (Open<C[K]> extends true
        ? "mean" | "median"
        : C[K] extends Numeric
          ? "mean" | "median"
          : `'${K}' is ${C[K]}: it has no mean and no median`);
};
/** The mean or median of integers is a double. */
export type Filled<C extends Columns, F> = Simplify<{
  readonly [K in keyof C]: K extends keyof F ? (F[K] extends "mean" | "median" ? "double" : C[K]) : C[K];
}>;

export type Converted<C extends Columns, V> = Simplify<{
  readonly [K in keyof C]: K extends keyof V ? (V[K] extends ColumnType ? V[K] : C[K]) : C[K];
}>;
export type Renamed<C extends Columns, V> = ColumnsOf<{
  readonly [K in keyof C as K extends keyof V ? (V[K] extends string ? V[K] : K) : K]: C[K];
}>;
/** Tells the type checker what it cannot infer of a computed type: that all its properties are column types. */
export type ColumnsOf<T> = Simplify<T> extends infer X extends Columns ? X : never;

/** How a column is normalised, or a sentence when it is no number. */
export type NormaliseOf<C extends Columns> = {
  readonly [K in keyof C & string]?: Open<C[K]> extends true
    ? Normalising
    : C[K] extends Numeric
      ? Normalising
      : `'${K}' is ${C[K]}: only numbers are normalised`;
};
type Normalising = "zscore" | "minmax" | "log";
export type Normalised<C extends Columns, V> = Simplify<{ readonly [K in keyof C]: K extends keyof V ? "double" : C[K] }>;

export type OnehotOf<C extends Columns> = { readonly [K in keyof C & string]?: readonly string[] };
export type Onehot<C extends Columns, V> = ColumnsOf<
  Omit<C, keyof V> & { readonly [K in keyof V & string as V[K] extends readonly string[] ? `${K}_${V[K][number]}` : never]: "boolean" }
>;

export interface WindowOptions<C extends Columns, N extends string, B extends string, O extends string, A> {
  /** Only rows with the same values here; all rows when absent. */
  readonly by?: OneOrMore<Known<C, N, B>>;
  readonly order: KnownAs<C, N, O, "timestamp">;
  /** How far back in time from the row, both ends included; without it and `rows`, from the first row. */
  readonly range?: Duration;
  /** Or how many rows back. */
  readonly rows?: number;
  /** Leave out the row itself and all of the same instant. @default false */
  readonly excludeCurrent?: boolean;
  readonly columns: (row: Row<C>) => A;
}

/** Columns of the right table to add: a list, or name there to name here. */
export type Picked<R extends Columns, P, On> = P extends readonly (infer K)[]
  ? { readonly [X in K & keyof R]: R[X] }
  : P extends { readonly [name: string]: string }
    ? { readonly [X in keyof P & keyof R as P[X] & string]: R[X] }
    : { readonly [X in Exclude<keyof R, On>]: R[X] };

/** What must hold for the values of a column; null passes all but `notNull`. */
export interface Rules<T extends ColumnType> {
  readonly notNull?: true;
  /** Both ends included. */
  readonly between?: readonly [PlainOf<T>, PlainOf<T>];
  readonly oneOf?: readonly PlainOf<T>[];
  /** A regular expression that must match somewhere in the text. */
  readonly matches?: T extends "text" ? string | RegExp : never;
  /** No other row has the same value. */
  readonly unique?: true;
}
export type RulesOf<C extends Columns> = { readonly [K in keyof C & string]?: Rules<C[K]> };

/** Columns that must be equal: one name, several, or name here to name there. */
export type Keys = string | readonly string[] | { readonly [left: string]: string };

/**
 * The name itself, or a sentence about the side that lacks it. No condition stands around this one: the compiler would narrow `K`
 * to the only column of a table that has one, and then infer nothing from that name.
 */
export type KnownOnBoth<C extends Columns, N extends string, R extends Columns, M extends string, K> = K extends keyof C & keyof R
  ? K
  : K extends keyof C
    ? Missing<R, M, K & string>
    : Missing<C, N, K & string>;

/** The keys as given, or sentences where a column is missing on either side. */
export type CheckedKeys<C extends Columns, N extends string, R extends Columns, M extends string, K> = K extends readonly string[]
  ? { readonly [I in keyof K]: KnownOnBoth<C, N, R, M, K[I]> }
  : K extends { readonly [left: string]: string }
    ? {
        readonly [L in keyof K]: L extends keyof C
          ? K[L] extends string
            ? Known<R, M, K[L]>
            : never
          : `${N} has no column '${L & string}'`;
      }
    : KnownOnBoth<C, N, R, M, K>;

/** Names of the right table's columns in keys. */
export type RightOf<K> = K extends string ? K : K extends readonly (infer E)[] ? E : K[keyof K];

export interface JoinOptions<
  C extends Columns,
  N extends string,
  R extends Columns,
  M extends string,
  K,
  P,
  L extends string,
  T extends string,
> {
  readonly on: CheckedKeys<C, N, R, M, K>;
  /** `left` keeps rows without a match, with nulls; `inner` drops them. @default "left" */
  readonly how?: "left" | "inner";
  /** The right table's columns to add, as a list or as name there to name here. @default all but those of `on` */
  readonly columns?: P;
  /** Take the newest right row whose time `right` is at or before `left` - `lag`, and at most `tolerance` older than that. */
  readonly asOf?: {
    readonly left: KnownAs<C, N, L, "timestamp">;
    readonly right: KnownAs<R, M, T, "timestamp">;
    readonly lag?: Duration;
    readonly tolerance?: Duration;
  };
}

export interface LookbackOptions<
  C extends Columns,
  N extends string,
  R extends Columns,
  M extends string,
  K,
  L extends string,
  T extends string,
  U extends string,
  A,
> {
  readonly by: CheckedKeys<C, N, R, M, K>;
  /** The instant before which rows count: a timestamp here. */
  readonly at: KnownAs<C, N, L, "timestamp">;
  /** When a row of the other table came: a timestamp there. */
  readonly time: KnownAs<R, M, T, "timestamp">;
  /** Count only rows still open at that instant: this timestamp there is null or not before it. Only for count, countWhere and sum of integers. */
  readonly until?: KnownAs<R, M, U, "timestamp">;
  /** How far back. @default without limit */
  readonly range?: Duration;
  readonly columns: (row: Row<R>) => A;
}
