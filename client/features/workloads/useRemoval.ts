// Deleting, with a way back where there is one.
import { useState } from 'react'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { isAlreadyExists, isApiError } from '../../../shared/status.ts'
import type { TableRow } from '../../live/kube/table.ts'
import { kube } from '../../live/kubernetes.ts'
import { resourceName } from '../../live/selection.ts'
import type { ListedKind } from './kindList.ts'
import { deleteLine, dependentsOf, kindsMadeFor, recreation, whyForGood } from './removal.ts'

/** What the last line of the view says about the last thing done. */
export interface Said {
  words: string
  /** The kubectl line that does the same. */
  command?: string
  isFailure?: boolean
  /** Takes it back. */
  undo?: () => Promise<void>
  /** Does what was asked although there is no way back. */
  proceed?: () => Promise<void>
}

export interface Removal {
  said: Said | null
  say: (said: Said | null) => void
  /** Deletes at once what can be brought back; asks first where there is no way back. */
  remove: (kind: Kind, row: TableRow) => Promise<void>
}

async function readDependents(
  kind: Kind,
  object: KubeObject,
  kinds: readonly ListedKind[],
): Promise<KubeObject[]> {
  const wanted = kindsMadeFor(resourceName(kind))
  const those = kinds.filter((each) => wanted.includes(resourceName(each.kind)))
  const { namespace } = object.metadata
  const lists = await Promise.all(those.map((each) => kube.list(each.kind, { namespace })))
  return dependentsOf(
    object,
    lists.flatMap((list) => list.items),
  )
}

export function useRemoval(kinds: readonly ListedKind[]): Removal {
  const [said, say] = useState<Said | null>(null)

  const guarded = async (doing: () => Promise<void>): Promise<void> => {
    try {
      await doing()
    } catch (error) {
      say({ words: isApiError(error) ? error.message : String(error), isFailure: true })
    }
  }

  const bringBack = (kind: Kind, object: KubeObject, called: string): Promise<void> =>
    guarded(async () => {
      try {
        await kube.create(kind, recreation(object), { fieldManager: 'podium' })
        say({ words: `${called} is back.`, command: 'kubectl create -f -' })
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
        const words = `${called} is there: it is still stopping, or somebody made another.`
        say({ words, isFailure: true, undo: () => bringBack(kind, object, called) })
      }
    })

  const removeNow = (kind: Kind, object: KubeObject, isForGood: boolean): Promise<void> =>
    guarded(async () => {
      const { namespace, name = '', uid } = object.metadata
      const preconditions = uid === undefined ? {} : { uid }
      await kube.delete(kind, { namespace, name }, { preconditions })
      const called = `${kind.kind} ${name}`
      say({
        words: `${called} is deleted.`,
        command: deleteLine(kind, object),
        ...(!isForGood && { undo: () => bringBack(kind, object, called) }),
      })
    })

  const remove = (kind: Kind, row: TableRow): Promise<void> =>
    guarded(async () => {
      const { namespace, name = '' } = row.object.metadata
      const typed = { apiVersion: apiVersionText(kind), kind: kind.kind }
      const object = { ...typed, ...(await kube.get(kind, { namespace, name })) }
      const why = whyForGood(object, await readDependents(kind, object, kinds))
      if (why === null) return removeNow(kind, object, false)
      say({
        words: `Deleting ${kind.kind} ${name} cannot be undone: ${why}.`,
        proceed: () => removeNow(kind, object, true),
      })
    })

  return { said, say, remove }
}

const apiVersionText = ({ group, version }: Kind): string =>
  group === '' ? version : `${group}/${version}`
