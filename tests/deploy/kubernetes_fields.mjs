// Finds fields that do not exist in rendered Kubernetes objects: writes each as a typed constant and lets the
// TypeScript compiler complain of excess properties (kubernetes-types, and the operator's own types).
//   node kubernetes_fields.mjs FILE...
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, readObjects } from "./kubernetes_objects.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** The module that declares the type of `object`, or an error naming what has none. */
function typeModule(object) {
  const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0] : "core";
  const version = object.apiVersion.split("/").at(-1);
  if (group === "monitoring.coreos.com") {
    return `@kubernetes-models/prometheus-operator/${group}/${version}/${object.kind}`;
  }
  return `kubernetes-types/${group.replace(/\.k8s\.io$/, "")}/${version}.js`;
}

function typeName(object) {
  return object.apiVersion.startsWith("monitoring.coreos.com") ? `I${object.kind}` : object.kind;
}

const objects = [...readObjects(process.argv.slice(2))];
const lines = objects.map(({ file, object }, i) => [
  `import type { ${typeName(object)} as T${i} } from "${typeModule(object)}";`,
  `// ${file}: ${describe(object)}`,
  `export const object${i}: T${i} = ${JSON.stringify(object, null, 2)};`,
].join("\n"));

// Below this folder, so that its node_modules are found.
const folder = mkdtempSync(join(here, "node_modules", ".fields-"));
try {
  const source = join(folder, "objects.ts");
  writeFileSync(source, lines.join("\n") + "\n");
  const compiler = join(here, "node_modules", "typescript", "bin", "tsc");
  const result = spawnSync(process.execPath, [compiler, "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022",
    "--module", "preserve", "--moduleResolution", "bundler", source], { encoding: "utf8" });
  process.stdout.write(result.stdout);
  process.stderr.write(result.stderr);
  console.log(`fields: ${objects.length} objects, ${result.status === 0 ? "no" : "some"} unknown fields`);
  process.exitCode = result.status === 0 && objects.length > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
