// The other versions and groups in which kinds are served: what was written in 2015 runs as it was written.
import {
  cronJobs,
  daemonSets,
  deployments,
  events,
  horizontalPodAutoscalers,
  ingresses,
  jobs,
  replicaSets,
  type Kind,
} from '../../../shared/kubernetes/kinds.ts'
import { autoscalerExtension, autoscalerV1 } from './autoscaler-faces.ts'
import { shownIngress, storedIngress } from './ingress-faces.ts'
import { isJsonObject, type JsonObject } from '../values.ts'
import type { Face } from './strategy.ts'

interface FaceOf {
  of: Kind
  face: Face
}

const MAX_INT32 = 2 ** 31 - 1

/** The same kind under `extensions/v1beta1`, where workloads lived at first. */
function extension(
  of: Kind,
  since: string,
  until: string,
  convert: Partial<Pick<Face, 'toStored' | 'fromStored'>>,
): FaceOf {
  const kind: Kind = { ...of, group: 'extensions', version: 'v1beta1' }
  const warning = `extensions/v1beta1 ${of.kind} is deprecated in ${since}+, unavailable in ${until}+; use ${of.group}/${of.version} ${of.kind}`
  const same = (object: JsonObject): JsonObject => object
  return { of, face: { kind, warning, toStored: same, fromStored: same, ...convert } }
}

/** The object with its spec changed in place, if it has one. */
function withSpec(object: JsonObject, change: (spec: JsonObject) => void): JsonObject {
  const { spec } = object
  if (isJsonObject(spec)) change(spec)
  return object
}

/** A selector that is left out is the template's labels (pkg/apis/extensions/v1beta1/defaults.go). */
function defaultSelector(spec: JsonObject): void {
  if (spec['selector'] !== undefined) return
  const { template } = spec
  const metadata = isJsonObject(template) ? template['metadata'] : undefined
  const labels = isJsonObject(metadata) ? metadata['labels'] : undefined
  if (isJsonObject(labels)) spec['selector'] = { matchLabels: labels }
}

function storedDeployment(object: JsonObject): JsonObject {
  return withSpec(object, (spec) => {
    defaultSelector(spec)
    delete spec['rollbackTo']
    if (spec['template'] === undefined) return
    spec['revisionHistoryLimit'] ??= MAX_INT32
    spec['progressDeadlineSeconds'] ??= MAX_INT32
    const strategy = (spec['strategy'] ??= {})
    if (!isJsonObject(strategy) || (strategy['type'] ?? 'RollingUpdate') !== 'RollingUpdate') return
    const rolling = (strategy['rollingUpdate'] ??= {})
    if (!isJsonObject(rolling)) return
    rolling['maxUnavailable'] ??= 1
    rolling['maxSurge'] ??= 1
  })
}

/** Pods were replaced by hand then (pkg/apis/extensions/v1beta1/defaults.go). */
function storedDaemonSet(object: JsonObject): JsonObject {
  return withSpec(object, (spec) => {
    defaultSelector(spec)
    delete spec['templateGeneration']
    if (spec['template'] === undefined) return
    const strategy = (spec['updateStrategy'] ??= {})
    if (isJsonObject(strategy)) strategy['type'] ??= 'OnDelete'
  })
}

/** Whoever gave a selector chose it; without one the job makes its own (pkg/apis/batch/v1: manualSelector). */
function storedJob(object: JsonObject): JsonObject {
  return withSpec(object, (spec) => {
    const { autoSelector } = spec
    delete spec['autoSelector']
    if (spec['manualSelector'] === undefined && autoSelector !== true && spec['selector']) {
      spec['manualSelector'] = true
    }
  })
}

function shownJob(object: JsonObject): JsonObject {
  return withSpec(object, (spec) => {
    if (spec['manualSelector'] !== true) spec['autoSelector'] = true
    delete spec['manualSelector']
  })
}

/** Names of events.k8s.io/v1 and those of the core group (pkg/apis/events/v1/conversion.go). */
const EVENT_NAMES: readonly (readonly [string, string])[] = [
  ['note', 'message'],
  ['regarding', 'involvedObject'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
]

function renamed(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]),
  )
}

const toCore = new Map(EVENT_NAMES)
const fromCore = new Map(EVENT_NAMES.map(([theirs, ours]) => [ours, theirs] as const))

/** Every face, with the kind it shows. */
export const faces: readonly FaceOf[] = [
  extension(deployments, 'v1.14', 'v1.22', { toStored: storedDeployment }),
  extension(daemonSets, 'v1.14', 'v1.22', { toStored: storedDaemonSet }),
  extension(replicaSets, 'v1.14', 'v1.22', {
    toStored: (object) => withSpec(object, defaultSelector),
  }),
  extension(jobs, 'v1.5', 'v1.6', { toStored: storedJob, fromStored: shownJob }),
  extension(ingresses, 'v1.14', 'v1.22', { toStored: storedIngress, fromStored: shownIngress }),
  {
    of: cronJobs,
    face: {
      kind: { ...cronJobs, version: 'v1beta1' },
      warning:
        'batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob',
      toStored: (object) => object,
      fromStored: (object) => object,
    },
  },
  { of: horizontalPodAutoscalers, face: autoscalerV1 },
  { of: horizontalPodAutoscalers, face: autoscalerExtension },
  {
    of: events,
    face: {
      kind: { ...events, group: 'events.k8s.io' },
      toStored: (object) => renamed(object, toCore),
      fromStored: (object) => renamed(object, fromCore),
    },
  },
]
