// Endpoints and EndpointSlices: carries out endpoints-plan for every service with a selector.
import {
  endpoints as endpointsKind,
  endpointSlices,
  pods,
  services,
} from '../../shared/kubernetes/kinds.ts'
import { splitKey } from '../../shared/kubernetes/meta.ts'
import type { Endpoints, EndpointSlice, Service } from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { mapMatcher } from '../../shared/selectors.ts'
import { isAlreadyExists } from '../../shared/status.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { ignoreNotFound, isNamespaceTerminating } from './objects.ts'
import { allAtOnce } from './batches.ts'
import {
  ENDPOINTS_MANAGED_BY_LABEL,
  ENDPOINTS_MANAGER,
  endpointTraits,
  MANAGED_BY_LABEL,
  planEndpoints,
  planSlices,
  sameEndpoints,
  SLICE_MANAGER,
} from './endpoints-plan.ts'
import { source } from './owned.ts'
import { PendingWrites } from './pending-writes.ts'
import type { Throttle } from './throttle.ts'
import { createThrottle, restFor } from './throttle.ts'

const BY_LABEL = 'controllers/namespace-and-label'
const BY_SELECTOR = 'controllers/namespace-and-first-of-selector'
const BY_SERVICE = 'controllers/service-of-slice'

const term = (namespace = '', key: string, value: string): string => `${namespace}/${key}=${value}`

/** Starts the controller of Endpoints and EndpointSlices. */
export function startEndpoints(deps: RoomDeps): Running {
  return new EndpointsController(deps)
}

class EndpointsController implements Running {
  readonly #deps: RoomDeps
  readonly #services: Informer<Service>
  readonly #pods: Informer<Pod>
  readonly #slices: Informer<EndpointSlice>
  readonly #endpoints: Informer<Endpoints>
  readonly #writes: PendingWrites
  readonly #controller: Controller
  readonly #throttle: Throttle
  readonly #unsubscribe: () => void

