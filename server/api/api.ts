// The API of one cluster: the verbs over one store. HTTP and the programs of the same process come in through it alike.
import type { DeleteOptions } from '../../shared/client.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../shared/kubernetes/meta.ts'
import type { ApiDoor, Caller, NodeDoor } from '../../shared/operation.ts'
import type { MeasuredUse } from '../../shared/usage.ts'
import type { Store } from '../store/store.ts'
import type { Authenticator } from './access/authenticate.ts'
import { Policy } from './access/policy.ts'
import type { ServiceAccountTokens } from './access/tokens.ts'
import { bootstrap, type BootstrapOptions } from './bootstrap.ts'
import type { Clock, Core } from './core.ts'
import { keepCustomKinds } from './custom/keeper.ts'
import { strategies } from './kinds/all.ts'
import type { Schemas } from './openapi/schemas.ts'
import { measuredStrategies } from './measured/measured.ts'
import { createRegistry } from './registry.ts'
import { reviewStrategies } from './reviews/reviews.ts'
import { createTypedDeletions } from './http/typed.ts'
import { Remembered } from './remembered.ts'
import { create } from './verbs/create.ts'
import { remove } from './verbs/delete.ts'
import { deleteCollection } from './verbs/deletecollection.ts'
import { get } from './verbs/get.ts'
import { list, type ListRequest } from './verbs/list.ts'
import { patch } from './verbs/patch.ts'
import { stream } from './verbs/stream.ts'
import { update } from './verbs/update.ts'
import { watch } from './verbs/watch.ts'

export interface ApiOptions {
  store: Store
  clock: Clock
  /** The /16 that addresses of Services come from: `127.96.0.0/16`. */
  serviceCidr: string
  schemas: Schemas
  tokens: ServiceAccountTokens
  /** Whose a bearer token is. */
  authenticate: Authenticator
  nodeDoor: (nodeName: string) => NodeDoor | undefined
  use: MeasuredUse
}

export interface Api extends ApiDoor {
  /** Creates what every cluster has; harmless when it is there already. */
  bootstrap(options: BootstrapOptions): Promise<void>
  deleteCollection(
    caller: Caller,
    kind: Kind,
    selection: ListRequest,
    options: DeleteOptions,
  ): Promise<KubeList<KubeObject>>
  /** For the HTTP server, which sends stored bytes. */
  readonly core: Core
}

export function createApi(options: ApiOptions): Api {
  const core: Core = {
    ...options,
    judge: { policy: new Policy(options.store) },
    schemas: options.schemas.layered(),
    registry: createRegistry([...strategies, ...measuredStrategies, ...reviewStrategies]),
    remembered: new Remembered(),
    typed: createTypedDeletions(),
  }
  keepCustomKinds(core)
  return {
    core,
    bootstrap: (wanted) => bootstrap(core, wanted),
    get: async (...request) => get(core, ...request),
    list: async (...request) => list(core, ...request),
    create: (...request) => create(core, ...request),
    update: (...request) => update(core, ...request),
    patch: (...request) => patch(core, ...request),
    delete: async (...request) => (await remove(core, ...request)).object,
    deleteCollection: (...request) => deleteCollection(core, ...request),
    watch(...request) {
      try {
        return watch(core, ...request)
      } catch (error) {
        const done = Promise.reject<void>(error)
        done.catch(() => undefined)
        return { done, close: () => undefined }
      }
    },
    stream: (...request) => stream(core, ...request),
  }
}
