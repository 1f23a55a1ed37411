// Starts and ends scenes, and shows which are on: a scene is on while its Namespace exists, whoever made or deletes it.
import os from 'node:os'
import { namespaces } from '../../../shared/kubernetes/kinds.ts'
import type { Namespace } from '../../../shared/kubernetes/cluster.ts'
import { isBeingDeleted } from '../../../shared/kubernetes/meta.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { SceneName } from '../../../shared/scenes.ts'
import { SCENE_LABEL, SCENE_WORDS, sceneOf } from '../../../shared/scenes.ts'
import { isNotFound } from '../../../shared/status.ts'
import type { ComparisonView } from '../../../shared/traffic.ts'
import { messageOf } from '../../machinery/log.ts'
import type { RoomDeps, Running } from '../../machinery/room.ts'
import type { Feed } from '../feed.ts'
import { autoscaling } from './autoscaling.ts'
import { badRelease } from './bad-release.ts'
import { fanOut } from './fan-out.ts'
import { mandelbrot } from './mandelbrot.ts'
import { memory } from './memory.ts'
import { proxies } from './proxies.ts'
import type { Scene } from './script.ts'
import { vertical } from './vertical.ts'

const SCENES: Readonly<Record<SceneName, Scene>> = {
  badRelease,
  autoscaling,
  vertical,
  mandelbrot,
  memory,
  fanOut,
  proxies,
}

export interface Scenes extends Running {
  /** Makes the scene's Namespace and begins to play. @throws ApiError when this machine cannot play it */
  start(name: SceneName): Promise<KubeObject>
  /** Stops playing, puts back what is outside of the Namespace, and deletes it. */
  end(name: SceneName): Promise<KubeObject>
  /** The newest comparison of the proxies. */
  comparison(): ComparisonView | null
}

interface Playing {
  stop: AbortController
  done: Promise<void>
}

/** Starts looking for scenes that are on. Those that end by themselves and were left behind are ended. */
export function startScenes(deps: RoomDeps, feed: Feed): Scenes {
  return new Stagehand(deps, feed)
}

class Stagehand implements Scenes {
  readonly #deps: RoomDeps
  readonly #feed: Feed
  readonly #playing = new Map<SceneName, Playing>()
  readonly #messages = new Map<SceneName, string>()
  readonly #unsubscribe: () => void
  #comparison: ComparisonView | null = null
  #closed = false

  constructor(deps: RoomDeps, feed: Feed) {
    this.#deps = deps
    this.#feed = feed
    const informer = deps.informers.of(namespaces)
    this.#unsubscribe = informer.subscribe(({ type, object }) => this.#show(object, type))
    void informer.synced.then(() => this.#clearUp([...informer.all()]))
  }

  comparison(): ComparisonView | null {
    return this.#comparison
  }

  async start(name: SceneName): Promise<KubeObject> {
    const { client } = this.#deps
    const scene = SCENES[name]
    await scene.check?.({ client, spareMemory: os.freemem() })
    const annotations = (await scene.before?.(client)) ?? {}
    const { namespace } = SCENE_WORDS[name]
    const made = await client.create<Namespace>(namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { [SCENE_LABEL]: name }, annotations },
    })
    const stop = new AbortController()
    const done = this.#play(name, stop.signal, annotations)
    this.#playing.set(name, { stop, done })
    return made
  }

  async end(name: SceneName): Promise<KubeObject> {
    await this.#stop(name)
    const { namespace } = SCENE_WORDS[name]
    const { client } = this.#deps
    const held = await client.get(namespaces, { name: namespace })
    await this.#restore(name, held.metadata.annotations ?? {})
    return client.delete(namespaces, { name: namespace })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#unsubscribe()
    await Promise.all([...this.#playing.keys()].map((name) => this.#stop(name)))
  }

  async #stop(name: SceneName): Promise<void> {
    const playing = this.#playing.get(name)
    playing?.stop.abort()
    await playing?.done
  }

  async #play(name: SceneName, signal: AbortSignal, before: Record<string, string>): Promise<void> {
    const { client, clock, log } = this.#deps
    const scene = SCENES[name]
    const say = (message: string): void => this.#say(name, message)
    const compared = (comparison: ComparisonView): void => {
      this.#comparison = { ...comparison }
    }
    const { namespace } = SCENE_WORDS[name]
    try {
      await scene.play({ client, clock, namespace, signal, say, compared })
    } catch (error) {
      if (!signal.aborted) say(`It could not go on: ${messageOf(error)}`)
    }
    try {
      await this.#restore(name, before)
      if (scene.endsItself && !signal.aborted) await client.delete(namespaces, { name: namespace })
    } catch (error) {
      if (!isNotFound(error)) log.warn(`scene ${name}: ${messageOf(error)}`)
    }
    this.#playing.delete(name)
  }

  /** Not to be stopped by the end of the scene: it is what the end needs. */
  async #restore(name: SceneName, annotations: Readonly<Record<string, string>>): Promise<void> {
    const { client, clock } = this.#deps
    const { signal } = new AbortController()
    await SCENES[name].restore?.({ client, clock, signal }, annotations)
  }

  #say(name: SceneName, message: string): void {
    this.#messages.set(name, message)
    const view = this.#feed.get('scene', name)
    if (view?.phase !== undefined && view.phase !== 'ending') {
      this.#feed.put({ ...view, phase: 'running', message })
    }
  }

  #show(object: Namespace, type: 'added' | 'modified' | 'deleted'): void {
    const name = sceneOf(object.metadata.labels)
    if (name === undefined || object.metadata.name !== SCENE_WORDS[name].namespace) return
    if (type === 'deleted') {
      this.#messages.delete(name)
      return this.#feed.drop('scene', name)
    }
    const isEnding = isBeingDeleted(object)
    // Whoever deletes the Namespace ends the scene: nothing more is made in it.
    if (isEnding) this.#playing.get(name)?.stop.abort()
    this.#feed.put({
      kind: 'scene',
      key: name,
      phase: isEnding ? 'ending' : 'running',
      message: isEnding ? 'Its objects are going.' : (this.#messages.get(name) ?? null),
      since: Date.parse(object.metadata.creationTimestamp ?? '') || this.#deps.clock.now(),
    })
  }

  async #clearUp(held: readonly Namespace[]): Promise<void> {
    for (const { metadata } of held) {
      const name = sceneOf(metadata.labels)
      if (this.#closed || !name || !SCENES[name].endsItself || this.#playing.has(name)) continue
      if (metadata.deletionTimestamp !== undefined) continue
      await this.end(name).catch((error: unknown) => {
        this.#deps.log.warn(`scene ${name}: ${messageOf(error)}`)
      })
    }
  }
}
