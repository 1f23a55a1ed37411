// What Kubernetes' admission plugins add to a new pod: tolerations, a priority, and the service account's token.
import { randomInt } from 'node:crypto'
import { pods, priorityClasses, serviceAccounts } from '../../../shared/kubernetes/kinds.ts'
import type { Pod, PodSpec, Toleration, Volume } from '../../../shared/kubernetes/pod.ts'
import type { PriorityClass } from '../../../shared/kubernetes/policy.ts'
import { forbidden } from '../../../shared/status.ts'
import { SYSTEM_CLASSES } from './policy.ts'
import { subdomain } from './rules/names.ts'
import type { StrategyContext } from './strategy.ts'

const EVICTION_SECONDS = 300

/** How long a pod stays on a node that is gone (plugin DefaultTolerationSeconds). */
export function addDefaultTolerations(spec: PodSpec): void {
  for (const condition of ['not-ready', 'unreachable']) {
    const key = `node.kubernetes.io/${condition}`
    const tolerated = (spec.tolerations ?? []).some(
      (toleration) =>
        (toleration.key === key || !toleration.key) &&
        (toleration.effect === 'NoExecute' || !toleration.effect),
    )
    if (tolerated) continue
    const added: Toleration = {
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: EVICTION_SECONDS,
    }
    spec.tolerations = [...(spec.tolerations ?? []), added]
  }
}

/** The class that a pod names, or the one that is everybody's default (plugin Priority). */
function classOf({ metadata, spec }: Pod, context: StrategyContext): PriorityClass | undefined {
  const { priorityClassName: name } = spec
  if (!name) return context.readAll(priorityClasses).find(({ globalDefault }) => globalDefault)
  const found =
    SYSTEM_CLASSES.find((each) => each.metadata.name === name) ?? readClass(context, name)
  if (found) return found
  throw forbidden(pods, metadata.name ?? '', `no PriorityClass with name ${name} was found`)
}

function readClass(context: StrategyContext, name: string): PriorityClass | undefined {
  return subdomain(name).length === 0 ? context.read(priorityClasses, { name }) : undefined
}

/** @throws ApiError 403 when the class does not exist, or the pod says a number of its own. */
export function addPriority(pod: Pod, context: StrategyContext): void {
  const { metadata, spec } = pod
  const chosen = classOf(pod, context)
  const priority = chosen?.value ?? 0
  if (spec.priority !== undefined && spec.priority !== priority) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`
    throw forbidden(pods, metadata.name ?? '', why)
  }
  spec.priority = priority
  if (chosen?.metadata.name) spec.priorityClassName = chosen.metadata.name
  spec.preemptionPolicy ??= chosen?.preemptionPolicy ?? 'PreemptLowerPriority'
}

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** A token is renewed long before this many seconds pass; the odd seven tell it from one that somebody asked for. */
const TOKEN_SECONDS = 3607
/** No vowels and no look-alikes (apimachinery/pkg/util/rand). */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

function randomName(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
      defaultMode: 0o644,
    },
  }
}

function mountToken(spec: PodSpec): void {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const lacking = containers.filter(
    ({ volumeMounts = [] }) => !volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH),
  )
  if (lacking.length === 0) return
  const volume = tokenVolume(`kube-api-access-${randomName(5)}`)
  spec.volumes = [...(spec.volumes ?? []), volume]
  for (const container of lacking) {
    const mount = { name: volume.name, readOnly: true, mountPath: MOUNT_PATH }
    container.volumeMounts = [...(container.volumeMounts ?? []), mount]
  }
}

/**
 * Gives the pod a service account and its token (plugin ServiceAccount). The account named `default` need not exist yet:
 * it appears with its namespace, moments later.
 * @throws ApiError 403 when another account is named that does not exist.
 */
export function addServiceAccount({ metadata, spec }: Pod, context: StrategyContext): void {
  const name = spec.serviceAccountName || 'default'
  spec.serviceAccountName = name
  spec.serviceAccount = name
  const { namespace } = metadata
  const account = context.read(serviceAccounts, { namespace, name })
  if (!account && name !== 'default') {
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`
    throw forbidden(pods, metadata.name ?? '', why)
  }
  if (account?.imagePullSecrets?.length && !spec.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => ({ name }))
  }
  const automount =
    spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true
  if (automount) mountToken(spec)
}
