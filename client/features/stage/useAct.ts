import { useMutation } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import type { Action } from '../../../shared/stage.ts'
import { sendAction } from '../../live/live.ts'

/** The parts of the dock; a refusal is said in the part that asked. */
export type Group = 'loadbots' | 'servers' | 'rollout' | 'proxy' | 'chaos'

export interface Act {
  /** Asks the stage. Resolves whether it did; a refusal is kept as that group's error, until its next action. */
  act: (group: Group, action: Action) => Promise<boolean>
  errorOf: (group: Group) => string | null
}

/** Acting, and what was answered when it was refused. */
export function useAct(): Act {
  const [errors, setErrors] = useState<Partial<Record<Group, string | null>>>({})
  const { mutateAsync } = useMutation({ mutationFn: sendAction })
  const act = useCallback(
    async (group: Group, action: Action): Promise<boolean> => {
      setErrors((old) => ({ ...old, [group]: null }))
      try {
        await mutateAsync(action)
        return true
      } catch (error) {
        const sentence = error instanceof Error ? error.message : String(error)
        setErrors((old) => ({ ...old, [group]: sentence }))
        return false
      }
    },
    [mutateAsync],
  )
  const errorOf = useCallback((group: Group) => errors[group] ?? null, [errors])
  return { act, errorOf }
}
