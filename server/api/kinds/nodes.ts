import { nodes } from '../../../shared/kubernetes/kinds.ts'
import type { Node } from '../../../shared/kubernetes/cluster.ts'
import { conditionOf } from '../../../shared/kubernetes/meta.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { duplicate, forbidden, notSupported, required } from './rules/causes.ts'
import { follows, nameFollows } from './rules/fields.ts'
import { labelValue, qualifiedName, subdomain } from './rules/names.ts'
import { ageColumn, nameColumn, NONE, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

const ROLE_PREFIX = 'node-role.kubernetes.io/'
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function statusText(node: Node): string {
  const ready = conditionOf(node.status?.conditions, 'Ready')
  const state = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return node.spec?.unschedulable ? `${state},SchedulingDisabled` : state
}

function roles({ metadata }: Node): string {
  const found = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX) && key !== ROLE_PREFIX) return [key.slice(ROLE_PREFIX.length)]
    return key === 'kubernetes.io/role' && value ? [value] : []
  })
  return [...new Set(found)].sort().join(',') || NONE
}

function address(node: Node, type: string): string {
  return node.status?.addresses?.find((entry) => entry.type === type)?.address ?? NONE
}

function info(node: Node, field: string): string {
  return node.status?.nodeInfo?.[field] || '<unknown>'
}

function taintCauses(node: Node): StatusCause[] {
  const seen = new Set<string>()
  return (node.spec?.taints ?? []).flatMap((taint, i) => {
    const at = `spec.taints[${i}]`
    const causes = [
      ...follows(qualifiedName, `${at}.key`, taint.key ?? ''),
      ...follows(labelValue, `${at}.value`, taint.value ?? ''),
    ]
    if (!taint.effect) causes.push(required(`${at}.effect`))
    else if (!EFFECTS.includes(taint.effect)) {
      causes.push(notSupported(`${at}.effect`, taint.effect, EFFECTS))
    }
    const id = `${taint.key}:${taint.effect}`
    if (seen.has(id)) causes.push({ ...duplicate(at, taint) })
    seen.add(id)
    return causes
  })
}

/** What a node once got it keeps (ValidateNodeUpdate). */
function fixedCauses(node: Node, old: Node): StatusCause[] {
  return (['podCIDR', 'providerID'] as const).flatMap((field) => {
    const before = old.spec?.[field]
    if (!before || before === node.spec?.[field]) return []
    return [
      forbidden(
        `spec.${field}`,
        'node updates may not change ' + field + ' except from "" to valid',
      ),
    ]
  })
}

export const nodeStrategy: Strategy<Node> = {
  kind: nodes,
  subresources: ['status', 'proxy'],
  hasGeneration: false,
  fields: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable ?? false) },
  columns: [
    nameColumn,
    text('Status', statusText),
    text('Roles', roles),
    ageColumn,
    text('Version', (node) => node.status?.nodeInfo?.['kubeletVersion'] ?? ''),
    text('Internal-IP', (node) => address(node, 'InternalIP'), 1),
    text('External-IP', (node) => address(node, 'ExternalIP'), 1),
    text('OS-Image', (node) => info(node, 'osImage'), 1),
    text('Kernel-Version', (node) => info(node, 'kernelVersion'), 1),
    text('Container-Runtime', (node) => info(node, 'containerRuntimeVersion'), 1),
  ],
  default(node) {
    const status = node.status
    if (status?.capacity) status.allocatable ??= { ...status.capacity }
  },
  // A kubelet registers its node together with what it knows of it, so a new node's status is kept (nodeStrategy).
  validate: (node) => [...nameFollows(subdomain, node), ...taintCauses(node)],
  validateUpdate: fixedCauses,
}
