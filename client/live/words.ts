// The canvas draws what the feed says at its next frame; what is read rather than watched follows a moment later, all of
// it in one rendering, so that a burst of changes does not keep the tiles waiting.

const WORDS_AFTER_MS = 60

export interface Words {
  /** Calls `listener` soon, once for all the times it was asked for meanwhile. */
  tell(listener: () => void): void
  /** It is no longer called. */
  forget(listener: () => void): void
}

/** `after(ms, run)` runs something once, later. */
export function createWords(after: (ms: number, run: () => void) => unknown = later): Words {
  const due = new Set<() => void>()
  const flush = (): void => {
    const listeners = [...due]
    due.clear()
    for (const listener of listeners) listener()
  }
  return {
    tell(listener) {
      if (due.size === 0) after(WORDS_AFTER_MS, flush)
      due.add(listener)
    },
    forget: (listener) => void due.delete(listener),
  }
}

function later(ms: number, run: () => void): void {
  setTimeout(run, ms)
}
