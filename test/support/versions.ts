// The one table of pinned versions: runtimes that the tests run on, peers they
// talk to, and what the packages are tried with. README, deno.json and
// .ci/run name some of them too; test/guard/versions_test.ts holds them to it.

export const VERSIONS = {
  deno: "2.9.6",
  bun: "1.4.5",
  node: "24",
  /** The oldest Node that the npm package is for. */
  oldestNode: "22",
  zeromqjs: "6.8.0",
  tweetnacl: "1.0.3",
  workerd: "1.20261117.1",
  typescript: "5.9.3",
  /** The oldest whose programs can use the npm packages: before it there was no `using`. */
  oldestTypescript: "5.2.2",
  nodeTypes: "24.19.2",
  esbuild: "0.25.12",
  rolldown: "1.0.0-beta.50",
  webpack: "5.103.0",
  jest: "30.5.2",
} as const;
