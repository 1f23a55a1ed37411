// The kubectl line that equals an action: what the stage prints under every button press.
import { SCENE_WORDS } from './scenes.ts'
import type { Action } from './stage.ts'
import { FAILED_ANNOTATION, SERVICE_PROXY } from './kubernetes/cluster.ts'
import { withTag } from './images.ts'

/** The objects the demo's actions are about. */
export interface CommandContext {
  namespace: string
  deployment: string
  /** The Deployment's container that carries the version, and its present image. */
  container: string
  image: string
  /** The ReplicationController of the loadbots. */
  loadbots: string
  /** How many of them there are. */
  loadbotReplicas: number
  /** The Deployment is paused now: `rollout undo` wants it resumed first. */
  paused: boolean
  /** The ReplicationController that a rolling update is about, and its present image. */
  controller?: { name: string; image: string }
  /** The pod a random kill fell on. */
  pod?: string
}

/** One line a person could paste: quoted for a POSIX shell, without `-n default`. */
export function kubectlLine(action: Action, context: CommandContext): string {
  const { deployment, container } = context
  const inNamespace = (line: string): string =>
    context.namespace === 'default' ? line : `${line} -n ${context.namespace}`
  const rollout = (verb: string): string =>
    inNamespace(`kubectl rollout ${verb} deployment/${deployment}`)
  switch (action.type) {
    case 'load': {
      const patch = quoted(ratePatch(rateFor(action.perSecond, context.loadbotReplicas)))
      return inNamespace(`kubectl patch configmap ${context.loadbots} -p ${patch}`)
    }
    case 'scale': {
      const what =
        action.target === 'servers' ? `deployment ${deployment}` : `rc ${context.loadbots}`
      return inNamespace(`kubectl scale ${what} --replicas=${action.replicas}`)
    }
    case 'update': {
      const image = withTag(context.image, action.version)
      return inNamespace(`kubectl set image deployment/${deployment} ${container}=${image}`)
    }
    case 'strategy':
      return inNamespace(
        `kubectl patch deployment ${deployment} -p ${quoted(strategyPatch(action))}`,
      )
    case 'pause':
      return rollout('pause')
    case 'resume':
      return rollout('resume')
    case 'rollBack':
      return context.paused ? `${rollout('resume')} && ${rollout('undo')}` : rollout('undo')
    case 'killPod':
      return inNamespace(`kubectl delete pod ${action.pod ?? context.pod ?? ''}`)
    case 'failNode':
      return `kubectl annotate node ${action.node} ${FAILED_ANNOTATION}=true`
    case 'restoreNode':
      return `kubectl annotate node ${action.node} ${FAILED_ANNOTATION}-`
    case 'proxyMode': {
      const { namespace, name } = SERVICE_PROXY
      const patch = quoted({ data: { mode: action.mode } })
      return `kubectl patch configmap ${name} -n ${namespace} -p ${patch}`
    }
    case 'startScene':
      return `kubectl create namespace ${SCENE_WORDS[action.scene].namespace}`
    case 'endScene':
      return `kubectl delete namespace ${SCENE_WORDS[action.scene].namespace}`
    case 'rollingUpdate': {
      // kubectl forgot this command in 1.18; `npx podium` has it.
      const { name, image } = context.controller ?? { name: '', image: '' }
      const wanted = withTag(image, action.version)
      return inNamespace(`npx podium rolling-update ${name} --image=${wanted} --update-period=1s`)
    }
  }
}

/** The patch of a Deployment's rolling update parameters. */
export function strategyPatch(shares: {
  maxSurge: number | string
  maxUnavailable: number | string
}): object {
  const { maxSurge, maxUnavailable } = shares
  return { spec: { strategy: { rollingUpdate: { maxSurge, maxUnavailable } } } }
}

/** What each of so many loadbots has to send so that together they send `perSecond`. */
export function rateFor(perSecond: number, loadbots: number): number {
  return Math.max(1, Math.round(perSecond / Math.max(1, loadbots)))
}

/** The patch of the ConfigMap that loadbots take their rate from. */
export function ratePatch(rate: number): { data: { rate: string } } {
  return { data: { rate: String(rate) } }
}

function quoted(value: object): string {
  return `'${JSON.stringify(value)}'`
}
