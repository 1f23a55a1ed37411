// HTTP load balancing: Ingresses are carried out by the data plane of their class. Nothing but two watches runs before
// there is an Ingress.
import type { IngressClass } from '../../shared/kubernetes/ingress.ts'
import { DEFAULT_CLASS_ANNOTATION } from '../../shared/kubernetes/ingress.ts'
import { deployments, ingressClasses, ingresses } from '../../shared/kubernetes/kinds.ts'
import { isAlreadyExists } from '../../shared/status.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { builtIn } from './built-in.ts'
import { startIngressController } from './controller.ts'
import type { DataPlane } from './data-plane.ts'
import { createHaproxy } from './haproxy/haproxy.ts'
import { CLASS_LABEL, NAMESPACE } from './objects.ts'

export interface IngressOptions {
  /** Absolute path of the HAProxy of this machine; undefined when it has none. */
  haproxy: string | undefined
}

/** Creates the classes, and starts controllers with the first Ingress. */
export function startIngress(deps: RoomDeps, { haproxy }: IngressOptions): Running {
  const named = { ...deps, log: deps.log.named('ingress') }
  const dataPlanes = [builtIn, createHaproxy(haproxy)]
  let controller: Running | undefined
  let closed = false
  const start = (): void => {
    if (!closed) controller ??= startIngressController(named, dataPlanes)
  }
  const stop = deps.informers.of(ingresses).subscribe(start)
  const begun = begin(named, dataPlanes, start)
  return {
    async close() {
      closed = true
      stop()
      await begun
      await controller?.close()
    },
  }
}

async function begin(deps: RoomDeps, dataPlanes: readonly DataPlane[], start: () => void) {
  try {
    for (const dataPlane of dataPlanes) await ensureClass(deps, dataPlane)
    // A data plane whose Ingresses went while nobody watched is taken down.
    const { items } = await deps.client.list(deployments, {
      namespace: NAMESPACE,
      labelSelector: CLASS_LABEL,
    })
    if (items.length > 0) start()
  } catch (error) {
    deps.log.warn(`IngressClasses could not be created: ${messageOf(error)}`)
  }
}

async function ensureClass({ client }: RoomDeps, dataPlane: DataPlane): Promise<void> {
  const { className, controller, isDefault } = dataPlane
  const annotations = { [DEFAULT_CLASS_ANNOTATION]: 'true' }
  const ingressClass: IngressClass = {
    metadata: { name: className, ...(isDefault && { annotations }) },
    spec: { controller },
  }
  try {
    await client.create(ingressClasses, ingressClass)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}
