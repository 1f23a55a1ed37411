import { useMutation } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import type { Action } from '../../../shared/stage.ts'
import { sendAction } from '../../live/live.ts'

/** The parts of the dock; a refusal is said in the part that asked. */
export const GROUPS = ['loadbots', 'servers', 'rollout', 'proxy', 'chaos'] as const
export type Group = (typeof GROUPS)[number]

export interface Act {
  /** Asks the stage. Resolves whether it did; a refusal is kept as that group's error, until its next action. */
  act: (group: Group, action: Action) => Promise<boolean>
  /** Says why what was asked for cannot be done now; for a while, in the part it was asked of. */
  refuse: (group: Group, reason: string) => void
  errorOf: (group: Group) => string | null
}

/** Long enough to read two sentences. */
const REASON_MS = 6_000

interface Said {
  text: string
  /** A reason, which passes; what the stage answered stays until the next action. */
  passes: boolean
}

type SaidBy = Partial<Record<Group, Said | null>>

/** Acting, and what was answered when it was refused. */
export function useAct(): Act {
  const [said, setSaid] = useState<SaidBy>({})
  useEffect(() => {
    if (!Object.values(said).some((each) => each?.passes)) return
    const timer = setTimeout(() => setSaid(withoutPassing), REASON_MS)
    return () => clearTimeout(timer)
  }, [said])
  const { mutateAsync } = useMutation({ mutationFn: sendAction })
  const act = useCallback(
    async (group: Group, action: Action): Promise<boolean> => {
      setSaid((old) => ({ ...old, [group]: null }))
      try {
        await mutateAsync(action)
        return true
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        setSaid((old) => ({ ...old, [group]: { text, passes: false } }))
        return false
      }
    },
    [mutateAsync],
  )
  const refuse = useCallback(
    (group: Group, text: string) => setSaid((old) => ({ ...old, [group]: { text, passes: true } })),
    [],
  )
  const errorOf = useCallback((group: Group) => said[group]?.text ?? null, [said])
  return { act, refuse, errorOf }
}

function withoutPassing(said: SaidBy): SaidBy {
  return Object.fromEntries(Object.entries(said).filter(([, each]) => !each?.passes))
}
