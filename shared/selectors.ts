// Label selectors, as metav1.LabelSelector, as plain maps, and as the strings of ?labelSelector=.
import type { LabelSelector, LabelSelectorRequirement } from './kubernetes/meta.ts'

export type Labels = Readonly<Record<string, string>>
export type LabelMatcher = (labels: Labels | undefined) => boolean

function meets(requirement: LabelSelectorRequirement, labels: Labels): boolean {
  // An own property: `constructor` is a label like any other.
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined
  const values = requirement.values ?? []
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}

function requirementsOf(selector: LabelSelector): LabelSelectorRequirement[] {
  const equals = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): LabelSelectorRequirement => ({ key, operator: 'In', values: [value] }),
  )
  return [...equals, ...(selector.matchExpressions ?? [])]
}

/** A matcher for metav1.LabelSelector: absent matches nothing, empty matches everything (LabelSelectorAsSelector). */
export function matcherOf(selector: LabelSelector | undefined): LabelMatcher {
  if (!selector) return () => false
  const { matchLabels = {}, matchExpressions = [] } = selector
  if (matchExpressions.length === 0) {
    // The common case, asked of thousands of pods at a time.
    const entries = Object.entries(matchLabels)
    return (labels = {}) => entries.every(([key, value]) => labels[key] === value)
  }
  const requirements = requirementsOf(selector)
  return (labels = {}) => requirements.every((requirement) => meets(requirement, labels))
}

/** A matcher for the plain map of Services and ReplicationControllers; empty matches nothing. */
export function mapMatcher(selector: Labels | undefined): LabelMatcher {
  const entries = Object.entries(selector ?? {})
  if (entries.length === 0) return () => false
  return (labels = {}) => entries.every(([key, value]) => labels[key] === value)
}

/** The string form of a selector, in order of keys, as `status.selector` of Scale and `?labelSelector=` carry it. */
export function selectorText(selector: LabelSelector | Labels | undefined): string {
  if (!selector) return ''
  const structured = 'matchLabels' in selector || 'matchExpressions' in selector
  const full = (structured ? selector : { matchLabels: selector }) as LabelSelector
  return requirementsOf(full)
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key
      if (operator === 'DoesNotExist') return `!${key}`
      if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
    })
    .join(',')
}

const TERM =
  /^\s*(?:(!)\s*([^\s!=,()]+)|([^\s!=,()]+)(?:\s*(==|=|!=)\s*([^\s!=,()]*)|\s+(in|notin)\s*\(([^)]*)\))?)\s*$/

function parseTerm(term: string): LabelSelectorRequirement | undefined {
  const match = TERM.exec(term)
  if (!match) return undefined
  const [, not, absentKey, key, comparison, value = '', set, members = ''] = match
  if (not) return { key: absentKey!, operator: 'DoesNotExist' }
  if (comparison) {
    return { key: key!, operator: comparison === '!=' ? 'NotIn' : 'In', values: [value] }
  }
  if (set) {
    const values = members.split(',').map((member) => member.trim())
    return { key: key!, operator: set === 'in' ? 'In' : 'NotIn', values }
  }
  return { key: key!, operator: 'Exists' }
}

/** Splits at commas outside of parentheses. */
function splitTerms(text: string): string[] {
  return text.split(/,(?![^(]*\))/)
}

/**
 * Parses `a=b,c!=d,e in (x,y),!f`.
 * @returns the requirements, or undefined when the text is not a selector.
 */
export function parseSelector(text: string): LabelSelector | undefined {
  if (text.trim() === '') return {}
  const requirements = splitTerms(text).map(parseTerm)
  if (requirements.some((requirement) => requirement === undefined)) return undefined
  return { matchExpressions: requirements as LabelSelectorRequirement[] }
}
