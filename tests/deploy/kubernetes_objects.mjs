// Reads the objects of rendered manifests.
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";

/** The objects of `files` as {file, object}, in order. Throws on YAML that is not valid. */
export function* readObjects(files) {
  for (const file of files) {
    for (const document of parseAllDocuments(readFileSync(file, "utf8"), { uniqueKeys: true })) {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0].message}`);
      const object = document.toJS();
      if (!object?.apiVersion || !object?.kind) {
        throw new Error(`${file}: found an object without apiVersion or kind`);
      }
      // Kustomize breaks base64 into lines; the API server ignores the breaks, the schemas do not.
      if (object.kind === "Secret") {
        for (const [key, value] of Object.entries(object.data ?? {})) {
          object.data[key] = value.replace(/\s/g, "");
        }
      }
      yield { file, object };
    }
  }
}

export function describe(object) {
  return `${object.kind} ${object.metadata?.namespace ?? "-"}/${object.metadata?.name}`;
}
