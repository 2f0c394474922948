import { awsServices } from "./aws.ts";
import { azureServices } from "./azure.ts";
import { googleServices } from "./google.ts";
import type { ServicePrice } from "./service.ts";
import { snowflakeServices } from "./snowflake.ts";
import { supplementServices } from "./supplement.ts";

export type { ServicePrice } from "./service.ts";

/** Every price of a service that the catalogue knows. */
export const services: readonly ServicePrice[] = Object.freeze([
  ...awsServices,
  ...azureServices,
  ...googleServices,
  ...snowflakeServices,
  ...supplementServices,
]);
