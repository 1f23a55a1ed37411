// Finding an object by what one remembers of its name. Pure.
import type { Selection } from '../../live/selection.ts'

export interface Findable {
  selection: Selection
  /** `Pod`, `Service`. */
  kind: string
  /** What is said beside the name: its node, its state. */
  detail: string
  /** What is done before it can be looked into: it is made. Rejects with a sentence for people. */
  make?: () => Promise<void>
  /** The view that shows it, instead of looking into it. */
  goTo?: string
}

const SHOWN = 50

/**
 * Those that `text` means, best first: every word of it must stand in the kind, the name, the namespace or the detail.
 * Names that begin with the first word come before those that only contain it.
 */
export function find(all: readonly Findable[], text: string): Findable[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const scored = all.flatMap((findable) => {
    const score = scoreOf(findable, words)
    return score < 0 ? [] : [{ findable, score }]
  })
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, SHOWN)
    .map(({ findable }) => findable)
}

function scoreOf({ selection, kind, detail }: Findable, words: readonly string[]): number {
  const name = selection.name.toLowerCase()
  const rest = `${kind} ${selection.namespace ?? ''} ${detail}`.toLowerCase()
  let score = 0
  for (const word of words) {
    if (name.startsWith(word)) score += 3
    else if (name.includes(word)) score += 2
    else if (rest.includes(word)) score += 1
    else return -1
  }
  return score
}
