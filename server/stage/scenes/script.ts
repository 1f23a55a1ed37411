// What a scene is, and what it is played with.
import type { KubeClient } from '../../../shared/client.ts'
import * as kinds from '../../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { ComparisonView } from '../../../shared/traffic.ts'
import { ApiError } from '../../../shared/status.ts'
import type { Clock } from '../../machinery/clock.ts'

const LOOK_EVERY_MS = 200
const USUAL_BOUND_MS = 60_000

/** What a scene's play has at hand. */
export interface Play {
  client: KubeClient
  clock: Clock
  /** The scene's own namespace; it exists. */
  namespace: string
  /** Aborts when the scene is ended. */
  signal: AbortSignal
  /** Where it stands, as a sentence for the hall. */
  say: (message: string) => void
  /** Tells what a comparison of the proxies has found so far. */
  compared: (comparison: ComparisonView) => void
}

export interface Scene {
  /** Looks whether this machine can play it. @throws ApiError 409 with the reason */
  check?: (stage: Pick<Play, 'client'> & { spareMemory: number }) => Promise<void>
  /** Annotations of its Namespace: what has to be put back when the stage dies while it plays. */
  before?: (client: KubeClient) => Promise<Record<string, string>>
  /** Plays it. What it creates outside of its namespace it takes away again itself. */
  play: (play: Play) => Promise<void>
  /** Puts back what is outside of its namespace, by the annotations that `before` answered. */
  restore?: (
    play: Pick<Play, 'client' | 'clock' | 'signal'>,
    annotations: Readonly<Record<string, string>>,
  ) => Promise<void>
  /** It is over when it has been played; others stay on until somebody ends them. */
  endsItself?: true
}

/** Creates the objects, each in the play's namespace, in that order. */
export async function create({ client, namespace }: Play, objects: KubeObject[]): Promise<void> {
  for (const object of objects) {
    const metadata = { ...object.metadata, namespace }
    await client.create(kindOf(object), { ...object, metadata })
  }
}

function kindOf({ apiVersion, kind }: KubeObject): Kind {
  const found = Object.values(kinds)
    .filter((value): value is Kind => typeof value === 'object')
    .find((known) => known.kind === kind && apiVersionOf(known) === apiVersion)
  if (!found) throw new Error(`a scene may not contain a ${kind}`)
  return found
}

/** Waits until `read` answers something. @throws Error when it takes too long, or the scene is ended */
export async function until<T>(
  play: Pick<Play, 'clock' | 'signal'>,
  what: string,
  read: () => Promise<T | undefined>,
  boundMs = USUAL_BOUND_MS,
): Promise<T> {
  const deadline = play.clock.now() + boundMs
  for (;;) {
    const found = await read()
    if (found !== undefined) return found
    if (play.clock.now() > deadline) throw new Error(`${what} took too long.`)
    await pause(play, LOOK_EVERY_MS)
  }
}

/** Waits. @throws Error when the scene is ended */
export function pause(
  { clock, signal }: Pick<Play, 'clock' | 'signal'>,
  ms: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      timer.cancel()
      reject(new Error('The scene was ended.'))
    }
    const timer = clock.after(ms, () => {
      signal.removeEventListener('abort', ended)
      resolve()
    })
    if (signal.aborted) ended()
    else signal.addEventListener('abort', ended, { once: true })
  })
}

/** A refusal with its reason. */
export function cannot(message: string): ApiError {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
  return new ApiError({ ...status, reason: 'Conflict', message, code: 409 })
}
