// Keeps each class' data plane as its Ingresses want it: plan, files, pods, addresses in status, events.
import type { Ingress, IngressClass } from '../../shared/kubernetes/ingress.ts'
import { INGRESS_CLASS_ANNOTATION } from '../../shared/kubernetes/ingress.ts'
import {
  apiVersionOf,
  deployments,
  endpointSlices,
  ingressClasses,
  ingresses,
  secrets,
  services,
  type Kind,
} from '../../shared/kubernetes/kinds.ts'
import { keyOf, type KubeObject } from '../../shared/kubernetes/meta.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import { isAlreadyExists, isNotFound } from '../../shared/status.ts'
import { source, startController } from '../machinery/controller.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { DataPlane } from './data-plane.ts'
import { CLASS_LABEL, deploymentFor, nameOf, NAMESPACE, secretFor, serviceFor } from './objects.ts'
import { makeOwnCertificate } from './own-certificate.ts'
import { planRouting, type Problem, type RoutingPlan } from './plan.ts'
import type { Certificate } from './routing-table.ts'

const BY_CLASS = 'ingress/class'
const BY_SERVICE = 'ingress/service-of-slice'

/** The class that carries an Ingress out. */
const classOf = ({ spec, metadata }: Ingress): string[] => {
  const name = spec.ingressClassName ?? metadata.annotations?.[INGRESS_CLASS_ANNOTATION]
  return name ? [name] : []
}

const serviceOfSlice = ({ metadata }: KubeObject): string[] => {
  const name = metadata.labels?.[SERVICE_NAME_LABEL]
  return name ? [`${metadata.namespace ?? ''}/${name}`] : []
}

/** The class whose data plane an object belongs to. */
const classOwning = ({ metadata }: KubeObject): string[] => {
  const name = metadata.labels?.[CLASS_LABEL]
  return name && metadata.namespace === NAMESPACE ? [name] : []
}

/** Starts carrying out the Ingresses of all classes whose controller is one of the data planes. */
export function startIngressController(deps: RoomDeps, dataPlanes: readonly DataPlane[]): Running {
  return new IngressController(deps, dataPlanes)
}

class IngressController implements Running {
  readonly #deps: RoomDeps
  readonly #dataPlanes: readonly DataPlane[]
  readonly #events: EventRecorder
  readonly #loop: Running
  /** Classes by what their tables were made from: `services a/b`, `secrets a/b`. */
  readonly #usedBy = new Map<string, Set<string>>()
  readonly #uses = new Map<string, Set<string>>()
  /** What was told of each class' Ingresses, so that it is told once. */
  readonly #told = new Map<string, Set<string>>()
  readonly #ownCertificates = new Map<string, Promise<Certificate>>()

  constructor(deps: RoomDeps, dataPlanes: readonly DataPlane[]) {
    this.#deps = deps
    this.#dataPlanes = dataPlanes
    this.#events = createEventRecorder({ ...deps, component: 'ingress-controller' })
    deps.informers.of(ingresses).addIndex(BY_CLASS, classOf)
    deps.informers.of(endpointSlices).addIndex(BY_SERVICE, serviceOfSlice)
    this.#loop = startController(deps, {
      name: 'ingress-controller',
      for: ingressClasses,
      watches: [
        source(ingresses, classOf),
        source(services, (object) => [...classOwning(object), ...this.#users(services, object)]),
        source(endpointSlices, (slice) =>
          serviceOfSlice(slice).flatMap((key) => this.#usersOf(`${services.plural} ${key}`)),
        ),
        source(secrets, (object) => [...classOwning(object), ...this.#users(secrets, object)]),
        source(deployments, classOwning),
      ],
      reconcile: (name) => this.#reconcile(name),
    })
  }

  #users(kind: Kind, object: KubeObject): string[] {
    return this.#usersOf(`${kind.plural} ${keyOf(object)}`)
  }

  #usersOf(reference: string): string[] {
    return [...(this.#usedBy.get(reference) ?? [])]
  }

  async #reconcile(name: string): Promise<void> {
    const { informers } = this.#deps
    const ingressClass = informers.of(ingressClasses).get(name)
    const controller = ingressClass?.spec?.controller
    const dataPlane = this.#dataPlanes.find((one) => one.controller === controller)
    const own = informers.of(ingresses).byIndex(BY_CLASS, name)
    if (!ingressClass || !dataPlane || own.length === 0) {
      this.#remember(name, undefined)
      await this.#takeDown(name)
      return
    }
    if (dataPlane.unavailable) {
      this.#tellClass(ingressClass, 'Unavailable', dataPlane.unavailable)
      return
    }
    const plan = planRouting({
      ingresses: own,
      service: (key) => informers.of(services).get(key),
      slices: (key) => informers.of(endpointSlices).byIndex(BY_SERVICE, key),
      secret: (key) => informers.of(secrets).get(key),
    })
    this.#remember(name, plan)
    this.#tell(name, plan.problems)
    await this.#serve(ingressClass, dataPlane, plan)
    await this.#writeAddresses(own, this.#addressOf(name))
  }

  /** A change of what the plan was made from makes a new plan. */
  #remember(name: string, plan: RoutingPlan | undefined): void {
    for (const reference of this.#uses.get(name) ?? []) this.#usedBy.get(reference)?.delete(name)
    const { services: ofServices = [], secrets: ofSecrets = [] } = plan?.references ?? {}
    const uses = new Set([
      ...[...ofServices].map((key) => `${services.plural} ${key}`),
      ...[...ofSecrets].map((key) => `${secrets.plural} ${key}`),
    ])
    this.#uses.set(name, uses)
    for (const reference of uses) {
      const users = this.#usedBy.get(reference) ?? new Set()
      this.#usedBy.set(reference, users.add(name))
    }
  }

  #tell(name: string, problems: readonly Problem[]): void {
    const before = this.#told.get(name) ?? new Set()
    const now = new Set<string>()
    for (const { ingress, reason, message } of problems) {
      const key = `${keyOf(ingress)} ${message}`
      now.add(key)
      if (before.has(key)) continue
      const about = { ...ingress, kind: 'Ingress', apiVersion: apiVersionOf(ingresses) }
      this.#events.event(about, 'Warning', reason, message)
    }
    this.#told.set(name, now)
  }

  #tellClass(ingressClass: IngressClass, reason: string, message: string): void {
    const about = {
      ...ingressClass,
      kind: 'IngressClass',
      apiVersion: apiVersionOf(ingressClasses),
    }
    this.#events.event(about, 'Warning', reason, message)
  }

