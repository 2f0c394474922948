/**
 * What is known of the tables of each source: role, table, column, type. Empty until `millwright check` has written
 * `schema.lock.d.ts` beside the platform file, which adds to it, so that the editor completes the columns of every table:
 *
 *     declare module "millwright" {
 *       interface Sources { shop: { orders: { id: "bigint"; amount: "double" } } }
 *     }
 */
export interface Sources {}
