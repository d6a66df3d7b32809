import type { ByteSource } from "@ozx/core";

/** A source that reads in another way, for sources far away: it has no blocking reads. */
export function overlay(source: ByteSource, read: ByteSource["read"]): ByteSource {
  return {
    name: source.name,
    size: source.size,
    read,
    ...(source.descriptor && { descriptor: source.descriptor.bind(source) }),
    close: () => source.close(),
  };
}
