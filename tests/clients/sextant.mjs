// A client of Sextant that knows nothing of it but what the server's reflection says.
import grpc from "@grpc/grpc-js";
import reflection from "grpc-js-reflection-client";

const DEADLINE_MS = 60_000;
const SERVICE = "sextant.v1.MetricService";

/** A client made of the descriptors that the server hands out. */
export async function connect(address) {
  const credentials = grpc.credentials.createInsecure();
  const mirror = new reflection.GrpcReflection(address, credentials);
  const services = await mirror.listServices();
  for (const name of [SERVICE, "sextant.v1.CatalogService", "sextant.v1.AdminService"]) {
    if (!services.includes(name)) throw new Error(`the server does not list ${name}, but ${services.join(", ")}`);
  }
  const descriptor = await mirror.getDescriptorBySymbol(SERVICE);
  const types = descriptor.getPackageObject({ keepCase: true, enums: String, longs: String, defaults: true, oneofs: true });
  return new types.sextant.v1.MetricService(address, credentials);
}

/** The header, the frames of `kind` ("batch" or "arrow") and the summary of an answer; rejects with the server's error. */
export async function query(client, tenant, request, kind) {
  const metadata = new grpc.Metadata();
  if (tenant) metadata.set("x-sextant-tenant", tenant);
  const frames = await new Promise((resolve, reject) => {
    const received = [];
    const call = client.QueryMetrics(request, metadata, { deadline: Date.now() + DEADLINE_MS });
    call.on("data", (frame) => received.push(frame));
    call.on("error", (error) => reject(new Error(`${grpc.status[error.code]}: ${error.details}`)));
    call.on("end", () => resolve(received));
  });
  const kinds = frames.map(({ frame }) => frame);
  if (kinds.at(-1) !== "summary") throw new Error("the stream ended without its summary: the answer is void");
  if (kinds[0] !== "header" || kinds.slice(1, -1).some((found) => found !== kind)) {
    throw new Error(`the frames are ${kinds.join(", ")}; wanted: header, ${kind}, summary`);
  }
  const batches = frames.slice(1, -1).map((frame) => frame[kind]);
  const { summary } = frames.at(-1);
  if (batches.length !== summary.batch_count) {
    throw new Error(`found ${batches.length} batches; the summary says ${summary.batch_count}`);
  }
  return { header: frames[0].header, batches, summary };
}

/** NULL is an empty field, an empty text is quoted. */
export function csvField(text) {
  if (text === null) return "";
  if (text === "") return '""';
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
