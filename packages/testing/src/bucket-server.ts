import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import { listenLocally } from "./local-server.js";

/** A bucket in memory, with the part of S3 that is needed to write objects. Signatures are not checked. */
export interface BucketServer extends AsyncDisposable {
  /** As for `AWS_ENDPOINT_URL`; any name is a bucket. */
  readonly url: string;
  /** The objects by `bucket/key`. */
  readonly objects: Map<string, Uint8Array>;
  /** The parts of uploads that are neither completed nor aborted, by upload id. */
  readonly uploads: Map<string, { readonly path: string; readonly parts: Map<number, Uint8Array> }>;
  /** Method and URL of every request. */
  readonly requests: string[];
  close(): Promise<void>;
}

export interface BucketServerOptions {
  /** Whether `If-None-Match` is understood; by default it is. */
  readonly conditional?: boolean;
  /**
   * Milliseconds until a part that arrived is stored, also where its upload is aborted meanwhile: that is brought back, as
   * by versitygw. 0 by default.
   */
  readonly storingTime?: number;
}

const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

/** Starts a bucket, empty. */
export async function startBucketServer({
  conditional = true,
  storingTime = 0,
}: BucketServerOptions = {}): Promise<BucketServer> {
  const objects: BucketServer["objects"] = new Map();
  const etags = new Map<string, string>();
  const uploads: BucketServer["uploads"] = new Map();
  const requests: string[] = [];
  const handle = (asked: IncomingMessage, body: Uint8Array, response: ServerResponse): unknown => {
    const { pathname, searchParams: query } = new URL(asked.url ?? "", "http://localhost");
    const path = decodeURIComponent(pathname.slice(1));
    const refuse = (status: number, code: string): unknown => {
      return response
        .writeHead(status)
        .end(asked.method === "HEAD" ? "" : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
    };
    const answer = (xml: string): unknown => {
      return response
        .writeHead(200, { "Content-Type": "application/xml" })
        .end(`<?xml version="1.0"?>${xml}`);
    };
    const sum = asked.headers["x-amz-checksum-crc32"];
    const own = Buffer.alloc(4);
    own.writeUInt32BE(crc32(body));
    if (sum !== undefined && sum !== own.toString("base64")) return refuse(400, "BadDigest");
    const id = query.get("uploadId") ?? "";
    const upload = uploads.get(id);
    const isTaken = conditional && asked.headers["if-none-match"] === "*" && objects.has(path);
    switch (
      `${asked.method} ${query.has("uploads") ? "uploads" : query.has("uploadId") ? "upload" : query.has("list-type") ? "list" : "object"}`
    ) {
      case "POST uploads": {
        const created = randomBytes(8).toString("hex");
        uploads.set(created, { path, parts: new Map() });
        return answer(`<R><UploadId>${created}</UploadId></R>`);
      }
      case "GET uploads": {
        const all = [...uploads].map(
          ([one, of]) =>
            `<Upload><Key>${encodeURIComponent(of.path.slice(of.path.indexOf("/") + 1))}</Key><UploadId>${one}</UploadId><Initiated>${new Date().toISOString()}</Initiated></Upload>`,
        );
        return answer(`<R>${all.join("")}<IsTruncated>false</IsTruncated></R>`);
      }
      case "GET object": {
        const bytes = objects.get(path);
        if (bytes === undefined) return refuse(404, "NoSuchKey");
        const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(asked.headers.range ?? "") ?? [];
        const start = from === "" ? bytes.length - Number(to) : Number(from ?? 0);
        const end = from === undefined || from === "" || to === "" ? bytes.length : Number(to) + 1;
        const range =
          from === undefined
            ? {}
            : { "Content-Range": `bytes ${start}-${Math.min(end, bytes.length) - 1}/${bytes.length}` };
        response.writeHead(from === undefined ? 200 : 206, { ETag: etags.get(path) ?? "", ...range });
        return response.end(bytes.subarray(start, end));
      }
      case "HEAD object": {
        const bytes = objects.get(path);
        if (bytes === undefined) return refuse(404, "");
        return response.writeHead(200, { "Content-Length": bytes.length, ETag: etags.get(path) ?? "" }).end();
      }
      case "PUT object":
        if (isTaken) return refuse(412, "PreconditionFailed");
        objects.set(path, body);
        etags.set(path, `"${md5(body)}"`);
        return response.writeHead(200, { ETag: `"${md5(body)}"` }).end();
      case "DELETE object":
        objects.delete(path);
        return response.writeHead(204).end();
      case "GET list": {
        const bucket = path.replace(/\/$/, "");
        const found = [...objects.keys()]
          .filter((key) => key.startsWith(`${bucket}/${query.get("prefix") ?? ""}`))
          .sort();
        const items = found
          .slice(0, Number(query.get("max-keys") ?? 1e9))
          .map(
            (key) =>
              `<Contents><Key>${encodeURIComponent(key.slice(bucket.length + 1))}</Key><Size>${objects.get(key)?.length}</Size></Contents>`,
          );
        return answer(`<R>${items.join("")}</R>`);
      }
    }
    if (upload === undefined) return refuse(404, "NoSuchUpload");
    switch (asked.method) {
      case "PUT":
        return setTimeout(() => {
          upload.parts.set(Number(query.get("partNumber")), body);
          uploads.set(id, upload);
          response.writeHead(200, { ETag: `"${md5(body)}"` }).end();
        }, storingTime);
      case "GET": {
        const parts = [...upload.parts]
          .sort(([a], [b]) => a - b)
          .map(
            ([number, bytes]) =>
              `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${md5(bytes)}&quot;</ETag><Size>${bytes.length}</Size></Part>`,
          );
        return answer(`<R>${parts.join("")}<IsTruncated>false</IsTruncated></R>`);
      }
      case "DELETE":
        uploads.delete(id);
        return response.writeHead(204).end();
      default: {
        const wanted = [
          ...Buffer.from(body)
            .toString()
            .matchAll(/<ETag>(.*?)<\/ETag><PartNumber>(\d+)</g),
        ];
        const parts = wanted.map(([, , number]) => upload.parts.get(Number(number)));
        if (
          wanted.some(([, etag], k) => etag?.replaceAll("&quot;", "") !== md5(parts[k] ?? new Uint8Array()))
        ) {
          return refuse(400, "InvalidPart");
        }
        if (parts.slice(0, -1).some((part) => (part?.length ?? 0) < 5 * 1024 * 1024))
          return refuse(400, "EntityTooSmall");
        if (isTaken) return refuse(412, "PreconditionFailed");
        const sums = Buffer.from(parts.map((part) => md5(part ?? new Uint8Array())).join(""), "hex");
        objects.set(path, Buffer.concat(parts.map((part) => part ?? new Uint8Array())));
        etags.set(path, `"${md5(sums)}-${parts.length}"`);
        uploads.delete(id);
        return answer("<CompleteMultipartUploadResult/>");
      }
    }
  };
  const server = createServer(async (asked, response) => {
    requests.push(`${asked.method} ${asked.url}`);
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of asked) pieces.push(piece as Uint8Array);
    } catch {
      return;
    }
    handle(asked, Buffer.concat(pieces), response);
  });
  const { origin, ...closing } = await listenLocally(server);
  return { url: origin, objects, uploads, requests, ...closing };
}

