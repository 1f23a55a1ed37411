// Carries out an action: gate, caption, and the same API call that kubectl would make.
import type { KubeClient } from '../../shared/client.ts'
import { verdictOn } from '../../shared/gates.ts'
import type { GateState } from '../../shared/gates.ts'
import { withTag } from '../../shared/images.ts'
import { FAILED_ANNOTATION, SERVICE_PROXY } from '../../shared/kubernetes/cluster.ts'
import {
  configMaps,
  deployments,
  nodes,
  pods,
  replicationControllers,
} from '../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type {
  Deployment,
  ReplicaSet,
  ReplicationController,
  Scale,
} from '../../shared/kubernetes/workloads.ts'
import { kubectlLine, rateFor, ratePatch, strategyPatch } from '../../shared/kubectl.ts'
import type { CommandContext } from '../../shared/kubectl.ts'
import { SCENE_WORDS } from '../../shared/scenes.ts'
import { ApiError, badRequest } from '../../shared/status.ts'
import type { Action, ActionResult, PodView } from '../../shared/stage.ts'
import type { Captions } from './captions.ts'
import type { Cast } from './cast.ts'
import type { RollingUpdates } from './rollingUpdates.ts'
import type { Scenes } from './scenes/scenes.ts'
import { undoPatch } from './undo.ts'

const FIELD_MANAGER = 'podium-stage'

export interface PerformDeps {
  client: KubeClient
  captions: Captions
  cast: Cast | null
  /** The state the gates judge by. */
  state: () => GateState
  /** The demo's Deployment, and the ReplicaSet that an undo goes back to. */
  deployment: Deployment | undefined
  previousSet: ReplicaSet | undefined
  controllerOf: (target: 'loadbots' | 'aggregator') => ReplicationController | undefined
  updates: Pick<RollingUpdates, 'begin'>
  scenes: Pick<Scenes, 'start' | 'end'>
  pods: readonly PodView[]
  /** 0 ≤ x < 1: chooses whom a random kill hits. */
  random: () => number
}

/**
 * Does what `action` asks.
 * @throws ApiError: 409 with the gate's sentence, 404 for an unknown pod, or whatever the cluster answers
 */
export async function perform(deps: PerformDeps, asked: Action): Promise<ActionResult> {
  const action = asked.type === 'killPod' ? { ...asked, pod: victim(deps, asked.pod) } : asked
  const verdict = verdictOn(deps.state(), action)
  if (!verdict.allowed) throw refused(verdict.reason)
  const line = kubectlLine(action, contextFor(deps, action))
  await deps.captions.own(line, async () => [await callFor(deps, action)])
  return { command: line, message: messageFor(deps, action) }
}

function refused(reason: string): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'Conflict',
    message: reason,
    code: 409,
  })
}

/** The named pod if the stage shows it, or any ready server; '' when there is none (the gate then refuses). */
function victim(deps: PerformDeps, name: string | undefined): string {
  const shown = deps.pods
  if (name !== undefined) {
    if (shown.some((pod) => pod.name === name && isOfCast(deps, pod))) return name
    throw badRequest(`There is no pod ${name}.`)
  }
  const ready = shown.filter(({ role, state }) => role === 'server' && state === 'ready')
  return ready[Math.floor(deps.random() * ready.length)]?.name ?? ''
}

function isOfCast({ cast }: PerformDeps, pod: PodView): boolean {
  return pod.key === `${cast?.namespace ?? 'default'}/${pod.name}`
}

function contextOf({ cast, deployment, controllerOf }: PerformDeps): CommandContext {
  const container = deployment?.spec.template.spec.containers[0]
  return {
    namespace: cast?.namespace ?? 'default',
    deployment: cast?.deployment ?? '',
    container: container?.name ?? '',
    image: container?.image ?? '',
    loadbots: cast?.loadbots ?? '',
    loadbotReplicas: controllerOf('loadbots')?.spec.replicas ?? 1,
    paused: deployment?.spec.paused ?? false,
  }
}

function contextFor(deps: PerformDeps, action: Action): CommandContext {
  const context = contextOf(deps)
  if (action.type !== 'rollingUpdate') return context
  const controller = deps.controllerOf(action.target)
  if (!controller) throw refused(`There is no ReplicationController of the ${action.target}.`)
  const image = controller.spec.template?.spec.containers[0]?.image ?? ''
  return { ...context, controller: { name: controller.metadata.name ?? '', image } }
}

/** Begins it; the controller as it is before. */
async function beginUpdate(
  deps: PerformDeps,
  action: Extract<Action, { type: 'rollingUpdate' }>,
): Promise<KubeObject> {
  const held = deps.controllerOf(action.target)
  const { controller, namespace } = contextFor(deps, action)
  if (!held || !controller) throw refused('There is nothing to update.')
  const image = withTag(controller.image, action.version)
  if (image === controller.image) throw refused(`${controller.name} already runs ${image}.`)
  const { uid } = held.metadata
  deps.updates.begin({ namespace, name: controller.name, ...(uid && { uid }) }, image)
  return Promise.resolve(held)
}

