// Objects that somebody deleted by typing it: the API server knows who asked, the stage captions it.

/** One object that kubectl was told to delete. */
export interface TypedDeletion {
  /** The kind as it is typed: `pod`. */
  singular: string
  namespace: string | undefined
  name: string
  /** The same for all objects that one command deleted; null: unknown. */
  session: string | null
}

/** Calls back for each. Answers the way to stop. */
export type OnDeletion = (listener: (deletion: TypedDeletion) => void) => () => void
