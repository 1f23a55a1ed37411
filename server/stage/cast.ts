// Who plays which part: the demo's objects by name, and from their selectors the role of each pod.
import type { ConfigMap } from '../../shared/kubernetes/cluster.ts'
import type { Deployment, ReplicationController } from '../../shared/kubernetes/workloads.ts'
import {
  configMaps,
  deployments,
  replicationControllers,
  services,
} from '../../shared/kubernetes/kinds.ts'
import type { Service } from '../../shared/kubernetes/network.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { mapMatcher } from '../../shared/selectors.ts'
import type { Labels } from '../../shared/selectors.ts'
import type { PodRole } from '../../shared/stage.ts'
import type { Informers } from '../machinery/informer.ts'

/** Names of the demo's objects. */
export interface Cast {
  namespace: string
  /** The Deployment whose rollouts are shown. */
  deployment: string
  /** The Service that the loadbots load. */
  service: string
  /** The ReplicationController of the loadbots, and the ConfigMap that tells them their rate. */
  loadbots: string
  /** The ReplicationController and Service of the aggregator. */
  aggregator: string
}

/** The cast's objects as they are now; undefined where they do not exist. */
export interface CastObjects {
  deployment(): Deployment | undefined
  service(): Service | undefined
  loadbots(): ReplicationController | undefined
  aggregator(): ReplicationController | undefined
  /** The ConfigMap that bears the loadbots' name. */
  loadbotConfig(): ConfigMap | undefined
  /** The part a pod plays: servers are what the Service selects, loadbots and aggregators what their controllers select. */
  roleOf(pod: Pod): PodRole
}

/** Reads the cast from the informers; without a demo nobody plays a part. */
export function castObjects(informers: Informers, cast: Cast | null): CastObjects {
  if (!cast) {
    return {
      deployment: () => undefined,
      service: () => undefined,
      loadbots: () => undefined,
      aggregator: () => undefined,
      loadbotConfig: () => undefined,
      roleOf: () => 'other',
    }
  }
  const key = (name: string): string => `${cast.namespace}/${name}`
  const service = (): Service | undefined => informers.of(services).get(key(cast.service))
  const controller = (name: string): ReplicationController | undefined =>
    informers.of(replicationControllers).get(key(name))
  return {
    deployment: () => informers.of(deployments).get(key(cast.deployment)),
    service,
    loadbots: () => controller(cast.loadbots),
    aggregator: () => controller(cast.aggregator),
    loadbotConfig: () => informers.of(configMaps).get(key(cast.loadbots)),
    roleOf(pod) {
      if (pod.metadata.namespace !== cast.namespace) return 'other'
      const parts: [PodRole, Labels | undefined][] = [
        ['server', service()?.spec.selector],
        ['loadbot', partOf(cast.loadbots, controller(cast.loadbots))],
        ['aggregator', partOf(cast.aggregator, controller(cast.aggregator))],
      ]
      const part = parts.find(([, selector]) => mapMatcher(selector)(pod.metadata.labels))
      return part?.[0] ?? 'other'
    },
  }
}

/**
 * The labels of a controller's part. During a rolling update two controllers play it, told apart by the label
 * `deployment`, and for a moment none of that name.
 */
function partOf(name: string, controller: ReplicationController | undefined): Labels | undefined {
  const { deployment: _generation, ...labels } = controller?.spec.selector ?? { run: name }
  return labels
}
