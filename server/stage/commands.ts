// Commands given elsewhere, recognised by what they changed. Pure: a change of an object in, the equal kubectl line out.
import type { TypedDeletion } from '../../shared/deletions.ts'
import { parseImage } from '../../shared/images.ts'
import type { ConfigMap, Node } from '../../shared/kubernetes/cluster.ts'
import { isFailedOnPurpose } from '../../shared/kubernetes/cluster.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { Deployment, ReplicationController } from '../../shared/kubernetes/workloads.ts'
import { kubectlLine } from '../../shared/kubectl.ts'
import type { CommandContext } from '../../shared/kubectl.ts'
import type { Action, CommandView } from '../../shared/stage.ts'

/**
 * The lines that equal what changed in the demo's Deployment. A line says what was done; with which words, only where
 * kubectl's own signature tells (`rollout undo`).
 */
export function deploymentCommands(before: Deployment, after: Deployment): string[] {
  const context = contextOf(after)
  const lines: string[] = []
  const say = (action: Action): void => void lines.push(kubectlLine(action, context))
  if (before.spec.replicas !== after.spec.replicas) {
    say({ type: 'scale', target: 'servers', replicas: after.spec.replicas ?? 1 })
  }
  const [was, is] = [imageOf(before), imageOf(after)]
  const rollout = (verb: string): void => {
    const { namespace } = context
    const where = namespace === 'default' ? '' : ` -n ${namespace}`
    lines.push(`kubectl rollout ${verb} deployment/${context.deployment}${where}`)
  }
  if (was !== is && isUndone(after)) rollout('undo')
  else if (was !== is) {
    const { repository, tag } = parseImage(is)
    lines.push(
      kubectlLine({ type: 'update', version: tag }, { ...context, image: `${repository}:${tag}` }),
    )
  }
  if (restartedAt(before) !== restartedAt(after) && restartedAt(after)) rollout('restart')
  const [wasPaused, isPaused] = [before.spec.paused ?? false, after.spec.paused ?? false]
  if (wasPaused !== isPaused) say({ type: isPaused ? 'pause' : 'resume' })
  const shares = after.spec.strategy?.rollingUpdate
  if (shares && JSON.stringify(shares) !== JSON.stringify(before.spec.strategy?.rollingUpdate)) {
    const { maxSurge = '25%', maxUnavailable = '25%' } = shares
    say({ type: 'strategy', maxSurge, maxUnavailable })
  }
  return lines
}

/** The line that equals what changed in the loadbots' ReplicationController. */
export function fleetCommands(
  before: ReplicationController,
  after: ReplicationController,
): string[] {
  if (before.spec.replicas === after.spec.replicas) return []
  const { namespace = '', name: loadbots = '' } = after.metadata
  const context = { ...NO_CONTEXT, namespace, loadbots }
  const replicas = after.spec.replicas ?? 1
  return [kubectlLine({ type: 'scale', target: 'loadbots', replicas }, context)]
}

/** The line that equals what changed in the loadbots' ConfigMap. */
export function rateCommands(before: ConfigMap, after: ConfigMap): string[] {
  const rate = Number(after.data?.['rate'])
  if (before.data?.['rate'] === after.data?.['rate'] || !(rate > 0)) return []
  const { namespace = '', name: loadbots = '' } = after.metadata
  const context = { ...NO_CONTEXT, namespace, loadbots, loadbotReplicas: 1 }
  return [kubectlLine({ type: 'load', perSecond: rate }, context)]
}

/** The line that equals what a person changed on a node. */
export function nodeCommands(before: Node, after: Node): string[] {
  const lines: string[] = []
  const name = after.metadata.name ?? ''
  const [was, is] = [before.spec?.unschedulable ?? false, after.spec?.unschedulable ?? false]
  if (was !== is) lines.push(`kubectl ${is ? 'cordon' : 'uncordon'} ${name}`)
  if (isFailedOnPurpose(before) !== isFailedOnPurpose(after)) {
    const type = isFailedOnPurpose(after) ? 'failNode' : 'restoreNode'
    lines.push(kubectlLine({ type, node: name }, NO_CONTEXT))
  }
  return lines
}

/** So many names are written; of more only how many there are. */
const MOST_NAMES = 3

/** The line that deletes these objects of one kind and namespace. */
export function deletionLine(deleted: readonly TypedDeletion[]): string {
  const { singular = '', namespace = 'default' } = deleted[0] ?? {}
  const names = deleted.slice(0, MOST_NAMES).map(({ name }) => name)
  const more = deleted.length - names.length
  const rest = more > 0 ? ` … (${deleted.length} in all)` : ''
  const where = namespace === 'default' ? '' : ` -n ${namespace}`
  return `kubectl delete ${singular} ${names.join(' ')}${rest}${where}`
}

const NO_CONTEXT: CommandContext = {
  namespace: 'default',
  deployment: '',
  container: '',
  image: '',
  loadbots: '',
  loadbotReplicas: 1,
  paused: false,
}

function contextOf(deployment: Deployment): CommandContext {
  return {
    ...NO_CONTEXT,
    namespace: deployment.metadata.namespace ?? '',
    deployment: deployment.metadata.name ?? '',
    container: deployment.spec.template.spec.containers[0]?.name ?? '',
    image: imageOf(deployment),
  }
}

function imageOf(deployment: Deployment): string {
  return deployment.spec.template.spec.containers[0]?.image ?? ''
}

/** What `kubectl rollout restart` writes, so that the template differs (polymorphichelpers/objectrestarter.go). */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'

function restartedAt(deployment: Deployment): string | undefined {
  return deployment.spec.template.metadata?.annotations?.[RESTARTED_AT]
}

interface ManagedFieldsEntry {
  manager?: string
  operation?: string
  time?: string
  subresource?: string
  fieldsV1?: object
}

function managersOf({ metadata }: KubeObject): ManagedFieldsEntry[] {
  return (metadata.managedFields ?? []) as ManagedFieldsEntry[]
}

/**
 * Whether the image is one that `kubectl rollout undo` brought back: of all commands that set an image it alone patches
 * without naming itself (polymorphichelpers/rollback.go), so that its entry has the program's name, `kubectl` or
 * `kubectl-1.34`, and not `kubectl-set` or the like.
 */
function isUndone(deployment: Deployment): boolean {
  const owner = managersOf(deployment).find(({ fieldsV1 }) =>
    JSON.stringify(fieldsV1 ?? {}).includes('"f:image":'),
  )
  return owner?.operation === 'Update' && /^kubectl(?!-[a-z])/.test(owner.manager ?? '')
}

/**
 * Who wrote last, by the newest entry of metadata.managedFields; only kubectl signs as `kubectl-<command>`, and only the
 * cluster's own programs as `kube-<program>`.
 */
export function lastWriter(object: KubeObject): CommandView['by'] {
  const manager = managersOf(object)
    .filter(({ subresource }) => subresource !== 'status')
    .reduce<ManagedFieldsEntry | undefined>(
      (last, entry) => (last && (last.time ?? '') > (entry.time ?? '') ? last : entry),
      undefined,
    )?.manager
  if (manager?.startsWith('kubectl')) return 'kubectl'
  return manager?.startsWith('kube-') ? 'cluster' : 'script'
}