function callFor(deps: PerformDeps, action: Action): Promise<KubeObject> {
  const context = contextOf(deps)
  switch (action.type) {
    case 'load':
      return deps.client.patch(
        configMaps,
        { namespace: context.namespace, name: context.loadbots },
        ratePatch(rateFor(action.perSecond, context.loadbotReplicas)),
        { type: 'strategic', fieldManager: FIELD_MANAGER },
      )
    case 'scale':
      return action.target === 'servers'
        ? scale(deps, deployments, context.deployment, action.replicas)
        : scale(deps, replicationControllers, context.loadbots, action.replicas)
    case 'update': {
      const image = withTag(context.image, action.version)
      const containers = [{ name: context.container, image }]
      return patchDeployment(deps, { spec: { template: { spec: { containers } } } })
    }
    case 'strategy':
      return patchDeployment(deps, strategyPatch(action))
    case 'pause':
      return patchDeployment(deps, { spec: { paused: true } })
    case 'resume':
      return patchDeployment(deps, { spec: { paused: null } })
    case 'rollBack':
      return rollBack(deps)
    case 'killPod':
      return deps.client.delete(pods, { namespace: context.namespace, name: action.pod ?? '' })
    case 'failNode':
      return annotateNode(deps, action.node, 'true')
    case 'restoreNode':
      return annotateNode(deps, action.node, null)
    case 'rollingUpdate':
      return beginUpdate(deps, action)
    case 'startScene':
      return deps.scenes.start(action.scene)
    case 'endScene':
      return deps.scenes.end(action.scene)
    case 'proxyMode':
      return deps.client.patch(
        configMaps,
        SERVICE_PROXY,
        { data: { mode: action.mode } },
        { type: 'strategic', fieldManager: FIELD_MANAGER },
      )
  }
}

function scale(
  { client, cast }: PerformDeps,
  kind: Kind,
  name: string,
  replicas: number,
): Promise<KubeObject> {
  const key = { namespace: cast?.namespace, name }
  const patch = { spec: { replicas } }
  const options = { type: 'merge', subresource: 'scale', fieldManager: FIELD_MANAGER } as const
  return client.patch(kind as Kind<Scale>, key, patch, options)
}

function patchDeployment({ client, cast }: PerformDeps, patch: object): Promise<KubeObject> {
  const key = { namespace: cast?.namespace, name: cast?.deployment ?? '' }
  return client.patch(deployments, key, patch, {
    type: 'strategic',
    fieldManager: FIELD_MANAGER,
  })
}

function rollBack({ client, deployment, previousSet }: PerformDeps): Promise<KubeObject> {
  if (!deployment || !previousSet) throw refused('There is no earlier version to go back to.')
  const { namespace, name = '' } = deployment.metadata
  return client.patch(deployments, { namespace, name }, undoPatch(deployment, previousSet), {
    type: 'json',
    fieldManager: FIELD_MANAGER,
  })
}

function annotateNode(
  { client }: PerformDeps,
  name: string,
  value: string | null,
): Promise<KubeObject> {
  const patch = { metadata: { annotations: { [FAILED_ANNOTATION]: value } } }
  return client.patch(nodes, { name }, patch, { type: 'merge', fieldManager: FIELD_MANAGER })
}

/** What kubectl prints after such a command. */
function messageFor(deps: PerformDeps, action: Action): string {
  const { deployment, loadbots } = contextOf(deps)
  switch (action.type) {
    case 'load':
      return `configmap/${loadbots} patched`
    case 'scale':
      return action.target === 'servers'
        ? `deployment.apps/${deployment} scaled`
        : `replicationcontroller/${loadbots} scaled`
    case 'update':
      return `deployment.apps/${deployment} image updated`
    case 'strategy':
      return `deployment.apps/${deployment} patched`
    case 'pause':
      return `deployment.apps/${deployment} paused`
    case 'resume':
      return `deployment.apps/${deployment} resumed`
    case 'rollBack':
      return `deployment.apps/${deployment} rolled back`
    case 'killPod':
      return `pod "${action.pod}" deleted`
    case 'failNode':
    case 'restoreNode':
      return `node/${action.node} annotated`
    case 'startScene':
      return `namespace/${SCENE_WORDS[action.scene].namespace} created`
    case 'endScene':
      return `namespace "${SCENE_WORDS[action.scene].namespace}" deleted`
    case 'rollingUpdate':
      return `rolling update of the ${action.target} to ${action.version} begun`
    case 'proxyMode':
      return `configmap/${SERVICE_PROXY.name} patched`
  }
}
