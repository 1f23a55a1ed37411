import { useState } from 'react'

/**
 * A value that is made of the newest input and of the value before: `fold` runs once for each new `input` (compared by
 * identity, so memoize it) and has to be pure.
 */
export function useFold<I, S>(input: I, fold: (input: I, previous: S | undefined) => S): S {
  const [held, setHeld] = useState<{ input: I; value: S }>()
  if (held && Object.is(held.input, input)) return held.value
  const value = fold(input, held?.value)
  setHeld({ input, value })
  return value
}