  constructor(deps: RoomDeps) {
    this.#deps = deps
    this.#services = deps.informers.of(services)
    this.#pods = deps.informers.of(pods)
    this.#slices = deps.informers.of(endpointSlices)
    this.#endpoints = deps.informers.of(endpointsKind)
    this.#addIndexes()
    this.#writes = new PendingWrites(this.#slices)
    this.#controller = startController(deps, {
      name: 'endpoints-controller',
      for: services,
      watches: [
        source(endpointSlices, (slice) => managedServiceOf(slice)),
        source(endpointsKind, (object) => endpointsServiceOf(object)),
      ],
      reconcile: (key) => this.#reconcile(key),
    })
    const rest = (key: string): number => restFor(this.#podsOf(this.#services.get(key)).length)
    this.#throttle = createThrottle(deps.clock, rest, (key) => this.#controller.enqueue(key))
    this.#unsubscribe = this.#pods.subscribe((change) => this.#podChanged(change))
  }

  #addIndexes(): void {
    this.#pods.addIndex(BY_LABEL, ({ metadata }) =>
      Object.entries(metadata.labels ?? {}).map(([key, value]) =>
        term(metadata.namespace, key, value),
      ),
    )
    this.#services.addIndex(BY_SELECTOR, ({ metadata, spec }) => {
      const [first] = Object.entries(spec.selector ?? {})
      return first ? [term(metadata.namespace, ...first)] : []
    })
    this.#slices.addIndex(BY_SERVICE, managedServiceOf)
  }

  #podChanged({ type, object, previous }: ObjectChange<Pod>): void {
    if (type === 'modified' && previous && endpointTraits(object) === endpointTraits(previous))
      return
    this.#touchServicesOf(object)
    if (previous) this.#touchServicesOf(previous)
  }

  #touchServicesOf({ metadata: { namespace = '', labels = {} } }: Pod): void {
    for (const [key, value] of Object.entries(labels)) {
      for (const service of this.#services.byIndex(BY_SELECTOR, term(namespace, key, value))) {
        const name = service.metadata.name ?? ''
        if (mapMatcher(service.spec.selector)(labels)) this.#throttle.touch(`${namespace}/${name}`)
      }
    }
  }

  /** The pods a service selects: those with the rarest of its labels, looked through for the others. */
  #podsOf(service: Service | undefined): readonly Pod[] {
    const entries = Object.entries(service?.spec.selector ?? {})
    const { namespace } = service?.metadata ?? {}
    const [rarest = [], ...others] = entries
      .map(([key, value]) => this.#pods.byIndex(BY_LABEL, term(namespace, key, value)))
      .sort((a, b) => a.length - b.length)
    if (others.length === 0) return rarest
    const matches = mapMatcher(service?.spec.selector)
    return rarest.filter((pod) => matches(pod.metadata.labels))
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    await this.#pods.synced
    const service = this.#services.get(key)
    if (!service) return this.#removeAll(key)
    if (!service.spec.selector || Object.keys(service.spec.selector).length === 0) return
    if (service.spec.type === 'ExternalName') return
    const selected = this.#podsOf(service)
    // Slices first: they are what the service proxy goes by.
    if (this.#writes.areInView(key)) await this.#writeSlices(key, service, selected)
    await this.#writeEndpoints(key, service, selected)
  }

  async #writeSlices(key: string, service: Service, selected: readonly Pod[]): Promise<void> {
    const { client } = this.#deps
    const plan = planSlices(service, selected, this.#slices.byIndex(BY_SERVICE, key))
    const wrote = (slice: EndpointSlice): void => this.#writes.wrote(key, slice)
    await allAtOnce(plan.update, (slice) => client.update(endpointSlices, slice).then(wrote))
    await allAtOnce(plan.create, (slice) =>
      client.create(endpointSlices, slice).then(wrote, ignoreTerminating),
    )
    await allAtOnce(plan.remove, (slice) => this.#remove(key, slice))
  }

  async #writeEndpoints(key: string, service: Service, selected: readonly Pod[]): Promise<void> {
    const { client } = this.#deps
    const wanted = planEndpoints(service, selected)
    const held = this.#endpoints.get(key)
    if (held && sameEndpoints(held, wanted)) return
    if (held) {
      const { annotations: _old, ...rest } = held.metadata
      const metadata = { ...rest, ...wanted.metadata }
      await client.update(endpointsKind, { ...wanted, metadata })
      return
    }
    try {
      await client.create(endpointsKind, wanted)
    } catch (error) {
      // Not in view yet: its coming into view brings us back.
      if (!isAlreadyExists(error)) ignoreTerminating(error)
    }
  }

  /** The service is gone, and so is what was made for it. */
  async #removeAll(key: string): Promise<void> {
    this.#writes.forget(key)
    await allAtOnce(this.#slices.byIndex(BY_SERVICE, key), (slice) => this.#remove(key, slice))
    const held = this.#endpoints.get(key)
    if (!held || endpointsServiceOf(held).length === 0) return
    const { namespace, name } = splitKey(key)
    await this.#deps.client.delete(endpointsKind, { namespace, name }).catch(ignoreNotFound)
  }

  async #remove(key: string, slice: EndpointSlice): Promise<void> {
    const { namespace, name = '' } = slice.metadata
    await this.#deps.client.delete(endpointSlices, { namespace, name }).catch(ignoreNotFound)
    this.#writes.deleted(key, slice)
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    this.#throttle.close()
    await this.#controller.close()
  }
}

/** The service a slice was made for, if this controller made it. */
function managedServiceOf({ metadata }: EndpointSlice): string[] {
  const service = metadata.labels?.[SERVICE_NAME_LABEL]
  const ours = metadata.labels?.[MANAGED_BY_LABEL] === SLICE_MANAGER
  return ours && service ? [`${metadata.namespace}/${service}`] : []
}

function endpointsServiceOf({ metadata }: Endpoints): string[] {
  const ours = metadata.labels?.[ENDPOINTS_MANAGED_BY_LABEL] === ENDPOINTS_MANAGER
  return ours ? [`${metadata.namespace}/${metadata.name}`] : []
}

function ignoreTerminating(error: unknown): void {
  if (!isNamespaceTerminating(error)) throw error
}
