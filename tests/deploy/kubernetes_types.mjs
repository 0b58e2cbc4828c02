// Checks the types of rendered Kubernetes objects against the JSON schemas of the API (kubernetes-models).
//   node kubernetes_types.mjs FILE...
// Finds wrong types and missing fields; says nothing of fields that do not exist (see kubernetes_fields.mjs).
import { createRequire } from "node:module";
import { readObjects, describe } from "./kubernetes_objects.mjs";

const require = createRequire(import.meta.url);

function modelOf(object) {
  const [group, version] = object.apiVersion.includes("/")
    ? object.apiVersion.split("/")
    : ["", object.apiVersion];
  const library = group === "monitoring.coreos.com"
    ? "@kubernetes-models/prometheus-operator"
    : "kubernetes-models";
  const path = [library, group, version, object.kind].filter(Boolean).join("/");
  return require(path)[object.kind];
}

let numErrors = 0;
let numObjects = 0;
for (const { file, object } of readObjects(process.argv.slice(2))) {
  ++numObjects;
  try {
    new (modelOf(object))(object).validate();
  } catch (error) {
    ++numErrors;
    console.error(`${file}: ${describe(object)}: ${error.message}`);
  }
}
console.log(`types: ${numObjects} objects, ${numErrors} errors`);
process.exit(numErrors > 0 || numObjects === 0 ? 1 : 0);
