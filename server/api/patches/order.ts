// The order of a merged list: items that the patch speaks of stand as the patch has them; the others keep their places
// relative to what stood around them (strategicpatch's normalizeElementOrder and mergeSortedSlice).
import { isJsonObject, sameJson } from '../values.ts'

/** Where in `list` the same item stands; -1 when it does not. Items are the same by their merge key, or as values. */
export function orderOf(
  list: readonly unknown[],
  item: unknown,
  mergeKey: string | undefined,
): number {
  if (mergeKey === undefined || !isJsonObject(item)) {
    return list.findIndex((other) => sameJson(other, item))
  }
  return list.findIndex((other) => isJsonObject(other) && sameJson(other[mergeKey], item[mergeKey]))
}

/**
 * `items` with those in `patchOrder` in that order, and the rest interleaved as `liveOrder` had them.
 */
export function inListOrder(
  items: readonly unknown[],
  patchOrder: readonly unknown[],
  liveOrder: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const place = (list: readonly unknown[], item: unknown) => orderOf(list, item, mergeKey)
  const sortedBy = (list: readonly unknown[], members: unknown[]) =>
    members.sort((a, b) => place(list, a) - place(list, b))
  const named = sortedBy(
    patchOrder,
    items.filter((item) => place(patchOrder, item) >= 0),
  )
  const others = sortedBy(
    liveOrder,
    items.filter((item) => place(patchOrder, item) < 0),
  )
  const result: unknown[] = []
  let next = 0
  for (const item of named) {
    while (next < others.length && comesBefore(others[next], item)) {
      result.push(others[next])
      next += 1
    }
    result.push(item)
  }
  return [...result, ...others.slice(next)]

  /** Both stood in the live list, this one further to the front. */
  function comesBefore(other: unknown, item: unknown): boolean {
    const before = place(liveOrder, other)
    return before >= 0 && before < place(liveOrder, item)
  }
}
