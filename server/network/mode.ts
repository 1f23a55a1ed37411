// Where the mode is asked for: `data.mode` of ConfigMap kube-system/service-proxy, with kubectl or from the stage.
import type { ConfigMap } from '../../shared/kubernetes/cluster.ts'
import { SERVICE_PROXY } from '../../shared/kubernetes/cluster.ts'
import { configMaps } from '../../shared/kubernetes/kinds.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import { isAlreadyExists } from '../../shared/status.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps } from '../machinery/room.ts'
import type { ProxyMode } from './proxier.ts'

export type WantedMode = 'auto' | ProxyMode

/** The mode a text names, or undefined. */
export function modeIn(text: string | undefined): WantedMode | undefined {
  return text === 'userspace' || text === 'iptables' || text === 'auto' ? text : undefined
}

/** What the ConfigMap asks for; `auto` when there is none, or it makes no sense. */
export async function modeAskedFor({ informers }: RoomDeps): Promise<WantedMode> {
  const informer = informers.of(configMaps)
  await informer.synced
  return modeIn(informer.get(keyOf({ metadata: SERVICE_PROXY }))?.data?.['mode']) ?? 'auto'
}

/** Makes the ConfigMap, so that it can be patched; an explicit mode is written there. Failures are only logged. */
export async function publishMode({ client, log }: RoomDeps, mode: WantedMode): Promise<void> {
  const metadata = { ...SERVICE_PROXY }
  const config: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { mode } }
  try {
    await client.create(configMaps, config).catch(async (error: unknown) => {
      if (!isAlreadyExists(error)) throw error
      if (mode === 'auto') return
      await client.patch(configMaps, SERVICE_PROXY, { data: { mode } }, { type: 'merge' })
    })
  } catch (error) {
    log.warn(`configmap ${SERVICE_PROXY.name}: ${messageOf(error)}`)
  }
}
