// The scene of what the feed says now. The canvas takes it at its next frame; what is written around it, a moment later.
import { useLayoutEffect, useMemo, useSyncExternalStore } from 'react'
import type { ViewKind } from '../../../shared/stage.ts'
import type { Scene } from '../../canvas/scene.ts'
import { sceneOf } from '../../canvas/scene.ts'
import type { SceneSource } from '../../canvas/sceneSource.ts'
import { useShownStores } from '../../live/live.ts'
import type { LiveStores } from '../../live/stores.ts'
import { useFold } from '../../ui/useFold.ts'
import { COUNT_PACE, TILE_PACE } from './views.ts'

/** A place on the page. */
export interface Place {
  /** In CSS pixels. */
  width: number
  height: number
  /** CSS pixels per u. */
  unit: number
}

export interface LiveScene extends SceneSource {
  /** Where it is drawn. */
  readonly placed: Place | null
  /** Where it is drawn from now on. */
  place(place: Place | null): void
}

type Shown = Pick<LiveStores, 'feed' | 'info'>

const SHOWN: readonly ViewKind[] = ['pod', 'node', 'service']

/** A scene that follows the stores. `now` in ms, of any clock that only goes forward. */
export function createLiveScene(shown: Shown, now: () => number): LiveScene {
  const { feed, info } = shown
  const listeners = new Set<() => void>()
  let place: Place | null = null
  let scene: Scene | null = null
  let isStale = true
  let madeAt = Number.NEGATIVE_INFINITY
  let leave: (() => void)[] = []
  const outdate = (): void => {
    isStale = true
    for (const listener of listeners) listener()
  }
  return {
    get isStale() {
      return isStale
    },
    get unit() {
      return place?.unit ?? 1
    },
    get placed() {
      return place
    },
    place(next) {
      place = next
      madeAt = Number.NEGATIVE_INFINITY
      outdate()
    },
    current() {
      if (!place) return null
      const isEarly = now() - madeAt < TILE_PACE(feed.getAll('pod').size)
      if (!isStale || isEarly) return scene
      scene = sceneNow(shown, place, scene)
      isStale = false
      madeAt = now()
      return scene
    },
    subscribe(onNews) {
      listeners.add(onNews)
      if (listeners.size === 1) {
        isStale = true
        leave = [...SHOWN.map((kind) => feed.subscribe(kind, outdate)), info.subscribe(outdate)]
      }
      return () => {
        listeners.delete(onNews)
        if (listeners.size === 0) for (const each of leave.splice(0)) each()
      }
    },
  }
}

function sceneNow(
  { feed, info }: Shown,
  { width, height, unit }: Place,
  previous: Scene | null,
): Scene {
  const input = {
    width: width / unit,
    height: height / unit,
    pods: feed.list('pod'),
    nodes: feed.list('node'),
    service: feed.list('service')[0] ?? null,
    knownVersions: info.getState().info?.versions ?? [],
  }
  return sceneOf(input, previous)
}

/** In ms since the page began. */
const pageClock = (): number => performance.now()

/** What stands beside the drawing is read, not watched; the drawing goes first. */
const WORDS_AFTER_MS = 60

/** The scene for what is written around the drawing: at once when its place changed, else a moment later. */
function createWordedScene(live: LiveScene, { feed }: Shown) {
  let scene: Scene | null = null
  let place: Place | null = null
  return {
    current: () => scene,
    subscribe: (onChange: () => void): (() => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const take = (): void => {
        clearTimeout(timer)
        timer = undefined
        place = live.placed
        scene = live.current()
        onChange()
      }
      const onNews = (): void => {
        if (live.placed !== place) return take()
        const pace = Math.max(WORDS_AFTER_MS, COUNT_PACE(feed.getAll('pod').size))
        timer ??= setTimeout(take, pace)
      }
      const stop = live.subscribe(onNews)
      onNews()
      return () => {
        stop()
        clearTimeout(timer)
      }
    },
  }
}

const foldScene = (scene: Scene | null, before: Scene | null | undefined): Scene | null =>
  scene ?? before ?? null

/**
 * The scene of the stage on a place of that size (CSS pixels): the source for the canvas, and the scene itself for what is
 * written around it, up to a quarter of a second later; null before the size is known.
 */
export function useLiveScene(
  size: { width: number; height: number } | null,
  unit: number,
): [LiveScene, Scene | null] {
  const shown = useShownStores()
  const { live, worded } = useMemo(() => {
    const made = createLiveScene(shown, pageClock)
    return { live: made, worded: createWordedScene(made, shown) }
  }, [shown])
  // From now to the past and back: what was drawn last stays until there is another.
  const scene = useFold(useSyncExternalStore(worded.subscribe, worded.current), foldScene)
  useLayoutEffect(() => live.place(size && { ...size, unit }), [live, size, unit])
  return [live, scene]
}
