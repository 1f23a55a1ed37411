// The indexes of a Job as Kubernetes writes them: `1,3-5,7`.

/** Sorted numbers as text: three or more in a row become `first-last`. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let at = 0; at < sorted.length;) {
    const first = sorted[at]!
    let end = at
    while (sorted[end + 1] === sorted[end]! + 1) end += 1
    const last = sorted[end]!
    if (last === first) parts.push(`${first}`)
    else parts.push(last === first + 1 ? `${first},${last}` : `${first}-${last}`)
    at = end + 1
  }
  return parts.join(',')
}

const RANGE = /^(\d{1,9})(?:-(\d{1,9}))?$/

/**
 * The numbers a text names, none of them `limit` or above.
 * @throws Error in words fit for a validation message
 */
export function parseIndexes(text: string | undefined, limit: number): Set<number> {
  const indexes = new Set<number>()
  if (!text) return indexes
  let previous = -1
  for (const part of text.split(',')) {
    const [, from = '', to = from] = RANGE.exec(part) ?? []
    if (from === '') {
      throw new Error(`cannot convert string to integer for index: "${part.split('-')[0]}"`)
    }
    const [first, last] = [Number(from), Number(to)]
    if (last < first) throw new Error(`non-increasing order, previous: ${first}, current: ${last}`)
    if (first <= previous) {
      throw new Error(`non-increasing order, previous: ${previous}, current: ${first}`)
    }
    if (last >= limit) throw new Error(`too large index: "${last}"`)
    for (let index = first; index <= last; index += 1) indexes.add(index)
    previous = last
  }
  return indexes
}
