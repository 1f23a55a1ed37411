// One embedded cluster, put together: the only file that sees every room below it.
// The API stands on the store; everything else is a client of the API and knows nothing of anything else.
import path from 'node:path'
import type { KubeClient } from '../shared/client.ts'
import type { OnDeletion } from '../shared/deletions.ts'
import type { ApiDoor } from '../shared/operation.ts'
import { ADMINISTRATORS } from './api/access/authorize.ts'
import type { Autoscaling } from './autoscaling/autoscaling.ts'
import { startAutoscaling } from './autoscaling/autoscaling.ts'
import { clusterNameOf } from './cluster-name.ts'
import { bringMulticlusterKinds, startClusterset } from './clusterset/clusterset.ts'
import { readConnection } from './clusterset/join.ts'
import { startControllers } from './controllers/controllers.ts'
import type { ControlPlane } from './control-plane.ts'
import { startControlPlane } from './control-plane.ts'
import type { DataDir } from './data-dir.ts'
import { StartError } from './data-dir.ts'
import { startIngress } from './ingress/ingress.ts'
import type { NginxChoice } from './kubelet/runtime/host-programs.ts'
import { findServer } from './kubelet/runtime/host-programs.ts'
import type { Clock } from './machinery/clock.ts'
import { createInformers } from './machinery/informer.ts'
import { createLocalClient } from './machinery/local-client.ts'
import type { Log } from './machinery/log.ts'
import { messageOf } from './machinery/log.ts'
import type { RoomDeps, Running } from './machinery/room.ts'
import type { Network } from './network/network.ts'
import { startDns } from './network/dns/dns.ts'
import { startNetwork } from './network/network.ts'
import type { Machines } from './nodes.ts'
import { startNodes } from './nodes.ts'
import { startScheduler } from './scheduling/scheduling.ts'

export interface ClusterOptions {
  dataDir: DataDir
  /** 0: any free one. */
  apiPort: number
  nodes: number
  simulatedNodes: number
  nodeMemory: string | undefined
  /** What runs behind the image nginx. */
  nginx: NginxChoice
  proxyMode: 'auto' | 'iptables' | 'userspace'
  /** How many times faster than Kubernetes' the autoscalers' clocks run. */
  autoscalerSpeed: number
  /** What it is called in its set of clusters; undefined: as before, or after its data directory. */
  clusterName: string | undefined
  /** Kubeconfig files of clusters to join. */
  join: readonly string[]
  /** The folder with the built processes. */
  programsDir: string
  version: string
}

export interface Cluster extends Running {
  /** What it is called in its set of clusters. */
  readonly name: string
  /** Where the kubeconfig was written. */
  readonly kubeconfig: string
  readonly apiUrl: string
  /** What an administrator outside this process comes in with. */
  readonly access: { readonly server: string; readonly ca: string; readonly token: string }
  /** Tells what kubectl deletes. */
  readonly onDeletion: OnDeletion
  readonly network: Pick<Network, 'mode' | 'modes' | 'why' | 'rules'>
  readonly server: Machines['server']
  readonly cpu: Machines['cpu']
  readonly files: Machines['files']
  /** Where names are asked for. */
  readonly dns: string
  /** What every room, and the stage, is started with; requests carry the name as their user agent. */
  depsFor(name: string): RoomDeps
}

/** Everybody inside the process acts as an administrator, under a name of its own. */
function inProcess(door: ApiDoor, name: string): KubeClient {
  const user = name.startsWith('podium-') ? name : `system:${name}`
  return createLocalClient(door, { user, groups: [ADMINISTRATORS], userAgent: name })
}

/**
 * Starts a cluster: store, API, nodes, network, controllers, scheduler, in this order.
 * @throws StartError in one sentence; nothing is left running then
 */
