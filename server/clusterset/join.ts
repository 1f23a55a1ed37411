// Joining from the command line: what a kubeconfig leads to becomes a member, as soon as it answers.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { secrets } from '../../shared/kubernetes/kinds.ts'
import { CLUSTER_NAME_PROPERTY, clusterProperties } from '../../shared/kubernetes/multicluster.ts'
import { isAlreadyExists, isNotFound } from '../../shared/status.ts'
import { backoffAfter } from '../machinery/backoff.ts'
import { createHttpClient } from '../machinery/http-client.ts'
import type { HttpClientOptions } from '../machinery/http-connection.ts'
import { connectionOf, KubeconfigError } from '../machinery/kubeconfig.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { kubeconfigIn, membershipSecret, peerObject } from './credentials.ts'
import { within } from './within.ts'

const RETRY = { baseMs: 250, maxMs: 3000 }
const ANSWER_MS = 2000

/**
 * What a kubeconfig file leads to.
 * @throws KubeconfigError with the reason, in words that quote nothing of the file
 */
export async function readConnection(file: string): Promise<HttpClientOptions> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new KubeconfigError((error as NodeJS.ErrnoException).code ?? messageOf(error))
  })
  return connectionOf(text, { base: path.dirname(file) }).connection
}

/** Makes the cluster that `file` leads to a member, once; tries until it answers. `own` is this cluster's name. */
export function startJoin(deps: RoomDeps, { file, own }: { file: string; own: string }): Running {
  let closed = false
  let wake: (() => void) | undefined
  const attempt = async (failures: number): Promise<void> => {
    try {
      await join(deps, file, own)
    } catch (error) {
      if (closed) return
      if (failures === 1) deps.log.warn(`${file} cannot be joined yet: ${messageOf(error)}`)
      await new Promise<void>((resolve) => {
        wake = resolve
        deps.clock.after(backoffAfter(failures, RETRY), resolve)
      })
      if (!closed) await attempt(failures + 1)
    }
  }
  const done = attempt(1)
  return {
    close() {
      closed = true
      wake?.()
      return done
    },
  }
}

async function join({ client, clock, log }: RoomDeps, file: string, own: string): Promise<void> {
  // Read anew each time: a cluster that starts writes its file, perhaps with another port than before.
  const connection = await readConnection(file)
  const name = await nameOf({ clock }, connection)
  if (name === own) {
    log.error(`${file} leads to a cluster that is called ${name}, too; names in a set must differ`)
    return
  }
  const held = await client.get(secrets, peerObject(name)).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
    return undefined
  })
  // What works stays: it may do less than the file.
  if (held && (await leadsTo({ clock }, kubeconfigIn(held), name))) return
  const secret = membershipSecret(name, connection)
  const patch = { metadata: { labels: secret.metadata.labels }, data: secret.data }
  if (held) await client.patch(secrets, peerObject(name), patch, { type: 'merge' })
  else {
    await client.create(secrets, secret).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error
    })
  }
}

async function nameOf(
  { clock }: Pick<RoomDeps, 'clock'>,
  connection: HttpClientOptions,
): Promise<string> {
  const client = createHttpClient(connection)
  const asked = client.get(clusterProperties, { name: CLUSTER_NAME_PROPERTY })
  return (await within(clock, ANSWER_MS, asked)).spec.value
}

async function leadsTo(
  deps: Pick<RoomDeps, 'clock'>,
  kubeconfig: string,
  name: string,
): Promise<boolean> {
  try {
    return (await nameOf(deps, connectionOf(kubeconfig).connection)) === name
  } catch {
    return false
  }
}
