// Checks what no schema knows: that the rendered objects of one file fit each other and our promises.
//   node kubernetes_references.mjs FILE...
import assert from "node:assert/strict";
import { readObjects } from "./kubernetes_objects.mjs";

function only(objects, kind, name) {
  const found = objects.filter((o) => o.kind === kind && (name === undefined || o.metadata.name === name));
  assert.equal(found.length, 1, `wanted one ${kind} ${name ?? ""}, found ${found.length}`);
  return found[0];
}

function assertSelects(selector, labels, what) {
  assert.ok(Object.keys(selector ?? {}).length > 0, `${what}: an empty selector selects every pod`);
  for (const [key, value] of Object.entries(selector)) {
    assert.equal(labels[key], value, `${what}: selects ${key}=${value}, the pods have ${labels[key]}`);
  }
}

function checkSelectors(objects, labels) {
  for (const service of objects.filter((o) => o.kind === "Service")) {
    assertSelects(service.spec.selector, labels, `Service ${service.metadata.name}`);
  }
  for (const kind of ["PodMonitor", "PodDisruptionBudget", "Deployment"]) {
    assertSelects(only(objects, kind).spec.selector.matchLabels, labels, kind);
  }
}

function checkPorts(objects, container) {
  const names = container.ports.map((port) => port.name);
  for (const service of objects.filter((o) => o.kind === "Service")) {
    for (const port of service.spec.ports) assert.ok(names.includes(port.targetPort), `no port ${port.targetPort}`);
  }
  for (const endpoint of only(objects, "PodMonitor").spec.podMetricsEndpoints) {
    assert.ok(names.includes(endpoint.port), `PodMonitor: no port ${endpoint.port}`);
  }
  const grpcPort = container.ports.find((port) => port.name === "grpc").containerPort;
  const services = { startupProbe: "startup", readinessProbe: "readiness", livenessProbe: "" };
  for (const [probe, service] of Object.entries(services)) {
    assert.deepEqual(container[probe].grpc, { port: grpcPort, service }, probe);
  }
  assert.ok(container.args.includes(`--listen=0.0.0.0:${grpcPort}`), "--listen is not the port of the probes");
}

function checkVolumes(objects, pod, container) {
  for (const mount of container.volumeMounts) {
    const volume = pod.volumes.find((v) => v.name === mount.name);
    assert.ok(volume, `no volume ${mount.name}`);
    assert.equal(mount.readOnly, true, `${mount.name} is mounted for writing`);
    assert.equal(mount.subPath, undefined, `${mount.name}: a subPath is never updated`);
    const [kind, name] = volume.configMap ? ["ConfigMap", volume.configMap.name] : ["Secret", volume.secret.secretName];
    only(objects, kind, name);
    assert.match(name, /-[a-z0-9]{10}$/, `${kind} ${name}: without a hash of its contents a change is no rollout`);
  }
}

function checkSecurity(pod, container) {
  assert.equal(pod.automountServiceAccountToken, false);
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.equal(pod.securityContext.runAsUser, 10001);
  assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  assert.equal(container.securityContext.allowPrivilegeEscalation, false);
  assert.deepEqual(container.securityContext.capabilities.drop, ["ALL"]);
  assert.equal(container.resources.requests.memory, container.resources.limits.memory);
  assert.equal(container.resources.limits.cpu, undefined);
  for (const { name, value } of container.env) assert.doesNotMatch(`${name}=${value}`, /password/i);
}

for (const file of process.argv.slice(2)) {
  const objects = [...readObjects([file])].map(({ object }) => object);
  const template = only(objects, "Deployment").spec.template;
  const [container] = template.spec.containers;
  checkSelectors(objects, template.metadata.labels);
  checkPorts(objects, container);
  checkVolumes(objects, template.spec, container);
  checkSecurity(template.spec, container);
  only(objects, "ServiceAccount", template.spec.serviceAccountName);
  console.log(`references: ${file}: ${objects.length} objects fit each other`);
}
