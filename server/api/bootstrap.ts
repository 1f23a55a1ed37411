// What every cluster begins with: its four namespaces, and the `kubernetes` Service that leads to this API.
import {
  clusterRoleBindings,
  clusterRoles,
  endpoints,
  endpointSlices,
  namespaces,
  priorityClasses,
  roleBindings,
  roles,
  services,
  type Kind,
} from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import {
  SERVICE_NAME_LABEL,
  type Endpoints,
  type EndpointSlice,
  type Service,
} from '../../shared/kubernetes/network.ts'
import type { Caller } from '../../shared/operation.ts'
import { ADMINISTRATORS } from './access/authorize.ts'
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  ROLE_BINDINGS,
  ROLES,
  withDefaults,
} from './access/default-roles.ts'
import type { Core } from './core.ts'
import { expireEvents } from './expiry.ts'
import { SYSTEM_CLASSES } from './kinds/policy.ts'
import { storeKey } from './keys.ts'
import { create } from './verbs/create.ts'
import { remove } from './verbs/delete.ts'
import { update } from './verbs/update.ts'

export interface BootstrapOptions {
  /** Where this API listens, as pods reach it. */
  apiHost: string
  apiPort: number
  /** The virtual address of the `kubernetes` Service. */
  serviceIp: string
}

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const

const APISERVER: Caller = {
  user: 'system:apiserver',
  groups: [ADMINISTRATORS],
  userAgent: 'apiserver',
}

/** Creates what is missing, lets old events expire, and brings back the way to the API whenever somebody deletes it. */
export async function bootstrap(core: Core, options: BootstrapOptions): Promise<void> {
  for (const name of NAMESPACES) await ensure(core, namespaces, { metadata: { name } })
  await bootstrapAccess(core)
  for (const priorityClass of SYSTEM_CLASSES) {
    if (core.store.get(storeKey(priorityClasses, { name: priorityClass.metadata.name ?? '' })))
      continue
    await create(core, APISERVER, priorityClasses, undefined, structuredClone(priorityClass), {})
  }
  const way: [Kind, KubeObject][] = [
    [services, kubernetesService(options)],
    [endpoints, kubernetesEndpoints(options)],
    [endpointSlices, kubernetesSlice(options)],
  ]
  for (const [kind, object] of way) {
    await ensure(core, kind, object)
    keep(core, kind, object)
  }
  expireEvents(core)
}

const ACCESS: readonly [Kind, readonly KubeObject[]][] = [
  [clusterRoles, CLUSTER_ROLES],
  [clusterRoleBindings, CLUSTER_ROLE_BINDINGS],
  [roles, ROLES],
  [roleBindings, ROLE_BINDINGS],
]

/** The default roles and bindings: made where they are missing, and given back what somebody took from them. */
async function bootstrapAccess(core: Core): Promise<void> {
  for (const [kind, wanted] of ACCESS) {
    for (const object of wanted) {
      const { namespace, name = '' } = object.metadata
      const key = { namespace, name }
      const held = core.store.get(storeKey(kind, key))?.value as KubeObject | undefined
      const repaired = held && withDefaults(held, object)
      if (!held) await create(core, APISERVER, kind, namespace, structuredClone(object), {})
      else if (repaired) await update(core, APISERVER, kind, key, repaired, {})
    }
  }
}

/** As kube-apiserver's controller of the `kubernetes` Service does. */
function keep(core: Core, kind: Kind, object: KubeObject): void {
  const key = storeKey(kind, { namespace: 'default', name: 'kubernetes' })
  core.store.watch(key, core.store.revision, (change) => {
    if (change.type !== 'delete' || change.key !== key) return
    // Should the store be closing, there is nothing left to keep.
    ensure(core, kind, object).catch(() => undefined)
  })
}

/** Creates the object, or brings what it says up to date where it already stands. */
async function ensure(core: Core, kind: Kind, object: KubeObject): Promise<void> {
  const { namespace, name = '' } = object.metadata
  const key = { namespace, name }
  const held = core.store.get(storeKey(kind, key))?.value as KubeObject | undefined
  if (held && kind === namespaces) return
  if (held && sameAddress(kind, held, object)) {
    await update(core, APISERVER, kind, key, { ...held, ...object, metadata: held.metadata }, {})
    return
  }
  // A Service keeps its address for life: with another one it is another Service.
  if (held) await remove(core, APISERVER, kind, key, {})
  await create(core, APISERVER, kind, namespace, object, {})
}

function sameAddress(kind: Kind, held: KubeObject, object: KubeObject): boolean {
  const addressOf = (service: KubeObject) => (service as Service).spec.clusterIP
  return kind !== services || addressOf(held) === addressOf(object)
}

const meta = (labels: Record<string, string>): KubeObject['metadata'] => ({
  name: 'kubernetes',
  namespace: 'default',
  labels,
})

function kubernetesService({ apiPort, serviceIp }: BootstrapOptions): Service {
  return {
    metadata: meta({ component: 'apiserver', provider: 'kubernetes' }),
    spec: {
      type: 'ClusterIP',
      clusterIP: serviceIp,
      clusterIPs: [serviceIp],
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: apiPort }],
    },
  }
}

function kubernetesEndpoints({ apiHost, apiPort }: BootstrapOptions): Endpoints {
  return {
    metadata: meta({ 'endpointslice.kubernetes.io/skip-mirror': 'true' }),
    subsets: [
      {
        addresses: [{ ip: apiHost }],
        ports: [{ name: 'https', port: apiPort, protocol: 'TCP' }],
      },
    ],
  }
}

function kubernetesSlice({ apiHost, apiPort }: BootstrapOptions): EndpointSlice {
  return {
    metadata: meta({ [SERVICE_NAME_LABEL]: 'kubernetes' }),
    addressType: 'IPv4',
    endpoints: [{ addresses: [apiHost], conditions: { ready: true } }],
    ports: [{ name: 'https', port: apiPort, protocol: 'TCP' }],
  }
}
