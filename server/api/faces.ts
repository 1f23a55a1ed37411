// Objects on their way in and out through another face of their kind.
import { apiVersionOf } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { badRequest } from '../../shared/status.ts'
import type { Face, Strategy } from './kinds/strategy.ts'
import { copyOf, isJsonObject, type JsonObject } from './values.ts'

/**
 * What was sent through a face, as it is stored; the sent object stays as it is.
 * @throws ApiError 400 when it is of another version or kind
 */
export function toStored(strategy: Strategy, face: Face | undefined, sent: unknown): unknown {
  if (!face || !isJsonObject(sent)) return sent
  const { apiVersion = apiVersionOf(face.kind), kind = face.kind.kind } = sent
  if (apiVersion !== apiVersionOf(face.kind)) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${apiVersionOf(face.kind)})`,
    )
  }
  if (kind !== face.kind.kind) {
    throw badRequest(
      `the kind in the data (${String(kind)}) does not match the expected kind (${face.kind.kind})`,
    )
  }
  return {
    ...face.toStored(copyOf(sent)),
    apiVersion: apiVersionOf(strategy.kind),
    kind: strategy.kind.kind,
  }
}

/** A stored object as the face shows it; whatever is of another kind, such as a Scale, stays as it is. */
export function throughFace(face: Face | undefined, object: KubeObject): KubeObject {
  if (!face) return object
  const { apiVersion: _, kind: __, ...rest } = copyOf(object) as unknown as JsonObject
  const shown = face.fromStored(rest)
  return {
    kind: face.kind.kind,
    apiVersion: apiVersionOf(face.kind),
    ...shown,
  } as unknown as KubeObject
}
