// A node as its kubelet describes it. Pure: what was measured is handed in.
import type { Node, NodeStatus } from '../../shared/kubernetes/cluster.ts'
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'

/** Below this much free memory or disk, or this share of free process numbers, the node says that it is under pressure. */
const PRESSURE_BYTES = 100 * 1024 * 1024
const PRESSURE_PID_SHARE = 0.04

export interface NodeFacts {
  name: string
  internalIP: string
  podCIDR: string
  labels: Readonly<Record<string, string>>
  capacity: Readonly<Record<string, string>>
  nodeInfo: Readonly<Record<string, string>>
  /** `podium://1/127.32.0.1` */
  providerID: string
}

/** What the machine has left; undefined where it cannot be measured. */
export interface Spare {
  memoryBytes: number | undefined
  diskBytes: number | undefined
  /** 0 to 1 */
  pidShare: number | undefined
  /** Its pods use so much of what the node promises that some have to go. */
  memoryPressure?: boolean
}

const ENOUGH: Spare = { memoryBytes: undefined, diskBytes: undefined, pidShare: undefined }

/** The Node to register. */
export function nodeObject(facts: NodeFacts, now: number, spare: Spare = ENOUGH): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: facts.name, labels: nodeLabels(facts) },
    spec: { podCIDR: facts.podCIDR, podCIDRs: [facts.podCIDR], providerID: facts.providerID },
    status: nodeStatus(facts, undefined, spare, now),
  }
}

/** The labels every kubelet sets on its node, and those asked for. */
export function nodeLabels(facts: NodeFacts): Record<string, string> {
  const { operatingSystem = 'linux', architecture = 'amd64' } = facts.nodeInfo
  return {
    'kubernetes.io/hostname': facts.name,
    'kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': operatingSystem,
    'beta.kubernetes.io/arch': architecture,
    ...facts.labels,
  }
}

/** The status a healthy kubelet writes; conditions keep the time of their last transition. */
export function nodeStatus(
  facts: NodeFacts,
  before: NodeStatus | undefined,
  spare: Spare,
  now: number,
): NodeStatus {
  return {
    capacity: { ...facts.capacity },
    allocatable: { ...facts.capacity },
    addresses: [
      { type: 'InternalIP', address: facts.internalIP },
      { type: 'Hostname', address: facts.name },
    ],
    nodeInfo: { ...facts.nodeInfo },
    conditions: nodeConditions(before?.conditions, spare, now),
  }
}

function nodeConditions(before: Condition[] | undefined, spare: Spare, now: number): Condition[] {
  const low = (bytes: number | undefined): boolean => bytes !== undefined && bytes < PRESSURE_BYTES
  const fewPids = spare.pidShare !== undefined && spare.pidShare < PRESSURE_PID_SHARE
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = (
    type: string,
    status: 'True' | 'False',
    reason: string,
    message: string,
  ): Condition => {
    const old = conditionOf(before, type)
    const since = old?.status === status ? old.lastTransitionTime : undefined
    return {
      type,
      status,
      reason,
      message,
      lastHeartbeatTime: time,
      lastTransitionTime: since ?? time,
    }
  }
  return [
    low(spare.memoryBytes) || spare.memoryPressure
      ? condition(
          'MemoryPressure',
          'True',
          'KubeletHasInsufficientMemory',
          'kubelet has insufficient memory available',
        )
      : condition(
          'MemoryPressure',
          'False',
          'KubeletHasSufficientMemory',
          'kubelet has sufficient memory available',
        ),
    low(spare.diskBytes)
      ? condition('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : condition(
          'DiskPressure',
          'False',
          'KubeletHasNoDiskPressure',
          'kubelet has no disk pressure',
        ),
    fewPids
      ? condition(
          'PIDPressure',
          'True',
          'KubeletHasInsufficientPID',
          'kubelet has insufficient PID available',
        )
      : condition(
          'PIDPressure',
          'False',
          'KubeletHasSufficientPID',
          'kubelet has sufficient PID available',
        ),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ]
}
