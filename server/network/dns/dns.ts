// Cluster DNS: answers for Services and pods from what the informers hold, and passes on what is none of the cluster's.
import { decode, encode, RECURSION_DESIRED } from 'dns-packet'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import {
  endpoints,
  endpointSlices,
  namespaces,
  services,
} from '../../../shared/kubernetes/kinds.ts'
import {
  MULTICLUSTER_SERVICE_LABEL,
  serviceImports,
} from '../../../shared/kubernetes/multicluster.ts'
import { SERVICE_NAME_LABEL, SERVICE_PROXY_NAME_LABEL } from '../../../shared/kubernetes/network.ts'
import { isNotFound } from '../../../shared/status.ts'
import { messageOf } from '../../machinery/log.ts'
import type { RoomDeps, Running } from '../../machinery/room.ts'
import type { Forwarder } from './forward.ts'
import { createForwarder } from './forward.ts'
import type { Asked } from './messages.ts'
import { answerTo, plain, RCODE, read, roomFor } from './messages.ts'
import type { DnsSockets, Respond } from './sockets.ts'
import { listenDns } from './sockets.ts'
import type { Answer, Reply } from './records.ts'
import type { ZoneView } from './zone.ts'
import { replyTo } from './zone.ts'

const DNS_PORT = 53
const KUBE_DNS = { namespace: 'kube-system', name: 'kube-dns' }

export interface DnsOptions {
  /** The address of the Service kube-dns. */
  address: string
}

export interface Dns extends Running {
  readonly address: string
  /** 53 where that is allowed and free. */
  readonly port: number
  /** Where names are asked for, and by whom, for the start banner. */
  readonly why: string
}

/** Starts answering; resolves when everything known by then is answered for, and the Service says where. */
export async function startDns(deps: RoomDeps, { address }: DnsOptions): Promise<Dns> {
  const view = viewOf(deps)
  const forwarder = createForwarder(address, deps.clock)
  const respond: Respond = (message, over) =>
    responseTo(message, over, view, forwarder).catch((error: unknown) => {
      deps.log.warn(`a name could not be looked up: ${messageOf(error)}`)
      return undefined
    })
  const { sockets, why } = await listenWherePossible(address, respond)
  await Promise.all([
    deps.informers.of(services).synced,
    deps.informers.of(endpointSlices).synced,
    deps.informers.of(namespaces).synced,
  ])
  for (const [kind, object] of objectsOf(address, sockets.port)) await put(deps, kind, object)
  return { address, port: sockets.port, why, close: () => sockets.close() }
}

async function listenWherePossible(
  address: string,
  respond: Respond,
): Promise<{ sockets: DnsSockets; why: string }> {
  try {
    const sockets = await listenDns(address, DNS_PORT, respond)
    return { sockets, why: `cluster names at ${address}` }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const sockets = await listenDns(address, 0, respond)
    const cause = code === 'EACCES' ? 'port 53 needs root' : `port 53: ${code}`
    const at = `${address}:${sockets.port}`
    return { sockets, why: `cluster names at ${at}, in PODIUM_DNS of every container (${cause})` }
  }
}

function viewOf({ informers }: RoomDeps): ZoneView {
  const held = informers.of(services)
  const slices = informers.of(endpointSlices)
  const spaces = informers.of(namespaces)
  const imports = informers.of(serviceImports)
  const serviceOf = (slice: KubeObject): string =>
    `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`
  held.addIndex('address', ({ spec }) => (spec.clusterIP ? [spec.clusterIP] : []))
  slices.addIndex('service', (slice) => [serviceOf(slice)])
  slices.addIndex('import', ({ metadata: { namespace, labels } }) => {
    const name = labels?.[MULTICLUSTER_SERVICE_LABEL]
    return name ? [`${namespace}/${name}`] : []
  })
  slices.addIndex('address', ({ endpoints: all }) => (all ?? []).flatMap((one) => one.addresses))
  return {
    hasNamespace: (name) => spaces.get(name) !== undefined,
    service: (key) => held.get(key),
    slices: (service) => slices.byIndex('service', service),
    serviceImport: (key) => imports.get(key),
    importedSlices: (key) => slices.byIndex('import', key),
    servicesAt(address) {
      const behind = slices.byIndex('address', address).map((slice) => held.get(serviceOf(slice)))
      return [...held.byIndex('address', address), ...behind.filter((one) => one !== undefined)]
    },
  }
}

async function responseTo(
  message: Buffer,
  over: 'udp' | 'tcp',
  view: ZoneView,
  forwarder: Forwarder,
): Promise<Buffer | undefined> {
  const asked = read(message)
  if (!asked || 'answer' in asked) return asked?.answer
  const reply = replyTo(view, asked.question)
  if (!reply) return (await forwarder.ask(message)) ?? plain(asked.packet, RCODE.failed)
  const whole = await followed(reply, asked, view, forwarder)
  return answerTo(asked, whole, over === 'udp' ? roomFor(asked.packet) : undefined)
}

/** Resolvers want the address behind an external name in the same answer. */
async function followed(
  reply: Reply,
  { question, packet }: Asked,
  view: ZoneView,
  forwarder: Forwarder,
): Promise<Reply> {
  if (reply.elsewhere === undefined || question.type === 'CNAME') return reply
  const next = { name: reply.elsewhere, type: question.type }
  const own = replyTo(view, next)
  if (own) return { ...reply, answers: [...reply.answers, ...own.answers] }
  const { id = 0 } = packet
  const message = encode({ type: 'query', id, flags: RECURSION_DESIRED, questions: [next] })
  const answer = await forwarder.ask(message)
  const more = answer ? (decode(answer).answers ?? []) : []
  return { ...reply, answers: [...reply.answers, ...(more as Answer[])] }
}

/** What says where names are asked for, as in every cluster. */
function objectsOf(address: string, port: number): [Kind, KubeObject][] {
  const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true' }
  const ports = [
    { name: 'dns', port, protocol: 'UDP' },
    { name: 'dns-tcp', port, protocol: 'TCP' },
  ]
  const service = {
    // It answers at this address by itself; the service proxy has nothing to do.
    metadata: { ...KUBE_DNS, labels: { ...labels, [SERVICE_PROXY_NAME_LABEL]: 'podium-dns' } },
    spec: { clusterIP: address, ports: ports.map((one) => ({ ...one, targetPort: port })) },
  }
  const skip = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
  const old = {
    metadata: { ...KUBE_DNS, labels: { ...labels, ...skip } },
    subsets: [{ addresses: [{ ip: address }], ports }],
  }
  const slice = {
    metadata: { ...KUBE_DNS, labels: { ...labels, [SERVICE_NAME_LABEL]: KUBE_DNS.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports,
  }
  return [
    [services, service],
    [endpoints, old],
    [endpointSlices, slice],
  ]
}

async function put({ client }: RoomDeps, kind: Kind, object: KubeObject): Promise<void> {
  try {
    await client.patch(kind, KUBE_DNS, object, { type: 'merge' })
  } catch (error) {
    if (!isNotFound(error)) throw error
    await client.create(kind, object)
  }
}
