import { awsInstances } from "./aws.ts";
import { azureInstances } from "./azure.ts";
import { cloudsInstances } from "./clouds.ts";
import { googleInstances } from "./google.ts";
import type { Instance } from "./instance.ts";

export type { Instance } from "./instance.ts";

/** Every machine whose price the catalogue knows. */
export const instances: readonly Instance[] = Object.freeze([...awsInstances, ...azureInstances, ...googleInstances, ...cloudsInstances]);
