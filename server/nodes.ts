// The nodes of an embedded cluster: several on this machine, each with its share of it, and simulated ones.
import { realpath } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { AddressBlock } from '../shared/addresses.ts'
import type { NodeDoor } from '../shared/operation.ts'
import { formatBytes, formatMilliCpu } from '../shared/quantity.ts'
import type { DataDir } from './data-dir.ts'
import { startKubelet } from './kubelet/kubelet.ts'
import { openFileSystems } from './kubelet/runtime/file-systems.ts'
import { describeServer, findHostPrograms } from './kubelet/runtime/host-programs.ts'
import { sweepLeftovers } from './kubelet/runtime/leftovers.ts'
import { startMeter } from './kubelet/runtime/meter.ts'
import { createProcessRuntime } from './kubelet/runtime/process-runtime.ts'
import { startWarden } from './kubelet/runtime/warden.ts'
import { startSimulatedNodes } from './kubelet/simulated.ts'
import type { MeasuredUse } from '../shared/usage.ts'
import { nodeUse } from '../shared/usage.ts'
import type { NginxChoice } from './kubelet/runtime/host-programs.ts'
import type { ClusterDns } from './kubelet/pod-names.ts'
import type { RoomDeps, Running } from './machinery/room.ts'

const MEBIBYTE = 2 ** 20
/** As many pods per node as Kubernetes' kubelet takes by default (--max-pods). */
const PODS_PER_NODE = '110'

/** Of a node: whether its pods have file systems of their own or share the machine's. */
const POD_FILES_LABEL = 'podium.dev/pod-files'

export interface NodesOptions {
  dataDir: DataDir
  nodes: number
  simulatedNodes: number
  nodeMemory: string | undefined
  /** What runs behind the image nginx. */
  nginx: NginxChoice
  programsDir: string
  /** Where the cluster's names are asked for. */
  clusterDns: ClusterDns | undefined
}

export interface Machines extends Running {
  /** What answers behind the image `nginx` on this machine, and why. */
  readonly server: { name: string; why: string }
  /** What pods see of files. */
  readonly files: string
  /** What shares processor time among pods. */
  readonly cpu: string
  /** Reaches a node's kubelet for logs. */
  doorOf(node: string): NodeDoor | undefined
  /** What the pods of real nodes use. */
  readonly use: Pick<MeasuredUse, 'pods' | 'nodes'>
}

/**
 * What one of `nodes` nodes may hand out of this machine: an equal share of the memory, for what is promised twice cannot
 * be given twice; but all of its cores, which any node can use while the others are idle, so that a pod that asks for a
 * whole core finds a place on a small machine too.
 */
export function shareOfMachine(
  nodes: number,
  machine: { cores: number; memoryBytes: number },
): { cpu: string; memory: string; pods: string } {
  const memory = Math.floor(machine.memoryBytes / nodes / MEBIBYTE) * MEBIBYTE
  return {
    cpu: formatMilliCpu(machine.cores * 1000),
    memory: formatBytes(memory),
    pods: PODS_PER_NODE,
  }
}

/** Ends what an earlier run left behind, and sees to it that this one leaves nothing. */
async function guard({ clusterId, path: dataDir }: DataDir, programsDir: string): Promise<Running> {
  // As /proc shows it, without links.
  const folder = path.join(await realpath(dataDir), 'nodes')
  await sweepLeftovers(clusterId, folder)
  return startWarden({ clusterId, folder, programsDir })
}

/** Starts all nodes; resolves when the real ones are registered. What an earlier run left behind is ended first. */
export async function startNodes(
  deps: RoomDeps,
  api: { host: string; port: number; caPem: string; addresses: AddressBlock },
  { dataDir, nodes, simulatedNodes, nodeMemory, nginx, programsDir, clusterDns }: NodesOptions,
): Promise<Machines> {
  const { clusterId } = dataDir
  const { addresses } = api
  const warden = await guard(dataDir, programsDir)
  const host = findHostPrograms(nginx)
  const files = await openFileSystems({ dataDir: dataDir.path, programsDir, host })
  const runtime = createProcessRuntime({ clusterId, programsDir, clock: deps.clock, host })
  const meter = startMeter(runtime, { clock: deps.clock, log: deps.log })
  const machine = { cores: os.availableParallelism(), memoryBytes: os.totalmem() }
  const share = shareOfMachine(Math.max(1, nodes), machine)
  const kubelets = Array.from({ length: nodes }, (_, index) =>
    startKubelet(deps, {
      nodeName: `node-${index + 1}`,
      index,
      addressBlock: addresses.index,
      runtime,
      meter,
      capacity: { ...share, ...(nodeMemory !== undefined && { memory: nodeMemory }) },
      dataDir: dataDir.path,
      labels: { [POD_FILES_LABEL]: files.fileSystems ? 'own' : 'shared' },
      fileSystems: files.fileSystems,
      clusterDns,
      caPem: api.caPem,
      apiAddress: { host: api.host, port: api.port },
    }),
  )
  const simulated = startSimulatedNodes(deps, {
    count: simulatedNodes,
    firstIndex: nodes,
    addressBlock: addresses.index,
  })
  await Promise.all(kubelets.map((kubelet) => kubelet.started))
  return {
    server: describeServer(host, nginx),
    files: files.why,
    cpu: runtime.cpuGroups.why,
    doorOf(name) {
      const kubelet = kubelets.find(({ nodeName }) => nodeName === name)
      return kubelet ?? (simulated.nodeNames.includes(name) ? simulated.door : undefined)
    },
    use: {
      pods: () => kubelets.flatMap((kubelet) => kubelet.use()),
      nodes: () =>
        kubelets.map((kubelet) =>
          nodeUse(kubelet.nodeName, kubelet.use(), meter.at || deps.clock.now()),
        ),
    },
    async close() {
      await meter.close()
      await Promise.all([...kubelets, simulated].map((part) => part.close()))
      await runtime.close()
      await warden.close()
    },
  }
}
