import { useState } from 'react'
import { can } from '../../../shared/gates.ts'
import { SCENES, SCENE_WORDS } from '../../../shared/scenes.ts'
import type { SceneName, SceneWords } from '../../../shared/scenes.ts'
import type { SceneView } from '../../../shared/stage.ts'
import { sendAction, useGateState, useIsConnected, useViews } from '../../live/live.ts'

export interface OfferedScene extends SceneWords {
  name: SceneName
  /** null while it is not on. */
  on: SceneView | null
  /** Why it cannot begin, or end, now; null when it can. */
  startReason: string | null
  endReason: string | null
}

export interface ScenesState {
  scenes: readonly OfferedScene[]
  /** The one that is on. */
  playing: OfferedScene | null
  /** What was answered when something was refused. */
  error: string | null
  /** Resolves whether it began. */
  start: (name: SceneName) => Promise<boolean>
  end: (name: SceneName) => Promise<boolean>
}

const OFFLINE = 'The connection to the stage is lost; scenes come back with it.'

/** The scenes there are, which is on, and the way to begin and end them. */
export function useScenes(): ScenesState {
  const gate = useGateState()
  const isConnected = useIsConnected()
  const held = useViews('scene')
  const [error, setError] = useState<string | null>(null)
  const reasonOf = (verdict: ReturnType<typeof can.startScene>): string | null => {
    if (!isConnected) return OFFLINE
    return verdict.allowed ? null : verdict.reason
  }
  const scenes = SCENES.map((name): OfferedScene => ({
    ...SCENE_WORDS[name],
    name,
    on: held.find(({ key }) => key === name) ?? null,
    startReason: reasonOf(can.startScene(gate, name)),
    endReason: reasonOf(can.endScene(gate, name)),
  }))
  const act = async (type: 'startScene' | 'endScene', scene: SceneName): Promise<boolean> => {
    setError(null)
    try {
      await sendAction({ type, scene })
      return true
    } catch (refusal) {
      setError(refusal instanceof Error ? refusal.message : String(refusal))
      return false
    }
  }
  return {
    scenes,
    playing: scenes.find(({ on }) => on !== null) ?? null,
    error,
    start: (name) => act('startScene', name),
    end: (name) => act('endScene', name),
  }
}
