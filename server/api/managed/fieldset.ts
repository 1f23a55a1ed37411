// Sets of field paths in the form in which metadata.managedFields carries them (metav1.FieldsV1;
// sigs.k8s.io/structured-merge-diff fieldpath/serialize.go): `f:name` a field, `k:{…}` a list item by its keys, `v:…` a list
// item by its value, and `.` the place itself where something below it is in the set too. A member with nothing below is {}.

export interface FieldSet {
  [element: string]: FieldSet
}

const SELF = '.'

/** True when nothing is in the set. */
export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

function isMember(node: FieldSet | undefined): boolean {
  return node !== undefined && (isEmpty(node) || SELF in node)
}

type Keep = (inA: boolean, inB: boolean) => boolean

function combine(a: FieldSet | undefined, b: FieldSet | undefined, keep: Keep): FieldSet {
  const result: FieldSet = {}
  for (const source of [a, b]) {
    for (const element of Object.keys(source ?? {})) {
      if (element === SELF || element in result) continue
      const [inA, inB] = [a?.[element], b?.[element]]
      const below = combine(inA, inB, keep)
      const member = keep(isMember(inA), isMember(inB))
      if (!isEmpty(below)) result[element] = member ? { [SELF]: {}, ...below } : below
      else if (member) result[element] = {}
    }
  }
  return result
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB)
}

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB)
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB)
}

/** The set with every named field on the way to a member a member too (fieldpath.EnsureNamedFieldsAreMembers). */
export function withNamedFields(set: FieldSet): FieldSet {
  const result: FieldSet = {}
  for (const [element, node] of Object.entries(set)) {
    const below = withNamedFields(node)
    const named = element.startsWith('f:') && !isEmpty(below)
    result[element] = named ? { [SELF]: {}, ...below } : below
  }
  return result
}

/** Whether the set has the element itself, and what it has below it. */
export function at(set: FieldSet, element: string): { member: boolean; below: FieldSet } {
  const node = set[element]
  return { member: isMember(node), below: node ?? {} }
}

/** `below` under one element, with the element itself when `member`. */
export function put(set: FieldSet, element: string, below: FieldSet, member: boolean): void {
  if (!isEmpty(below)) set[element] = member ? { [SELF]: {}, ...below } : below
  else if (member) set[element] = {}
}

/** Every member as Kubernetes prints paths: `.spec.template.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, before = ''): string[] {
  return Object.entries(set).flatMap(([element, node]) => {
    if (element === SELF) return []
    const here = before + printed(element)
    return [...(isMember(node) ? [here] : []), ...pathsOf(node, here)]
  })
}

function printed(element: string): string {
  const text = element.slice(2)
  if (element.startsWith('f:')) return `.${text}`
  if (element.startsWith('v:')) return `[=${text}]`
  if (element.startsWith('i:')) return `[${text}]`
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>)
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}

/** True for JSON that has the form of a set. */
export function isFieldSet(value: unknown): value is FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(
    ([element, below]) => (element === SELF || isElement(element)) && isFieldSet(below),
  )
}

function isElement(element: string): boolean {
  if (element.startsWith('f:')) return true
  if (!/^[kvi]:/.test(element)) return false
  try {
    const value = JSON.parse(element.slice(2)) as unknown
    return !element.startsWith('k:') || (typeof value === 'object' && value !== null)
  } catch {
    return false
  }
}
