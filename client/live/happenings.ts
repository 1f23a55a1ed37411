// What a command means to those who watch a chart. Pure.

export interface Happening {
  /** `v2 update begins`, `8 loadbots`. */
  words: string
  /** An update changes what the chart is about; a note changes how much. */
  weight: 'update' | 'note'
}

const PATTERNS: readonly [RegExp, Happening['weight'], (match: RegExpExecArray) => string][] = [
  [/ set image .*:(\S+)$/, 'update', ([, version]) => `${version} update begins`],
  [/ rollout undo /, 'update', () => 'roll back'],
  [/ rollout pause /, 'note', () => 'paused'],
  [/ rollout resume /, 'note', () => 'resumed'],
  [
    / scale \S+[ /](\S+) --replicas=(\d+)/,
    'note',
    ([, name, count]) => `${count} ${name}${name === 'loadbot' && count !== '1' ? 's' : ''}`,
  ],
]

/** What the command did, in words for a chart; null when it is not worth a mark. */
export function happeningOf(line: string): Happening | null {
  for (const [pattern, weight, words] of PATTERNS) {
    const match = pattern.exec(line)
    if (match) return { weight, words: words(match) }
  }
  return null
}
