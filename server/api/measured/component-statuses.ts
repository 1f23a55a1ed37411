// ComponentStatus: what of the control plane is there. All of it is one process, so whoever is answered finds all of it.
import { componentStatuses } from '../../../shared/kubernetes/measured-kinds.ts'
import type { ComponentStatus } from '../../../shared/kubernetes/cluster.ts'
import { nameColumn, text } from '../kinds/rules/print.ts'
import type { Strategy } from '../kinds/strategy.ts'

const COMPONENTS = ['scheduler', 'controller-manager', 'etcd-0']

function healthy(name: string): ComponentStatus {
  return {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  }
}

const STATUS: Readonly<Record<string, string>> = { True: 'Healthy', False: 'Unhealthy' }

const healthOf = ({ conditions }: ComponentStatus) =>
  conditions?.find(({ type }) => type === 'Healthy')

export const componentStatusStrategy: Strategy<ComponentStatus> = {
  kind: componentStatuses,
  warning: 'v1 ComponentStatus is deprecated in v1.19+',
  subresources: [],
  hasGeneration: false,
  columns: [
    nameColumn,
    text('Status', (object) => STATUS[healthOf(object)?.status ?? ''] ?? 'Unknown'),
    text('Message', (object) => healthOf(object)?.message ?? ''),
    text('Error', (object) => healthOf(object)?.error ?? ''),
  ],
  validate: () => [],
  measured: { list: () => COMPONENTS.map(healthy) },
}