export async function startCluster(
  options: ClusterOptions,
  { clock, log }: { clock: Clock; log: Log },
): Promise<Cluster> {
  requireNginx(options)
  await requireKubeconfigs(options)
  const name = await clusterNameOf(options.dataDir, options.clusterName)
  let machines: Machines | undefined
  let autoscaling: Autoscaling | undefined
  const controlPlane = await startControlPlane(options, {
    clock,
    log: log.named('api'),
    nodeDoor: (name) => machines?.doorOf(name),
    use: {
      pods: () => machines?.use.pods() ?? [],
      nodes: () => machines?.use.nodes() ?? [],
      rates: () => autoscaling?.rates() ?? [],
    },
  })
  const { api } = controlPlane
  const informers = createInformers(inProcess(api, 'informers'), clock, log.named('informers'))
  const depsFor = (name: string): RoomDeps => ({
    client: inProcess(api, name),
    informers,
    clock,
    log: log.named(name),
  })
  await bringMulticlusterKinds(inProcess(api, 'clusterset-controller'), name)
  const dns = await startDns(depsFor('coredns'), { address: controlPlane.addresses.dnsIp })
  machines = await startNodes(depsFor('kubelet'), controlPlane, {
    ...options,
    clusterDns: { address: dns.address, port: dns.port },
  })
  const network = await startNetwork(depsFor('kube-proxy'), {
    mode: options.proxyMode,
    programsDir: options.programsDir,
    clusterId: options.dataDir.clusterId,
    nodeCidrs: controlPlane.addresses.nodeCidrs,
    serviceCidr: controlPlane.addresses.serviceCidr,
  })
  autoscaling = startAutoscaling(depsFor('horizontal-pod-autoscaler'), {
    speed: options.autoscalerSpeed,
  })
  const loops = [autoscaling, ...startDeciders(depsFor, controlPlane, { ...options, name })]
  return {
    name,
    kubeconfig: controlPlane.kubeconfig,
    apiUrl: controlPlane.url,
    access: accessTo(controlPlane),
    onDeletion: api.core.typed.subscribe,
    network,
    server: machines.server,
    cpu: machines.cpu,
    files: machines.files,
    dns: dns.why,
    depsFor,
    close: () => closeAll([...loops, dns], machines, network, informers, controlPlane),
  }
}

function requireNginx({ nginx }: ClusterOptions): void {
  if (nginx !== 'installed' || findServer('nginx')) return
  throw new StartError('There is no nginx on this machine: install one, or say --nginx builtin.')
}

function accessTo({ url, caPem, adminToken }: ControlPlane): Cluster['access'] {
  return { server: url, ca: caPem, token: adminToken }
}

async function requireKubeconfigs({ join }: ClusterOptions): Promise<void> {
  for (const file of join) {
    await readConnection(file).catch((error: unknown) => {
      throw new StartError(
        `The kubeconfig ${file} of --join cannot be used (${messageOf(error)}); start that cluster first, or name another.`,
      )
    })
  }
}

function startDeciders(
  depsFor: Cluster['depsFor'],
  { caPem, sign, url }: Pick<ControlPlane, 'caPem' | 'sign' | 'url'>,
  { dataDir, name, join }: ClusterOptions & { name: string },
): Running[] {
  const volumesDir = path.join(dataDir.path, 'volumes')
  return [
    startControllers(depsFor('kube-controller-manager'), { caPem, sign, volumesDir }),
    startScheduler(depsFor('default-scheduler')),
    startClusterset(depsFor('clusterset-controller'), {
      own: { name, server: url, ca: caPem },
      join,
    }),
    startIngress(depsFor('ingress-controller'), { haproxy: findServer('haproxy') }),
  ]
}

/** Deciders first, so that nothing is decided about what is being stopped; the API last. */
async function closeAll(
  loops: readonly Running[],
  machines: Running | undefined,
  network: Running,
  informers: { close(): void },
  controlPlane: ControlPlane,
): Promise<void> {
  await Promise.all(loops.map((loop) => loop.close()))
  // With the machines goes every process of the cluster, and the proxy would start its own again.
  await network.close()
  await machines?.close()
  informers.close()
  await controlPlane.close()
}
