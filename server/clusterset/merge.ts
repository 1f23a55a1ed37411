// What several exports of one service come to: the oldest decides where they disagree (KEP-1645, "Constraints and Conflict
// Resolution"). Pure; every cluster of the set comes to the same.
import { isDeepStrictEqual } from 'node:util'
import type {
  ImportedPort,
  ServiceExport,
  ServiceImportSpec,
} from '../../shared/kubernetes/multicluster.ts'
import type { Service } from '../../shared/kubernetes/network.ts'

/** One cluster's export of a Service that can be exported. */
export interface Contribution {
  cluster: string
  export: ServiceExport
  service: Service
}

export interface Conflict {
  /** In the words of the API: `PortConflict,TypeConflict`. */
  reason: string
  message: string
}

export interface Merged {
  spec: Omit<ServiceImportSpec, 'ips'>
  labels: Record<string, string>
  annotations: Record<string, string>
  /** In order of name. */
  clusters: string[]
  conflict: Conflict | undefined
}

type Global = (contribution: Contribution) => unknown

const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None'
const affinityOf = ({ spec }: Service): 'None' | 'ClientIP' => spec.sessionAffinity ?? 'None'

/** What must be the same in every cluster, and the reason that is given where it is not. */
const GLOBALS: readonly { what: string; reason: string; of: Global }[] = [
  { what: 'ports', reason: 'PortConflict', of: ({ service }) => portsOf(service).toSorted(byPort) },
  { what: 'type', reason: 'TypeConflict', of: ({ service }) => isHeadless(service) },
  {
    what: 'sessionAffinity',
    reason: 'SessionAffinityConflict',
    of: ({ service }) => affinityOf(service),
  },
  {
    what: 'sessionAffinityConfig',
    reason: 'SessionAffinityConfigConflict',
    of: ({ service }) => service.spec.sessionAffinityConfig,
  },
  {
    what: 'internalTrafficPolicy',
    reason: 'InternalTrafficPolicyConflict',
    of: ({ service }) => service.spec.internalTrafficPolicy ?? 'Cluster',
  },
  {
    what: 'exported labels',
    reason: 'LabelsConflict',
    of: (one) => one.export.spec?.exportedLabels ?? {},
  },
  {
    what: 'exported annotations',
    reason: 'AnnotationsConflict',
    of: (one) => one.export.spec?.exportedAnnotations ?? {},
  },
]

/** What the exports come to; undefined without any. */
export function mergeExports(contributions: readonly Contribution[]): Merged | undefined {
  const inOrder = contributions.toSorted(byAge)
  const [oldest] = inOrder
  if (!oldest) return undefined
  const { service } = oldest
  const { sessionAffinityConfig, internalTrafficPolicy } = service.spec
  return {
    spec: {
      type: isHeadless(service) ? 'Headless' : 'ClusterSetIP',
      ports: mergePorts(inOrder),
      sessionAffinity: affinityOf(service),
      ...(sessionAffinityConfig && { sessionAffinityConfig }),
      ...(internalTrafficPolicy && { internalTrafficPolicy }),
    },
    labels: oldest.export.spec?.exportedLabels ?? {},
    annotations: oldest.export.spec?.exportedAnnotations ?? {},
    clusters: contributions.map(({ cluster }) => cluster).toSorted(),
    conflict: conflictAmong(oldest, inOrder),
  }
}

/** The older first; of the same second, by name, so that all clusters agree. */
function byAge(a: Contribution, b: Contribution): number {
  const [of, and] = [a, b].map((one) => Date.parse(one.export.metadata.creationTimestamp ?? ''))
  return of! - and! || (a.cluster < b.cluster ? -1 : 1)
}

/** All ports, of which no two share a name, nor a protocol and number. */
function mergePorts(inOrder: readonly Contribution[]): ImportedPort[] {
  const merged: ImportedPort[] = []
  for (const port of inOrder.flatMap(({ service }) => portsOf(service))) {
    const taken = merged.some(
      ({ name, protocol, port: number }) =>
        name === port.name || (protocol === port.protocol && number === port.port),
    )
    if (!taken) merged.push(port)
  }
  return merged
}

function portsOf({ spec }: Service): ImportedPort[] {
  return (spec.ports ?? []).map(({ name, protocol = 'TCP', appProtocol, port }) => ({
    ...(name && { name }),
    protocol,
    ...(appProtocol && { appProtocol }),
    port,
  }))
}

function byPort(a: ImportedPort, b: ImportedPort): number {
  return a.port - b.port || ((a.protocol ?? '') < (b.protocol ?? '') ? -1 : 1)
}

function conflictAmong(oldest: Contribution, all: readonly Contribution[]): Conflict | undefined {
  const disagreeing = new Set<string>()
  const found = GLOBALS.filter(({ of }) => {
    const others = all.filter((one) => !isDeepStrictEqual(of(one), of(oldest)))
    for (const { cluster } of others) disagreeing.add(cluster)
    return others.length > 0
  })
  if (found.length === 0) return undefined
  const what = found.map((one) => one.what).join(', ')
  return {
    reason: found.map(({ reason }) => reason).join(','),
    message:
      `Conflicting ${what}: using those of the oldest export, in cluster "${oldest.cluster}"; ` +
      `${disagreeing.size} of ${all.length} clusters disagree.`,
  }
}
