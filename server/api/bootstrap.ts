// What every cluster begins with: its four namespaces, and the `kubernetes` Service that leads to this API.
import {
  endpoints,
  endpointSlices,
  namespaces,
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
import { isNotFound } from '../../shared/status.ts'
import { ADMINISTRATORS } from './access/authorize.ts'
import type { Core } from './core.ts'
import { create } from './verbs/create.ts'
import { get } from './verbs/get.ts'
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

export async function bootstrap(core: Core, options: BootstrapOptions): Promise<void> {
  for (const name of NAMESPACES) await ensure(core, namespaces, { metadata: { name } })
  await ensure(core, services, kubernetesService(options))
  await ensure(core, endpoints, kubernetesEndpoints(options))
  await ensure(core, endpointSlices, kubernetesSlice(options))
}

/** Creates the object, or brings what it says up to date where it already stands. */
async function ensure(core: Core, kind: Kind, object: KubeObject): Promise<void> {
  const { namespace, name = '' } = object.metadata
  const key = { namespace, name }
  try {
    const held = get(core, APISERVER, kind, key)
    if (kind !== namespaces && kind !== services) {
      await update(core, APISERVER, kind, key, { ...held, ...object, metadata: held.metadata }, {})
    }
  } catch (error) {
    if (!isNotFound(error)) throw error
    await create(core, APISERVER, kind, namespace, object, {})
  }
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
