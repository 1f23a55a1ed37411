// Who is in the set: each Secret in kube-system that is labelled as such holds a kubeconfig of one other cluster. Making one
// joins, removing one leaves; the other cluster does the same on its side as soon as it is told.
import { leases, secrets, serviceAccounts } from '../../shared/kubernetes/kinds.ts'
import { splitKey } from '../../shared/kubernetes/meta.ts'
import {
  PEER_MESSAGE_ANNOTATION,
  PEER_STATE_ANNOTATION,
} from '../../shared/kubernetes/multicluster.ts'
import { messageOf } from '../machinery/log.ts'
import type { Controller } from '../machinery/controller.ts'
import { source, startController } from '../machinery/controller.ts'
import { createHttpClient } from '../machinery/http-client.ts'
import { connectionOf, KubeconfigError } from '../machinery/kubeconfig.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { OwnAccess } from './credentials.ts'
import {
  grantAccess,
  introduce,
  kubeconfigIn,
  NAMESPACE,
  peerObject,
  peerOf,
  revokeAccess,
} from './credentials.ts'
import { Peer } from './peer.ts'

export interface MembersOptions {
  own: OwnAccess
  /** This service (`namespace/name`) of a peer is to be looked at. */
  onService: (key: string) => void
  /** A peer came, went or was lost; `exported` is what it exports, or did. */
  onPeer: (peer: string, exported: readonly string[]) => void
}

interface Member {
  /** The kubeconfig it is followed with. */
  text: string
  /** Undefined when the kubeconfig leads nowhere. */
  peer: Peer | undefined
}

const PREFIX = peerObject('').name

export class Members implements Running {
  readonly #deps: RoomDeps
  readonly #options: MembersOptions
  readonly #members = new Map<string, Member>()
  readonly #controller: Controller

  constructor(deps: RoomDeps, options: MembersOptions) {
    this.#deps = deps
    this.#options = options
    const keysOf = (peer: string | undefined): string[] =>
      peer === undefined ? [] : [`${NAMESPACE}/${peerObject(peer).name}`]
    this.#controller = startController(deps, {
      name: 'clusterset-members',
      for: serviceAccounts,
      watches: [source(secrets, (secret) => keysOf(peerOf(secret)))],
      reconcile: (key) => this.#reconcile(key),
    })
  }

  /** Those that are followed, connected or not. */
  get peers(): readonly Peer[] {
    return [...this.#members.values()].flatMap(({ peer }) => peer ?? [])
  }

  /** Resolves when all that are members by now are followed. */
  settled(): Promise<void> {
    return this.#controller.settled()
  }

  async close(): Promise<void> {
    await this.#controller.close()
    for (const peer of this.peers) peer.close()
  }

  async #reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    if (namespace !== NAMESPACE || !name.startsWith(PREFIX)) return
    const secret = this.#deps.informers.of(secrets).get(key)
    const peer = name.slice(PREFIX.length)
    if (!secret || peerOf(secret) !== peer || peer === this.#options.own.name) {
      return this.#forget(peer)
    }
    await grantAccess(this.#deps.client, peer)
    const text = kubeconfigIn(secret)
    const member = this.#members.get(peer)
    if (member?.text === text) return
    member?.peer?.close()
    this.#members.set(peer, { text, peer: this.#follow(peer, text) })
  }

  #follow(name: string, text: string): Peer | undefined {
    const { own, onService, onPeer } = this.#options
    const { client, clock, log } = this.#deps
    try {
      const { connection } = connectionOf(text)
      const peer = new Peer({
        name,
        own: own.name,
        client: createHttpClient({ ...connection, userAgent: `podium-clusterset/${own.name}` }),
        clock,
        log: log.named(name),
        introduce: (remote) => introduce(client, remote, { own, peer: name, now: clock.now() }),
        onService,
        onState: (state, message) => {
          this.#say(name, state, message)
          onPeer(name, peer.exported())
        },
      })
      this.#say(name, 'connecting', '')
      return peer
    } catch (error) {
      if (!(error instanceof KubeconfigError)) throw error
      this.#say(name, 'refused', `The kubeconfig of its Secret leads nowhere: ${error.message}.`)
      return undefined
    }
  }

  /** On its Lease, where kubectl and the stage look. */
  #say(name: string, state: string, message: string): void {
    const annotations = { [PEER_STATE_ANNOTATION]: state, [PEER_MESSAGE_ANNOTATION]: message }
    const patch = { metadata: { annotations } }
    this.#deps.log.info(`cluster ${name}: ${state}${message && ` (${message})`}`)
    this.#deps.client
      .patch(leases, peerObject(name), patch, { type: 'merge' })
      .catch((error: unknown) => this.#deps.log.debug(messageOf(error)))
  }

  async #forget(name: string): Promise<void> {
    const peer = this.#members.get(name)?.peer
    this.#members.delete(name)
    if (peer) {
      await peer.leave()
      this.#options.onPeer(name, peer.exported())
    }
    await revokeAccess(this.#deps.client, name)
  }
}
