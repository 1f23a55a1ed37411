// What the loadbots are set to send: their ConfigMap says it where they read it from there, else their command line.
import type { ConfigMap } from '../../shared/kubernetes/cluster.ts'
import type { ReplicationController } from '../../shared/kubernetes/workloads.ts'

/** On the loadbots' ConfigMap: requests per second in all that this machine was found to sustain. */
export const FULL_LOAD_ANNOTATION = 'podium.dev/full-load'

/** Whether these loadbots read their rate from the ConfigMap that bears their name. */
export function isAdjustable(
  loadbots: ReplicationController | undefined,
  config: ConfigMap | undefined,
): boolean {
  const name = loadbots?.metadata.name
  const volumes = loadbots?.spec.template?.spec.volumes ?? []
  return config !== undefined && volumes.some(({ configMap }) => configMap?.name === name)
}

/** Requests per second each loadbot is set to send; null when it goes as fast as it can. */
export function ratePerLoadbot(
  loadbots: ReplicationController | undefined,
  config: ConfigMap | undefined,
): number | null {
  const text = isAdjustable(loadbots, config) ? config?.data?.['rate'] : rateOption(loadbots)
  const rate = Number(text ?? Number.NaN)
  return rate > 0 ? rate : null
}

/** The value of `--rate` on the loadbots' command line. */
function rateOption(loadbots: ReplicationController | undefined): string | undefined {
  const container = loadbots?.spec.template?.spec.containers[0]
  const words = [...(container?.command ?? []), ...(container?.args ?? [])]
  const at = words.findIndex((word) => word === '--rate' || word.startsWith('--rate='))
  if (at < 0) return undefined
  return words[at]?.includes('=') ? words[at].slice('--rate='.length) : words[at + 1]
}

/**
 * What the loadbots are set to send per second in all.
 * @returns null when there are none, or when a loadbot goes as fast as it can
 */
export function targetRate(
  loadbots: ReplicationController | undefined,
  config: ConfigMap | undefined,
): number | null {
  const rate = ratePerLoadbot(loadbots, config)
  return loadbots && rate !== null ? rate * (loadbots.spec.replicas ?? 1) : null
}

/** What this machine was found to sustain per second; null when it has not been measured. */
export function fullLoadOf(config: ConfigMap | undefined): number | null {
  const load = Number(config?.metadata.annotations?.[FULL_LOAD_ANNOTATION] ?? Number.NaN)
  return load > 0 ? load : null
}
