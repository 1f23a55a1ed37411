// Finds the ConfigMaps, Secrets and Services a pod refers to.
import type { KubeClient } from '../../shared/client.ts'
import type { ConfigMap, Secret } from '../../shared/kubernetes/cluster.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { configMaps, secrets, services } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { Service } from '../../shared/kubernetes/network.ts'
import { isNotFound } from '../../shared/status.ts'
import type { Informer, Informers } from '../machinery/informer.ts'

export interface References {
  configMaps: readonly string[]
  secrets: readonly string[]
}

export interface FoundObjects {
  configMaps: Map<string, ConfigMap>
  secrets: Map<string, Secret>
}

/** What changed: `configmaps default/settings`. */
export type ReferenceKey = string

const BY_NAMESPACE = 'namespace'

/** Reads through the shared informers; what they do not have yet is asked for, because informers lag. */
export class ObjectFinder {
  readonly #client: KubeClient
  readonly #configMaps: Informer<ConfigMap>
  readonly #secrets: Informer<Secret>
  readonly #services: Informer<Service>
  readonly #interested = new Map<ReferenceKey, Set<() => void>>()
  readonly #unsubscribe: (() => void)[]

  constructor(client: KubeClient, informers: Informers) {
    this.#client = client
    this.#configMaps = informers.of(configMaps)
    this.#secrets = informers.of(secrets)
    this.#services = informers.of(services)
    this.#services.addIndex(BY_NAMESPACE, ({ metadata }) => [metadata.namespace ?? ''])
    this.#unsubscribe = [
      this.#configMaps.subscribe(({ object }) => this.#tell(configMaps, object)),
      this.#secrets.subscribe(({ object }) => this.#tell(secrets, object)),
    ]
  }

  get synced(): Promise<unknown> {
    return Promise.all([this.#configMaps.synced, this.#secrets.synced, this.#services.synced])
  }

  /** Those of the named objects that exist. */
  async find(namespace: string, names: References): Promise<FoundObjects> {
    const [maps, found] = await Promise.all([
      this.#findAll(configMaps, this.#configMaps, namespace, names.configMaps),
      this.#findAll(secrets, this.#secrets, namespace, names.secrets),
    ])
    return { configMaps: maps, secrets: found }
  }

  /** The services of a namespace, oldest first. */
  services(namespace: string): Service[] {
    const age = ({ metadata }: Service): string => metadata.creationTimestamp ?? ''
    return [...this.#services.byIndex(BY_NAMESPACE, namespace)].sort((a, b) =>
      age(a) < age(b) ? -1 : 1,
    )
  }

  apiService(): Service | undefined {
    return this.#services.get('default/kubernetes')
  }

  /** Calls back when one of these objects changes, until the returned function is called. */
  follow(namespace: string, names: References, onChange: () => void): () => void {
    const keys = [
      ...names.configMaps.map((name) => `${configMaps.plural} ${namespace}/${name}`),
      ...names.secrets.map((name) => `${secrets.plural} ${namespace}/${name}`),
    ]
    for (const key of keys) {
      const set = this.#interested.get(key) ?? new Set()
      this.#interested.set(key, set.add(onChange))
    }
    return () => {
      for (const key of keys) {
        const set = this.#interested.get(key)
        set?.delete(onChange)
        if (set?.size === 0) this.#interested.delete(key)
      }
    }
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
  }

  #tell(kind: Kind, object: KubeObject): void {
    for (const onChange of this.#interested.get(`${kind.plural} ${keyOf(object)}`) ?? []) onChange()
  }

  async #findAll<T extends KubeObject>(
    kind: Kind<T>,
    informer: Informer<T>,
    namespace: string,
    names: readonly string[],
  ): Promise<Map<string, T>> {
    const found = new Map<string, T>()
    for (const name of names) {
      const object =
        informer.get(`${namespace}/${name}`) ?? (await this.#ask(kind, namespace, name))
      if (object) found.set(name, object)
    }
    return found
  }

  async #ask<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    name: string,
  ): Promise<T | undefined> {
    try {
      return await this.#client.get(kind, { namespace, name })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
}
