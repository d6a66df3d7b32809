import { isJsonObject, type JsonObject } from "@ozx/core";
import { formatComment } from "../rfc9/comment.js";
import { commentClaims, LONGEST_COMMENT } from "../rules/comment.js";
import type { ArchiveFacts } from "../rules/facts.js";
import { omeVersionAt } from "../rules/hierarchy.js";

/**
 * The comment as it should be, once the directory is in RFC-9's order: what it has to say about the archive is made
 * true, and what other programs have put there stays. The bytes stay as they are where nothing is wrong with them,
 * or where the image does not say which version it is.
 */
export function mendedComment({ comment, hierarchy, archive }: ArchiveFacts): Uint8Array {
  const root = hierarchy.nodes.get("/");
  const version = root && omeVersionAt(root);
  const old = archive.end.comment.slice();
  if (version === undefined) return old;
  const claims = commentClaims(comment);
  const isFine =
    !comment.inSector &&
    comment.text.tolerated.length === 0 &&
    claims.version === version &&
    claims.jsonFirst === true &&
    old.length <= LONGEST_COMMENT;
  if (isFine) return old;
  const text = isJsonObject(comment.text.value) ? comment.text.value : {};
  const ome = comment.ome ?? {};
  const zipFile = objectIn(ome, "zipFile");
  const mended = {
    ...text,
    ome: {
      ...ome,
      version,
      zipFile: {
        ...zipFile,
        centralDirectory: { ...objectIn(zipFile, "centralDirectory"), jsonFirst: true },
      },
    },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(mended));
  return bytes.length <= LONGEST_COMMENT ? bytes : formatComment(version);
}

function objectIn(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return isJsonObject(value) ? value : {};
}
