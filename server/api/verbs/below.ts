// What the subresources that are created have in common.
import type { ObjectKey, WriteOptions } from '../../../shared/client.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import type { Status } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'

export type CreateBelow = (
  core: Core,
  strategy: Strategy,
  key: ObjectKey,
  object: KubeObject,
  options: WriteOptions,
  caller: Caller,
) => Promise<KubeObject>

/** What is answered where there is no object to answer. */
export function success(): KubeObject {
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  }
  return status
}
