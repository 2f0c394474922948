/** One way to what Maven has, for the product and for the tests: jars in the cache, fetched once, by pinned coordinates. */
export { mavenJars, type MavenArtifacts } from "../../src/fetch/maven.ts";
export { javaCommand } from "../../src/fetch/java.ts";
