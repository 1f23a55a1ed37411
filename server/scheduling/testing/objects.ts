// Nodes and pods for the tests of this room.
import type { Node, Taint } from '../../../shared/kubernetes/cluster.ts'
import type { Pod, PodSpec } from '../../../shared/kubernetes/pod.ts'

export interface NodeOptions {
  cpu?: string
  memory?: string
  pods?: string
  labels?: Record<string, string>
  taints?: Taint[]
  unschedulable?: boolean
}

/** A node with four cores, 8 GiB and room for 110 pods. */
export function makeNode(name: string, options: NodeOptions = {}): Node {
  const { cpu = '4', memory = '8Gi', pods = '110', labels, taints, unschedulable } = options
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints && { taints }), ...(unschedulable && { unschedulable }) },
    status: { allocatable: { cpu, memory, pods } },
  }
}

export interface PodOptions {
  cpu?: string
  memory?: string
  labels?: Record<string, string>
  node?: string
  spec?: Partial<PodSpec>
}

/** A pod in namespace default that asks for 100m of processor. */
export function makePod(name: string, options: PodOptions = {}): Pod {
  const { cpu = '100m', memory, labels = { app: 'web' }, node, spec } = options
  const requests = { cpu, ...(memory && { memory }) }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, labels },
    spec: {
      containers: [{ name: 'main', resources: { requests } }],
      ...(node && { nodeName: node }),
      ...spec,
    },
  }
}