/**
 * What a proxy does with a request: passes it on, answers with a status itself, closes the connection before it is passed
 * on (`cut`) or when the server has answered (`lose`).
 */
export type ProxyFault = "cut" | "lose" | number | undefined;

export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A proxy in front of a service, which fails as networks and busy services do. The `Host` header is passed on as it is,
 * since signatures cover it.
 *
 * @param fault by the number of the request, from 1, and what it asks for
 */
export async function startFaultProxy(
  target: string,
  fault: (count: number, method: string, url: string) => ProxyFault,
): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  let count = 0;
  const server = createServer((asked, response) => {
    const found = fault(++count, asked.method ?? "", asked.url ?? "");
    if (found === "cut") {
      asked.once("data", () => asked.destroy());
      asked.once("end", () => response.destroy());
      return;
    }
    if (typeof found === "number") {
      asked.resume().on("end", () => {
        response
          .writeHead(found)
          .end(`<Error><Code>${found >= 500 ? "SlowDown" : "AccessDenied"}</Code></Error>`);
      });
      return;
    }
    const { method, url: path, headers } = asked;
    const passed = request({ hostname, port, method, path, headers }, (answer) => {
      if (found === "lose") {
        answer.resume().on("end", () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    asked.pipe(passed);
  });
  const { origin, ...closing } = await listenLocally(server);
  return { url: origin, ...closing };
}
