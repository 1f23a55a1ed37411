// Sets up a pod's volumes and keeps those made of objects up to date.
import type { TokenRequest } from '../../shared/kubernetes/cluster.ts'
import { serviceAccounts } from '../../shared/kubernetes/kinds.ts'
import type { Pod, Volume } from '../../shared/kubernetes/pod.ts'
import { writeAtomically } from './atomic-files.ts'
import { resolveClaim } from './claims.ts'
import type { NodeContext } from './context.ts'
import type { PodPlaces } from './pod-places.ts'
import { prepareDirectory } from './pod-places.ts'
import type { VolumeSources } from './volume-files.ts'
import { filesOf, volumeReferences } from './volume-files.ts'

const DEFAULT_TOKEN_SECONDS = 3607
/** A token is replaced when this part of its life is over (kubelet: token/token_manager.go). */
const RENEW_AFTER = 0.8
/** A token is asked for again this long after a failure, in milliseconds. */
const RENEW_RETRY_MS = 10_000

interface Token {
  token: string
  renewAt: number
}

/** A volume that cannot be set up (yet). */
export class MountError extends Error {
  readonly volume: string
  constructor(volume: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`MountVolume.SetUp failed for volume "${volume}" : ${why}`, { cause })
    this.volume = volume
  }
}

export class PodVolumes {
  readonly #context: NodeContext
  readonly #places: PodPlaces
  readonly #tokens = new Map<string, Token>()
  /** As the pod names them; claims, once set up, as the directories behind them. */
  volumes: readonly Volume[]

  constructor(context: NodeContext, places: PodPlaces, pod: Pod) {
    this.#context = context
    this.#places = places
    this.volumes = pod.spec.volumes ?? []
  }

  /** Makes every volume, or brings it up to date. @throws MountError naming the first that fails. */
  async setUp(pod: Pod, podIP: string | undefined): Promise<void> {
    const { objects, allocatable, caPem, hostIP, deps } = this.#context
    const names = volumeReferences(this.volumes)
    const found = await objects.find(pod.metadata.namespace ?? '', names)
    const resolved: Volume[] = []
    for (const named of this.volumes) {
      try {
        const volume = await resolveClaim(deps.client, pod, named)
        resolved.push(volume)
        await this.#renewTokens(volume, pod, deps.clock.now())
        const sources: VolumeSources = {
          pod,
          addresses: { podIP, hostIP },
          node: allocatable,
          ...found,
          tokens: new Map([...this.#tokens].map(([key, { token }]) => [key, token])),
          caPem,
        }
        const files = filesOf(volume, sources)
        if (files) await writeAtomically(this.#places.volume(volume.name), files)
        else await prepareDirectory(this.#places, volume)
      } catch (error) {
        throw new MountError(named.name, error)
      }
    }
    this.volumes = resolved
  }

  /** When a token must be renewed (ms since the epoch). */
  get renewAt(): number | undefined {
    const times = [...this.#tokens.values()].map(({ renewAt }) => renewAt)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  /** Puts off the next renewal after one that failed. */
  renewLater(now: number): void {
    for (const token of this.#tokens.values()) {
      token.renewAt = Math.max(token.renewAt, now + RENEW_RETRY_MS)
    }
  }

  async #renewTokens(volume: Volume, pod: Pod, now: number): Promise<void> {
    for (const { serviceAccountToken } of volume.projected?.sources ?? []) {
      if (!serviceAccountToken) continue
      const key = `${volume.name}/${serviceAccountToken.path}`
      if ((this.#tokens.get(key)?.renewAt ?? 0) > now) continue
      this.#tokens.set(key, await this.#request(pod, serviceAccountToken, now))
    }
  }

  async #request(
    pod: Pod,
    { audience, expirationSeconds }: { audience?: string; expirationSeconds?: number },
    now: number,
  ): Promise<Token> {
    const { namespace, name: podName, uid } = pod.metadata
    const name = pod.spec.serviceAccountName ?? 'default'
    const request: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      spec: {
        ...(audience !== undefined && { audiences: [audience] }),
        expirationSeconds: expirationSeconds ?? DEFAULT_TOKEN_SECONDS,
        boundObjectRef: {
          kind: 'Pod',
          apiVersion: 'v1',
          ...(podName !== undefined && { name: podName }),
          ...(uid !== undefined && { uid }),
        },
      },
    }
    const { client } = this.#context.deps
    const answer = await client.create(serviceAccounts, request, { subresource: 'token' })
    if (!answer.status) throw new Error('failed to fetch token: the answer has no status')
    const expires = Date.parse(answer.status.expirationTimestamp)
    return { token: answer.status.token, renewAt: now + (expires - now) * RENEW_AFTER }
  }
}
