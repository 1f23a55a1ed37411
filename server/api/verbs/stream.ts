// stream: what is below an object and is no object itself: a pod's log, and what pods and services serve.
import type { ObjectKey, StreamResponse } from '../../../shared/client.ts'
import { nodes, pods, services, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { Caller } from '../../../shared/operation.ts'
import { noSuchPath } from '../../../shared/status.ts'
import { authorizeAt, type Verb } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import { podLog } from '../streams/log.ts'
import { nodeProxy } from '../streams/node-proxy.ts'
import { forward, type ForwardRequest } from '../streams/proxy.ts'
import { podTarget, serviceTarget } from '../streams/targets.ts'
import { requireSubresource } from './get.ts'

/** `request.path` begins with the subresource: `log`, `proxy/metrics`. */
export async function stream(
  core: Core,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  request: ForwardRequest,
): Promise<StreamResponse> {
  const [subresource = '', ...rest] = request.path.split('/')
  const below = rest.join('/')
  // Like Kubernetes, reaching through a proxy counts as what its method would be on an object.
  const verb = subresource === 'log' ? 'get' : verbOf(request.method)
  authorizeAt(core, caller, verb, kind, key, subresource)
  requireSubresource(core.registry.of(kind), subresource)
  if (kind.plural === pods.plural && subresource === 'log') return podLog(core, key, request)
  if (subresource === 'proxy' && kind.plural === nodes.plural) {
    return nodeProxy(core, key.name, below, request.method)
  }
  if (subresource === 'proxy') return forward(targetOf(core, kind, key), below, request)
  throw noSuchPath()
}

/** Where a proxy request to this object goes. */
export function targetOf(core: Core, kind: Kind, key: ObjectKey) {
  if (kind.plural === pods.plural) return podTarget(core, key)
  if (kind.plural === services.plural) return serviceTarget(core, key)
  throw noSuchPath()
}

export function verbOf(method = 'GET'): Verb {
  switch (method.toUpperCase()) {
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return 'delete'
    default:
      return 'get'
  }
}
