// metrics.k8s.io/v1beta1: what nodes and pods use, in the words of metrics-server.
import type {
  ContainerMetrics,
  NodeMetrics,
  PodMetrics,
} from '../../../shared/kubernetes/autoscaling.ts'
import { nodeMetrics, podMetrics } from '../../../shared/kubernetes/measured-kinds.ts'
import { nodes, pods } from '../../../shared/kubernetes/kinds.ts'
import type { NodeUse, PodUse } from '../../../shared/usage.ts'
import { timestamp } from '../core.ts'
import { text } from '../kinds/rules/print.ts'
import type { Measures, Strategy } from '../kinds/strategy.ts'

/** Cores as nanocores and bytes as KiB: the units metrics-server answers in. */
function usage({ cpuCores, memoryBytes }: { cpuCores: number | null; memoryBytes: number }) {
  return {
    cpu: `${Math.round((cpuCores ?? 0) * 1e9)}n`,
    memory: `${Math.round(memoryBytes / 1024)}Ki`,
  }
}

function headOf(
  kind: 'PodMetrics' | 'NodeMetrics',
  metadata: { name: string; namespace?: string; labels: Record<string, string> | undefined },
  { at, windowMs }: { at: number; windowMs: number },
) {
  const { labels, ...names } = metadata
  return {
    kind,
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { ...names, creationTimestamp: timestamp(at), ...(labels && { labels }) },
    timestamp: timestamp(at),
    window: `${(windowMs / 1000).toFixed(3)}s`,
  }
}

function podMetricsOf(pod: PodUse, { read }: Measures): PodMetrics | undefined {
  const { namespace, name } = pod
  const object = read(pods, { namespace, name })
  // A container is told of once it has been looked at twice: a pod with one that has not, is not measured yet.
  const isMeasured = pod.containers.every(({ cpuCores }) => cpuCores !== null)
  if (!object || object.metadata.uid !== pod.uid || !isMeasured) return undefined
  const { labels } = object.metadata
  return {
    ...headOf('PodMetrics', { name, namespace, labels }, pod),
    containers: pod.containers.map((container): ContainerMetrics => ({
      name: container.name,
      usage: usage(container),
    })),
  }
}

function nodeMetricsOf(use: NodeUse, { read }: Measures): NodeMetrics | undefined {
  const object = read(nodes, { name: use.node })
  if (!object) return undefined
  const { labels } = object.metadata
  return { ...headOf('NodeMetrics', { name: use.node, labels }, use), usage: usage(use) }
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined

/** The sum over the containers, for the columns. */
function sumOf({ containers }: PodMetrics, resource: keyof ContainerMetrics['usage']): string {
  const unit = resource === 'cpu' ? 'n' : 'Ki'
  const sum = containers.reduce(
    (total, container) => total + parseInt(container.usage[resource]),
    0,
  )
  return `${sum}${unit}`
}

export const podMetricsStrategy: Strategy<PodMetrics> = {
  kind: podMetrics,
  subresources: [],
  hasGeneration: false,
  columns: [
    { name: 'Name', type: 'string', format: 'name', cell: ({ metadata }) => metadata.name ?? '' },
    text('Cpu', (metrics) => sumOf(metrics, 'cpu')),
    text('Memory', (metrics) => sumOf(metrics, 'memory')),
    text('Window', ({ window }) => window),
  ],
  validate: () => [],
  measured: {
    list: (measures, namespace) =>
      measures.use
        .pods()
        .filter((pod) => namespace === undefined || pod.namespace === namespace)
        .map((pod) => podMetricsOf(pod, measures))
        .filter(isThere),
  },
}

export const nodeMetricsStrategy: Strategy<NodeMetrics> = {
  kind: nodeMetrics,
  subresources: [],
  hasGeneration: false,
  columns: [
    { name: 'Name', type: 'string', format: 'name', cell: ({ metadata }) => metadata.name ?? '' },
    text('Cpu', ({ usage: { cpu } }) => cpu),
    text('Memory', ({ usage: { memory } }) => memory),
    text('Window', ({ window }) => window),
  ],
  validate: () => [],
  measured: {
    list: (measures) =>
      measures.use
        .nodes()
        .map((use) => nodeMetricsOf(use, measures))
        .filter(isThere),
  },
}
