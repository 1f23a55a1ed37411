// What every namespace has from the start: the ServiceAccount its pods act as, and the certificate by which they know the
// API (pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher).
import type { ConfigMap, ServiceAccount } from '../../shared/kubernetes/cluster.ts'
import { configMaps, namespaces, serviceAccounts } from '../../shared/kubernetes/kinds.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { isAlreadyExists } from '../../shared/status.ts'
import { startController } from '../machinery/controller.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { source } from './owned.ts'

const ACCOUNT = 'default'
const ROOT_CA = 'kube-root-ca.crt'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Starts giving every namespace its ServiceAccount and, where a certificate is given, its ConfigMap. */
export function startServiceAccounts(deps: RoomDeps, caPem: string | undefined): Running {
  const { client } = deps
  const spaces = deps.informers.of(namespaces)
  const accounts = deps.informers.of(serviceAccounts)
  const maps = deps.informers.of(configMaps)

  const ensureAccount = async (namespace: string): Promise<void> => {
    if (accounts.get(`${namespace}/${ACCOUNT}`)) return
    const account: ServiceAccount = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: ACCOUNT, namespace },
    }
    await client.create(serviceAccounts, account).catch(ignoreExisting)
  }

  const ensureCertificate = async (namespace: string, ca: string): Promise<void> => {
    const held = maps.get(`${namespace}/${ROOT_CA}`)
    if (held?.data?.['ca.crt'] === ca && Object.keys(held.data).length === 1) return
    const annotations = { 'kubernetes.io/description': DESCRIPTION }
    const map: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: held?.metadata ?? { name: ROOT_CA, namespace, annotations },
      data: { 'ca.crt': ca },
    }
    if (held) await client.update(configMaps, map)
    else await client.create(configMaps, map).catch(ignoreExisting)
  }

  const reconcile = async (name: string): Promise<void> => {
    const namespace = spaces.get(name)
    if (!namespace || isBeingDeleted(namespace)) return
    await ensureAccount(name)
    if (caPem !== undefined) await ensureCertificate(name, caPem)
  }

  const ofNamespace = (wanted: string) => (object: ConfigMap | ServiceAccount) =>
    object.metadata.name === wanted ? [object.metadata.namespace ?? ''] : []
  return startController(deps, {
    name: 'serviceaccount-controller',
    for: namespaces,
    watches: [
      source(serviceAccounts, ofNamespace(ACCOUNT)),
      source(configMaps, ofNamespace(ROOT_CA)),
    ],
    reconcile,
  })
}

function ignoreExisting(error: unknown): void {
  if (!isAlreadyExists(error)) throw error
}