  async #serve(ingressClass: IngressClass, dataPlane: DataPlane, { table }: RoutingPlan) {
    const name = ingressClass.metadata.name ?? ''
    const certificates = [...table.certificates]
    if (!certificates.some(({ hosts }) => hosts.length === 0)) {
      certificates.push(await this.#ownCertificate(name))
    }
    let files: Record<string, string>
    try {
      files = await dataPlane.files({ ...table, certificates })
    } catch (error) {
      // What is in force stays.
      this.#tellClass(ingressClass, 'InvalidConfiguration', messageOf(error))
      return
    }
    await this.#put(secrets, secretFor(ingressClass, files), (held, wanted) =>
      JSON.stringify(held.data) === JSON.stringify(wanted.data) ? undefined : { data: wanted.data },
    )
    await this.#put(services, serviceFor(ingressClass))
    await this.#put(deployments, deploymentFor(ingressClass, dataPlane), (held, wanted) => {
      const argsOf = ({ spec }: typeof held) => spec.template.spec.containers[0]?.args ?? []
      if (JSON.stringify(argsOf(held)) === JSON.stringify(argsOf(wanted))) return undefined
      return { spec: { template: wanted.spec.template } }
    })
  }

  #ownCertificate(name: string): Promise<Certificate> {
    const held = this.#ownCertificates.get(name) ?? makeOwnCertificate(this.#deps.clock.now())
    this.#ownCertificates.set(name, held)
    return held
  }

  /** Creates what is missing; `change` answers what to patch in what is there. How many replicas is the user's affair. */
  async #put<T extends KubeObject>(
    kind: Kind<T>,
    wanted: T,
    change: (held: T, wanted: T) => object | undefined = () => undefined,
  ): Promise<void> {
    const { client, informers } = this.#deps
    const held = informers.of(kind).get(keyOf(wanted))
    const patch = held && change(held, wanted)
    const { namespace, name = '' } = wanted.metadata
    if (patch) await client.patch(kind, { namespace, name }, patch, { type: 'merge' })
    if (held) return
    try {
      await client.create(kind, wanted)
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
  }

  async #takeDown(name: string): Promise<void> {
    const key = { namespace: NAMESPACE, name: nameOf(name) }
    this.#told.delete(name)
    this.#ownCertificates.delete(name)
    for (const kind of [deployments, services, secrets] as const) {
      const held = this.#deps.informers.of<KubeObject>(kind).get(`${key.namespace}/${key.name}`)
      if (held?.metadata.labels?.[CLASS_LABEL] !== name) continue
      try {
        await this.#deps.client.delete<KubeObject>(kind, key, { propagationPolicy: 'Background' })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
  }

  /** Where the class is served; undefined before a pod is there to answer. */
  #addressOf(name: string): string | undefined {
    const key = `${NAMESPACE}/${nameOf(name)}`
    const deployment = this.#deps.informers.of(deployments).get(key)
    const ready = (deployment?.status?.readyReplicas ?? 0) > 0
    return ready ? this.#deps.informers.of(services).get(key)?.spec.clusterIP : undefined
  }

  async #writeAddresses(own: readonly Ingress[], ip: string | undefined): Promise<void> {
    // An address that was given stays: the Service keeps it while pods come and go.
    if (ip === undefined) return
    const behind = own.filter(({ status, metadata }) => {
      const held = status?.loadBalancer?.ingress
      return !metadata.deletionTimestamp && (held?.length !== 1 || held[0]?.ip !== ip)
    })
    const patch = { status: { loadBalancer: { ingress: [{ ip }] } } }
    for (const { metadata } of behind) {
      const key = { namespace: metadata.namespace, name: metadata.name ?? '' }
      try {
        await this.#deps.client.patch(ingresses, key, patch, {
          type: 'merge',
          subresource: 'status',
        })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
  }

  async close(): Promise<void> {
    await this.#loop.close()
    await this.#events.flushed()
  }
}
