// What holds for the metadata of every object (apimachinery/pkg/api/validation/objectmeta.go).
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { StatusCause } from '../../../shared/status.ts'

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const MAX_ANNOTATIONS = 256 * 1024

const NAME_PART_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

export function validateMetadata({ metadata }: KubeObject): StatusCause[] {
  return [
    ...labelCauses(metadata.labels ?? {}),
    ...annotationCauses(metadata.annotations ?? {}),
    ...(metadata.finalizers ?? []).flatMap((name) =>
      isQualifiedName(name) ? [] : [invalidValue('metadata.finalizers', name, NAME_PART_RULE)],
    ),
    ...ownerCauses(metadata.ownerReferences ?? []),
  ]
}

function invalidValue(field: string, value: string, why: string): StatusCause {
  return {
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    field,
  }
}

/** `name` or `prefix/name` (IsQualifiedName). */
function isQualifiedName(text: string): boolean {
  const parts = text.split('/')
  const name = parts.pop() ?? ''
  const prefix = parts[0]
  if (parts.length > 1 || name.length > 63 || !NAME.test(name)) return false
  return prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix))
}

function labelCauses(labels: Record<string, string>): StatusCause[] {
  const causes: StatusCause[] = []
  for (const [key, value] of Object.entries(labels)) {
    if (!isQualifiedName(key)) causes.push(invalidValue('metadata.labels', key, NAME_PART_RULE))
    if (value.length > 63) {
      causes.push(invalidValue('metadata.labels', value, 'must be no more than 63 bytes'))
    } else if (value !== '' && !NAME.test(value)) {
      causes.push(invalidValue('metadata.labels', value, LABEL_VALUE_RULE))
    }
  }
  return causes
}

function annotationCauses(annotations: Record<string, string>): StatusCause[] {
  const causes: StatusCause[] = []
  let size = 0
  for (const [key, value] of Object.entries(annotations)) {
    size += key.length + value.length
    if (!isQualifiedName(key.toLowerCase())) {
      causes.push(invalidValue('metadata.annotations', key, NAME_PART_RULE))
    }
  }
  if (size > MAX_ANNOTATIONS) {
    const message = `Too long: may not be more than ${MAX_ANNOTATIONS} bytes`
    causes.push({ reason: 'FieldValueTooLong', message, field: 'metadata.annotations' })
  }
  return causes
}

function ownerCauses(
  owners: NonNullable<KubeObject['metadata']['ownerReferences']>,
): StatusCause[] {
  const causes: StatusCause[] = []
  for (const owner of owners) {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (owner[field]) continue
      const message = `Invalid value: ${JSON.stringify(owner[field] ?? '')}: must not be empty`
      causes.push({
        reason: 'FieldValueInvalid',
        message,
        field: `metadata.ownerReferences.${field}`,
      })
    }
  }
  if (owners.filter((owner) => owner.controller).length > 1) {
    const message = 'Invalid value: Only one reference can have Controller set to true'
    causes.push({ reason: 'FieldValueInvalid', message, field: 'metadata.ownerReferences' })
  }
  return causes
}
